import type { Budget } from "../budgets/budget.ts";
import { budgetPeriodAt } from "../budgets/budget-period.ts";
import { type BudgetStatus, evaluateBudget } from "../budgets/evaluate-budget.ts";
import { listBudgets } from "../db/budgets.ts";
import { type DailyCost, forecastPeriodEnd } from "../forecast/forecast-period-end.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import { sum } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";
import { dayOf, type LocalDay } from "../time/zone.ts";
import type { DailyHistory } from "./daily-history.ts";
import type { StatedSources } from "./page-context.ts";

/** A budget with where it stands now, from the ledger as it is, not as the last evaluation saw it. */
export type BudgetLine = {
  readonly budget: Budget;
  readonly status: BudgetStatus;
  /** False for a budget in another currency than totals are stated in: its amount meets no figure of this page. */
  readonly isComparable: boolean;
};

/**
 * Every budget with its status, the most used first. Budgets of one zone and one kind of scope share one question, so a
 * page with many budgets asks as little as one with few.
 */
export async function loadBudgetLines(
  { state, stated }: Pick<StatedSources, "state" | "stated">,
  history: DailyHistory,
  now: Instant,
): Promise<BudgetLine[]> {
  const budgets = await listBudgets(state.db);
  const lines = await Promise.all(
    budgets.map(async (budget) => {
      const isComparable = budget.currency === stated.currency;
      const rows = isComparable ? await history.read(budget.zone, scopeDimension(budget), {}) : [];
      return { ...budgetLine(budget, rows, now), isComparable };
    }),
  );
  return lines.toSorted((a, b) => b.status.used - a.status.used);
}

/** Everything is the sum of the teams, nobody's cost included. */
function scopeDimension({ scope }: Budget): "team" | "deployment" | "model" {
  return scope.kind === "everything" ? "team" : scope.kind;
}

function budgetLine(budget: Budget, rows: readonly ChargeSum[], now: Instant): Omit<BudgetLine, "isComparable"> {
  const period = budgetPeriodAt(budget, now);
  const firstDay = dayOf(period.start, budget.zone);
  const own = rows.filter((row) => isCounted(budget, row));
  const daily = dailyCosts(own);
  const inPeriod = own.filter((row) => (row.bucket ?? "") >= firstDay);
  const spent = sum(inPeriod.map((row) => row.contractedCost));
  const forecast = forecastPeriodEnd({ daily, spent, period, zone: budget.zone, now });
  const status = evaluateBudget(
    budget,
    period,
    {
      contractedCost: spent,
      contractedCostUpper: sum(inPeriod.map((row) => row.contractedCostUpper)),
      contractedCostAtMost: sum(inPeriod.map((row) => row.contractedCostAtMost)),
      unpricedTokens: inPeriod.reduce((a, row) => a + row.unpricedTokens, 0n),
    },
    forecast,
    now,
  );
  return { budget, status };
}

function isCounted({ scope }: Budget, { keys }: ChargeSum): boolean {
  switch (scope.kind) {
    case "everything":
      return true;
    case "team":
      return keys.team === scope.team;
    case "deployment":
      return keys.deployment === scope.deployment;
    case "model":
      return keys.model === scope.model;
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
