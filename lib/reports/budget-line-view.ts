import type { Budget } from "../budgets/budget.ts";
import { formatShare } from "../format/format-count.ts";
import { type CostMark, costMark, formatMoney } from "../format/format-money.ts";
import { formatDays } from "../format/format-time.ts";
import type { ChargeFilter } from "../ledger/charge-query.ts";
import { type Money, money } from "../money/money.ts";
import { dayOf } from "../time/zone.ts";
import { toReceiptParam } from "../url/figure-ref.ts";
import { type Amount, amountOf } from "./amount.ts";
import { type BudgetLine, scopeName } from "./budget-lines.ts";
import { budgetOutlook } from "./overview-sentence.ts";

export type BudgetLineView = {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly period: string;
  readonly spent: Amount;
  readonly amount: Amount;
  /** `$17.20 left` or `$3.10 over`. */
  readonly left: string;
  readonly mark: CostMark | undefined;
  readonly used: number;
  readonly usedText: string;
  readonly elapsed: number;
  readonly elapsedText: string;
  readonly forecast: Amount | null;
  readonly forecastShare: number | null;
  readonly state: "ok" | "warning" | "over";
  readonly note: string;
  /** Opens what its scope cost, and what is left of it. */
  readonly receipts: { readonly spent: string; readonly left: string };
};

const UNKNOWN: Amount = { shown: "unknown", exact: "", full: "nothing has been read yet" };

/** A budget as a line of a list, in its own currency. What was spent is unknown while nothing was read, and in another currency. */
export function budgetLineView(line: BudgetLine, hasRead: boolean): BudgetLineView {
  const { budget, status, isComparable } = line;
  const { currency } = budget;
  const isRead = hasRead && isComparable;
  return {
    id: budget.id,
    name: budget.name,
    scope: scopeName(budget),
    period: formatDays(dayOf(status.period.start, budget.zone), dayOf(status.period.end, budget.zone)),
    spent: isRead ? amountOf(status.spent, currency) : UNKNOWN,
    amount: amountOf(budget.amount, currency),
    left: isRead ? leftText(status.remaining, currency) : "unknown left",
    mark: costMark(status),
    used: status.used,
    usedText: isRead ? formatShare(status.spent, budget.amount) : "unknown",
    elapsed: status.elapsed,
    elapsedText: `${Math.round(status.elapsed * 100)}\u00a0% of the period is over`,
    forecast: status.forecast ? amountOf(status.forecast.total, currency) : null,
    forecastShare: status.forecast ? Number(status.forecast.total) / Number(budget.amount) : null,
    state: status.state,
    receipts: budgetReceipts(line),
    note: isComparable ? budgetOutlook(line) : `in ${currency}: choose it under Settings to see what was spent`,
  };
}

/** The links to what a budget's scope cost in its period and to what is left of its amount. */
export function budgetReceipts({ budget, status }: BudgetLine): BudgetLineView["receipts"] {
  const place = { period: status.period, zone: budget.zone, filter: scopeFilter(budget) };
  return {
    spent: toReceiptParam({ ...place, title: `Spent of ${budget.name}` }),
    left: toReceiptParam({ ...place, title: `Left of ${budget.name}`, measure: "budget", budget: budget.id }),
  };
}

function scopeFilter({ scope }: Budget): ChargeFilter {
  switch (scope.kind) {
    case "everything":
      return {};
    case "team":
      return { team: { include: [scope.team] } };
    case "deployment":
      return { deployment: { include: [scope.deployment] } };
    case "model":
      return { model: { include: [scope.model] } };
  }
}

function leftText(remaining: Money, currency: string): string {
  return remaining < 0n
    ? `${formatMoney(money(-remaining), { currency })} over`
    : `${formatMoney(remaining, { currency })} left`;
}
