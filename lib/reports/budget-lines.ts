import type { Principal } from "../auth/principal.ts";
import type { Budget } from "../budgets/budget.ts";
import { budgetPeriodAt } from "../budgets/budget-period.ts";
import { type BudgetStatus, evaluateBudget } from "../budgets/evaluate-budget.ts";
import { listBudgets } from "../db/budgets.ts";
import { type DailyCost, forecastPeriodEnd } from "../forecast/forecast-period-end.ts";
import type { ChargeFilter, ChargeSum } from "../ledger/charge-query.ts";
import { sum } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";
import { addDays, dayOf, type LocalDay, periodOfDays, startOfDay } from "../time/zone.ts";
import type { ReportSources } from "./page-context.ts";

/** A budget with where it stands now, from the ledger as it is, not as the last evaluation saw it. */
export type BudgetLine = {
  readonly budget: Budget;
  readonly status: BudgetStatus;
  readonly daily: readonly DailyCost[];
};

/** A forecast learns from this many days before the period; weekly patterns need a few months and no more. */
const HISTORY_DAYS = 120;

/** Every budget with its status, the most used first. */
export async function loadBudgetLines(
  principal: Principal,
  sources: Pick<ReportSources, "ledger" | "state">,
  now: Instant,
): Promise<BudgetLine[]> {
  const budgets = await listBudgets(sources.state.db);
  const lines = await Promise.all(budgets.map((budget) => budgetLine(principal, sources, budget, now)));
  return lines.toSorted((a, b) => b.status.used - a.status.used);
}

/** One budget with its status. */
export async function budgetLine(
  principal: Principal,
  { ledger }: Pick<ReportSources, "ledger">,
  budget: Budget,
  now: Instant,
): Promise<BudgetLine> {
  const period = budgetPeriodAt(budget, now);
  const from = startOfDay(addDays(dayOf(period.start, budget.zone), -HISTORY_DAYS), budget.zone);
  const rows = await ledger.sumCharges({
    sees: principal.sees,
    period: periodOfDays(dayOf(from, budget.zone), addDays(dayOf(now, budget.zone), 1), budget.zone),
    zone: budget.zone,
    grain: "day",
    groupBy: [],
    filter: budgetFilter(budget),
  });
  const daily = dailyCosts(rows);
  const firstDay = dayOf(period.start, budget.zone);
  const inPeriod = rows.filter((row) => (row.bucket ?? "") >= firstDay);
  const spent = sum(inPeriod.map((row) => row.contractedCost));
  const forecast = forecastPeriodEnd({ daily, spent, period, zone: budget.zone, now });
  const status = evaluateBudget(
    budget,
    period,
    {
      contractedCost: spent,
      contractedCostUpper: sum(inPeriod.map((row) => row.contractedCostUpper)),
      unpricedTokens: inPeriod.reduce((a, row) => a + row.unpricedTokens, 0n),
    },
    forecast,
    now,
  );
  return { budget, status, daily: daily.filter((row) => row.day >= firstDay) };
}

/** The charges that a budget counts. */
export function budgetFilter({ scope }: Budget): ChargeFilter {
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

/** Sums by day as daily costs. */
export function dailyCosts(rows: readonly ChargeSum[]): DailyCost[] {
  return rows.flatMap((row) => (row.bucket === null ? [] : [{ day: localDay(row.bucket), cost: row.contractedCost }]));
}

/** The ledger promises that the bucket of a day is a calendar day. */
function localDay(bucket: string): LocalDay {
  return bucket as LocalDay;
}

/** What the scope of a budget is called. */
export function scopeName({ scope }: Budget): string {
  switch (scope.kind) {
    case "everything":
      return "Everything";
    case "team":
      return `Team ${scope.team}`;
    case "deployment":
      return `Deployment ${scope.deployment}`;
    case "model":
      return `Model ${scope.model}`;
  }
}
