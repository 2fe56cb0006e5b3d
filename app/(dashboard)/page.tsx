import type { Metadata } from "next";
import { BudgetBurn } from "#components/budgets/budget-burn.tsx";
import { ChartPanel } from "#components/charts/chart-panel.tsx";
import { Sparkline } from "#components/charts/sparkline.tsx";
import { ChangeBridge } from "#components/costs/change-bridge.tsx";
import { HealthPanel } from "#components/costs/health-panel.tsx";
import { SentenceLine } from "#components/costs/sentence-line.tsx";
import { CutSwitch } from "#components/filters/cut-switch.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { FigureTile, Tiles } from "#components/ui/figure-tile.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { formatDays } from "#lib/format/format-time.ts";
import { loadOverview } from "#lib/reports/load-overview.ts";
import { OVERVIEW_CUTS } from "#lib/reports/overview-cut.ts";
import { parseReportParams, toHref } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage({ searchParams }: PageProps<"/">) {
  const params = parseReportParams(await searchParams);
  const report = await loadOverview(await currentPrincipal(), params);
  const { context, by } = report;
  return (
    <PageFrame title="Overview" path="/" context={context} controls={{ period: true, compare: true, filters: true }}>
      <SentenceLine sentence={report.sentence} />
      <Tiles>
        <FigureTile
          label="Cost"
          amount={report.total.amount}
          receipt={report.total.receipt}
          mark={report.mark}
          change={report.change ?? context.comparedNote ?? "no comparison"}
          sparkline={<Sparkline values={report.daily} />}
        />
        {report.compared ? (
          <FigureTile
            label={formatDays(report.compared.days.from, report.compared.days.to)}
            amount={report.compared.amount}
            receipt={report.compared.receipt}
          />
        ) : null}
        {report.forecast ? (
          <FigureTile
            label="Forecast of the month"
            amount={report.forecast.amount}
            receipt={report.forecast.receipt}
            mark="estimate"
            isEstimate
            change={report.forecast.range ?? report.forecast.note}
          />
        ) : null}
        {report.budget ? (
          <FigureTile
            label={report.budget.label}
            amount={report.budget.left.amount}
            receipt={report.budget.left.receipt}
            mark={report.budget.state === "ok" ? undefined : report.budget.state}
            change={`${report.budget.used}, ${report.budget.note}`}
          />
        ) : null}
        <FigureTile
          label="Without an owner"
          amount={report.unowned.amount}
          receipt={report.unowned.receipt}
          change={`${report.unownedShare} of the cost`}
        />
        <FigureTile
          label="Tokens without a price"
          amount={report.unpricedTokens.amount}
          receipt={report.unpricedTokens.receipt}
          change={`${report.unpricedShare} of the tokens, not in the cost`}
        />
      </Tiles>
      <ChartPanel
        title={`Cost by day and ${by}`}
        model={report.chart}
        kind="bars"
        height={280}
        aside={
          <CutSwitch
            label="Stacked by"
            items={OVERVIEW_CUTS.map((cut) => ({
              name: cut,
              href: toHref("/", { ...params, by: cut }),
              isOn: cut === by,
            }))}
          />
        }
        empty={{
          title: "No cost in this period.",
          next: "Choose other days, or look on Data whether a source has been read yet.",
        }}
      />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          {report.running ? (
            <ChartPanel
              title="Where the month ends"
              model={report.running}
              kind="lines"
              height={232}
              empty={{ title: "No cost this month.", next: "The line begins with the first charge." }}
            />
          ) : null}
          <Panel title={`Top movers by ${by}`} unit={context.currency} id="movers">
            <DataTable
              name={`Top movers by ${by}`}
              columns={[
                { id: "name", title: by },
                { id: "days", title: "by day", align: "right" },
                { id: "cost", title: "cost", align: "right", isMain: true },
                { id: "change", title: "change", align: "right", isMain: true },
                { id: "percent", title: "in per cent", align: "right" },
              ]}
              rows={report.movers}
              empty={<PanelEmpty title="No cost in this period.">Choose other days.</PanelEmpty>}
            />
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <ChangeBridge bridge={report.bridge} />
          <BudgetBurn budgets={report.budgets} />
          <HealthPanel health={report.health} />
        </div>
      </div>
    </PageFrame>
  );
}
