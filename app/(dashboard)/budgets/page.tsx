import type { Metadata } from "next";
import Link from "next/link";
import { BudgetDialog } from "#components/budgets/budget-dialog.tsx";
import { BudgetMeter } from "#components/budgets/budget-meter.tsx";
import { BudgetState } from "#components/budgets/budget-state.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { ReceiptLink } from "#components/shell/receipt-link.tsx";
import { buttonStyle } from "#components/ui/button.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { StateWord } from "#components/ui/state-word.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { type BudgetDetail, loadBudgets } from "#lib/reports/load-budgets.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Budgets" };

export default async function BudgetsPage({ searchParams }: PageProps<"/budgets">) {
  const { context, budgets, offered } = await loadBudgets(
    await currentPrincipal(),
    parseReportParams(await searchParams),
  );
  const create = (
    <Link href="/budgets?edit=new" scroll={false} className={buttonStyle({ tone: "main", size: "small" })}>
      New budget
    </Link>
  );
  return (
    <PageFrame
      needsLedger={false}
      title="Budgets"
      path="/budgets"
      context={context}
      controls={{ period: false, compare: false, filters: false }}
    >
      <Panel
        title="Where the budgets stand"
        unit={`${context.currency}, most used first`}
        aside={budgets.length > 0 ? create : null}
      >
        {budgets.length === 0 ? (
          <PanelEmpty title="No budget yet.">
            <p className="mb-3">
              A budget says how much everything, a team, a deployment or a model may cost, and warns before it is
              passed.
            </p>
            {create}
          </PanelEmpty>
        ) : (
          <ul className="divide-y">
            {budgets.map((budget) => (
              <BudgetItem key={budget.id} budget={budget} />
            ))}
          </ul>
        )}
      </Panel>
      <BudgetDialog
        forms={budgets.map(({ form }) => form)}
        offered={offered}
        defaults={{
          id: null,
          name: "",
          scope: { kind: "everything" },
          amount: "",
          period: "month",
          zone: context.reportingZone,
          fiscalStart: context.fiscalStart,
          thresholds: [
            { basis: "actual", percent: 50 },
            { basis: "actual", percent: 80 },
            { basis: "actual", percent: 100 },
            { basis: "forecast", percent: 100 },
          ],
        }}
      />
    </PageFrame>
  );
}

function BudgetItem({ budget }: { budget: BudgetDetail }) {
  return (
    <li
      className="figures grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)] gap-x-8 gap-y-2 px-4 py-3 max-md:grid-cols-1"
      data-row={budget.name}
    >
      <div>
        <Link href={`/budgets?edit=${budget.id}`} scroll={false} className="link font-medium decoration-transparent">
          {budget.name}
        </Link>
        <p className="text-sm text-muted">
          {budget.scope} · {budget.period}
        </p>
        <p className="mt-1 text-sm">
          <BudgetState state={budget.state} /> <span className="text-muted">· {budget.note}</span>
        </p>
      </div>
      <div>
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <span>
            <ReceiptLink
              receipt={budget.receipts.spent}
              exact={budget.spent.exact}
              className="link decoration-transparent"
            >
              {budget.mark} {budget.spent.shown}
            </ReceiptLink>
            <span className="text-muted">
              {" "}
              of <span data-exact={budget.amount.exact}>{budget.amount.shown}</span> ({budget.usedText}),{" "}
              <ReceiptLink receipt={budget.receipts.left} className="link decoration-transparent">
                {budget.left}
              </ReceiptLink>
            </span>
          </span>
          {budget.forecast ? (
            <span className="text-sm text-muted">
              forecast <span data-exact={budget.forecast.exact}>{budget.forecast.shown}</span>
            </span>
          ) : null}
        </div>
        <BudgetMeter used={budget.used} elapsed={budget.elapsed} forecast={budget.forecastShare} state={budget.state} />
        <ul className="mt-1 flex flex-wrap gap-x-4 text-sm">
          {budget.thresholds.map((threshold) => (
            <li key={threshold.text} title={threshold.detail}>
              {threshold.isReached ? (
                <StateWord state="firing">{threshold.text} passed</StateWord>
              ) : (
                <span className="text-muted">○ {threshold.text}</span>
              )}
            </li>
          ))}
          <li className="ml-auto text-faint">{budget.elapsedText}</li>
        </ul>
      </div>
    </li>
  );
}
