import type { Budget, ThresholdId } from "../budgets/budget.ts";
import type { BudgetStatus, ThresholdStatus } from "../budgets/evaluate-budget.ts";
import { hasReached, type Money, money } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";
import type { LocalDay } from "../time/zone.ts";
import type { BudgetCrossing, CrossingCause } from "./alert.ts";

/** Which prices and which ownership rules a figure was computed with; null when the source does not tell. */
export type FigureVersions = { readonly prices: string | null; readonly attribution: string | null };

/** What the evaluation before this one saw of the same budget and period. */
export type LastLook = {
  readonly revision: number;
  readonly slot: number;
  readonly spent: Money;
  /** Cost of the period's days before `closedThrough` (outside), as it was then. */
  readonly closedThrough: LocalDay;
  readonly closedSpent: Money;
  readonly versions: FigureVersions;
};

/** What is remembered of a budget in one period. */
export type LatchMemory = {
  readonly crossings: readonly BudgetCrossing[];
  /** Forecast thresholds that the last complete evaluation of this revision found reached, but not yet crossed. */
  readonly pending: ReadonlySet<ThresholdId>;
  readonly last: LastLook | null;
};

export type LatchInput = {
  readonly budget: Budget;
  readonly status: BudgetStatus;
  readonly memory: LatchMemory;
  /** The cost now of the days that `memory.last` called closed; equal to its `closedSpent` unless the past was changed. */
  readonly closedSpentNow: Money;
  readonly versions: FigureVersions;
  readonly slot: number;
  readonly now: Instant;
};

/** What changes: lines crossed now, forecast lines waiting for a second look, and crossings whose figure fell or rose again. */
export type LatchResult = {
  readonly crossed: readonly BudgetCrossing[];
  readonly pending: readonly ThresholdId[];
  readonly restated: readonly { readonly id: string; readonly value: Money | null }[];
};

/** A forecast speaks only after this many complete days of the period. */
export const FORECAST_COMPLETE_DAYS = 3;

/**
 * Latches thresholds: each crosses at most once per (budget, threshold, basis, period, revision) and is never undone; a
 * figure that falls back is marked *restated*. A forecast threshold needs two evaluations in a row and three complete days.
 */
export function latchThresholds(input: LatchInput): LatchResult {
  const { budget, status, memory } = input;
  const latched = new Map(
    memory.crossings
      .filter((crossing) => crossing.revision === budget.revision)
      .map((crossing) => [crossing.thresholdId, crossing]),
  );
  const open = status.thresholds.filter(({ threshold }) => !latched.has(threshold.id));
  const reached = open.filter((candidate) => candidate.isReached && maySpeak(candidate, status));
  const isDue = ({ threshold }: ThresholdStatus) => threshold.basis === "actual" || wasPending(input, threshold.id);
  return {
    crossed: reached.filter(isDue).map((candidate) => toCrossing(candidate, input)),
    pending: reached.filter((candidate) => !isDue(candidate)).map(({ threshold }) => threshold.id),
    restated: status.thresholds.flatMap((candidate) => restatement(candidate, latched.get(candidate.threshold.id))),
  };
}

/** The natural key of a crossing: the same in every process and attempt. */
export function crossingKey(
  crossing: Pick<BudgetCrossing, "budgetId" | "thresholdId" | "basis" | "period" | "revision">,
): string {
  return [crossing.budgetId, crossing.thresholdId, crossing.basis, crossing.period.start, crossing.revision].join("|");
}

function maySpeak({ threshold }: ThresholdStatus, status: BudgetStatus): boolean {
  return threshold.basis === "actual" || (status.forecast?.completeDays ?? 0) >= FORECAST_COMPLETE_DAYS;
}

function wasPending({ budget, memory, slot }: LatchInput, threshold: ThresholdId): boolean {
  const { last } = memory;
  return last !== null && last.revision === budget.revision && last.slot < slot && memory.pending.has(threshold);
}

function toCrossing({ threshold, value }: ThresholdStatus, input: LatchInput): BudgetCrossing {
  const { budget, status, slot, now } = input;
  const natural = {
    budgetId: budget.id,
    thresholdId: threshold.id,
    basis: threshold.basis,
    period: status.period,
    revision: budget.revision,
  };
  const point = value ?? status.spent;
  return {
    id: crossingKey(natural),
    ...natural,
    percent: threshold.percent,
    amount: budget.amount,
    value: point,
    valueUpper: money(point + (status.spentUpper - status.spent)),
    unpricedTokens: status.unpricedTokens,
    cause: causeOf(threshold.percent, threshold.basis === "actual", input),
    slot,
    crossedAt: now,
    restated: null,
  };
}

/**
 * Why the line is crossed now. A new revision comes first; then figures that changed behind us, when that change alone
 * takes the spend of the last look over the line; ordinary spend otherwise.
 */
function causeOf(
  percent: bigint,
  isActual: boolean,
  { budget, memory, closedSpentNow, versions }: LatchInput,
): CrossingCause {
  const { last } = memory;
  if (last === null) return "spend";
  if (last.revision !== budget.revision) return "revision";
  const change = closedSpentNow - last.closedSpent;
  const isByChange = isActual ? hasReached(money(last.spent + change), budget.amount, percent) : change > 0n;
  if (change <= 0n || !isByChange) return "spend";
  if (versions.prices !== last.versions.prices) return "repricing";
  if (versions.attribution !== last.versions.attribution) return "reattribution";
  return "late_data";
}

function restatement(
  { isReached, value }: ThresholdStatus,
  crossing: BudgetCrossing | undefined,
): LatchResult["restated"] {
  if (!crossing || crossing.basis === "forecast" || value === null) return [];
  if (isReached) return crossing.restated === null ? [] : [{ id: crossing.id, value: null }];
  return crossing.restated?.value === value ? [] : [{ id: crossing.id, value }];
}
