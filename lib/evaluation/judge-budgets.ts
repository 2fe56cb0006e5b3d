import { setImmediate } from "node:timers/promises";
import type { BudgetCrossing } from "../alerts/alert.ts";
import { type LatchResult, latchThresholds } from "../alerts/budget-latch.ts";
import type { Budget } from "../budgets/budget.ts";
import { budgetPeriodAt } from "../budgets/budget-period.ts";
import { type BudgetStatus, evaluateBudget } from "../budgets/evaluate-budget.ts";
import type { StoredBudgetStatus } from "../db/budget-statuses.ts";
import { type DailyCost, forecastPeriodEnd } from "../forecast/forecast-period-end.ts";
import { type Money, sum } from "../money/money.ts";
import { HOUR_MS, type Instant, type Period } from "../time/instant.ts";
import { dayOf, type LocalDay } from "../time/zone.ts";
import type { ScopeSpend, SpendSource } from "./spend-source.ts";

/** A period that is over is looked at until its figures are final. */
export const SETTLING_MS = 72 * HOUR_MS;

/** What one budget came to in one period, ready to be written. */
export type Judgement = {
  readonly budget: Budget;
  readonly status: BudgetStatus;
  readonly latch: LatchResult;
  readonly stored: StoredBudgetStatus & { readonly spentUpper: Money; readonly unpricedTokens: bigint };
};

export type Outcome =
  | { readonly kind: "judged"; readonly judgement: Judgement }
  | { readonly kind: "waiting"; readonly budget: Budget }
  | { readonly kind: "failed"; readonly budget: Budget; readonly message: string };

/** A budget and a period of it to be judged, with what is remembered of both. */
export type Task = {
  readonly budget: Budget;
  readonly period: Period;
  readonly crossings: readonly BudgetCrossing[];
  readonly last: StoredBudgetStatus | null;
};

/**
 * What has to be judged at `now`: every budget in its current period, and each period that is over but not closed, by the
 * revision that it ended with.
 */
export function tasksAt(input: {
  readonly budgets: readonly Budget[];
  readonly statuses: readonly StoredBudgetStatus[];
  readonly crossings: readonly BudgetCrossing[];
  readonly now: Instant;
  readonly revisionOf: (status: StoredBudgetStatus) => Budget | undefined;
}): Task[] {
  const statuses = Map.groupBy(input.statuses, (status) => status.budgetId);
  const crossings = Map.groupBy(input.crossings, (crossing) => crossing.budgetId);
  return input.budgets.flatMap((budget) => {
    const current = budgetPeriodAt(budget, input.now);
    const known = statuses.get(budget.id) ?? [];
    const ofPeriod = (period: Period) =>
      (crossings.get(budget.id) ?? []).filter((crossing) => crossing.period.start === period.start);
    const over = known.flatMap((last) => {
      const then = last.period.end <= input.now ? input.revisionOf(last) : undefined;
      return then ? [{ budget: then, period: last.period, crossings: ofPeriod(last.period), last }] : [];
    });
    const last = known.find((status) => status.period.start === current.start) ?? null;
    return [...over, { budget, period: current, crossings: ofPeriod(current), last }];
  });
}

/** Judges tasks one after another, letting other work in between; a question that fails concerns its own budget only. */
export async function judgeBudgets(
  tasks: readonly Task[],
  source: SpendSource,
  slot: number,
  now: Instant,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const task of tasks) {
    outcomes.push(await judge(task, source, slot, now));
    await setImmediate();
  }
  return outcomes;
}

async function judge(task: Task, source: SpendSource, slot: number, now: Instant): Promise<Outcome> {
  const { budget, period } = task;
  try {
    const spend = await source.spend({
      scope: budget.scope,
      currency: budget.currency,
      period,
      zone: budget.zone,
      now,
    });
    if (!spend.isComplete) return { kind: "waiting", budget };
    return { kind: "judged", judgement: toJudgement(task, spend, slot, now) };
  } catch (error) {
    return { kind: "failed", budget, message: error instanceof Error ? error.message : String(error) };
  }
}

function toJudgement(
  { budget, period, crossings, last }: Task,
  spend: ScopeSpend,
  slot: number,
  now: Instant,
): Judgement {
  const forecast = forecastPeriodEnd({
    daily: spend.daily,
    spent: spend.contractedCost,
    period,
    zone: budget.zone,
    now,
  });
  const status = evaluateBudget(budget, period, spend, forecast, now);
  const firstDay = dayOf(period.start, budget.zone);
  const closedThrough = dayOf(now < period.end ? now : period.end, budget.zone);
  const latch = latchThresholds({
    budget,
    status,
    memory: { crossings, pending: new Set(last?.pending ?? []), last: last?.look ?? null },
    closedSpentNow: costBefore(spend.daily, firstDay, last?.look.closedThrough ?? firstDay),
    versions: spend.versions,
    slot,
    now,
  });
  return {
    budget,
    status,
    latch,
    stored: {
      budgetId: budget.id,
      period,
      evaluatedAt: now,
      outcome: now >= period.end + SETTLING_MS ? "closed" : "evaluated",
      forecast: forecast && { total: forecast.total, lower: forecast.lower, upper: forecast.upper },
      pending: latch.pending,
      look: {
        revision: budget.revision,
        slot,
        spent: status.spent,
        closedThrough,
        closedSpent: costBefore(spend.daily, firstDay, closedThrough),
        versions: spend.versions,
      },
      spentUpper: status.spentUpper,
      unpricedTokens: status.unpricedTokens,
    },
  };
}

function costBefore(daily: readonly DailyCost[], from: LocalDay, to: LocalDay): Money {
  return sum(daily.filter((row) => row.day >= from && row.day < to).map((row) => row.cost));
}
