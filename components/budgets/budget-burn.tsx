import Link from "next/link";
import type { BudgetLineView } from "#lib/reports/budget-line-view.ts";
import { ReceiptLink } from "../shell/receipt-link.tsx";
import { buttonStyle } from "../ui/button.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { BudgetMeter } from "./budget-meter.tsx";
import { BudgetState } from "./budget-state.tsx";

/** The budgets as burn lines, the most used first. */
export function BudgetBurn({ budgets }: { budgets: readonly BudgetLineView[] }) {
  return (
    <Panel title="Budgets" unit="most used first">
      {budgets.length === 0 ? (
        <PanelEmpty title="No budget yet.">
          <p className="mb-2">
            A budget says how much a team, a deployment, a model or everything may cost, and warns before it is passed.
          </p>
          <Link href="/budgets?edit=new" className={buttonStyle({ size: "small" })}>
            Create a budget
          </Link>
        </PanelEmpty>
      ) : (
        <ul className="figures divide-y">
          {budgets.map((budget) => (
            <li key={budget.id} className="px-4 py-2" data-row={budget.name}>
              <div className="flex items-baseline justify-between gap-3">
                <Link href={`/budgets?edit=${budget.id}`} className="link truncate decoration-transparent">
                  {budget.name}
                </Link>
                <span className="text-sm whitespace-nowrap">
                  <ReceiptLink
                    receipt={budget.receipts.spent}
                    exact={budget.spent.exact}
                    className="link decoration-transparent"
                  >
                    {budget.mark} {budget.spent.shown}
                  </ReceiptLink>
                  <span className="text-faint"> of {budget.amount.shown}</span>
                </span>
              </div>
              <BudgetMeter
                used={budget.used}
                elapsed={budget.elapsed}
                forecast={budget.forecastShare}
                state={budget.state}
              />
              <div className="flex justify-between gap-3 text-sm text-muted">
                <span>
                  <BudgetState state={budget.state} /> · {budget.usedText} used, {budget.note}
                </span>
                <span className="whitespace-nowrap max-md:hidden">{budget.elapsedText}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
