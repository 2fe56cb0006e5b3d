import type { FigureVersions } from "../alerts/budget-latch.ts";
import type { BudgetScope } from "../budgets/budget.ts";
import type { BudgetSpend } from "../budgets/evaluate-budget.ts";
import type { DailyCost } from "../forecast/forecast-period-end.ts";
import type { Instant, Period } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";

/**
 * What a scope cost in a period up to now. `daily` also holds the days before the period, for the forecast.
 * `isComplete` is false while the read-back has not reached the period's start: then nothing may be concluded.
 */
export type ScopeSpend = BudgetSpend & {
  readonly isComplete: boolean;
  readonly daily: readonly DailyCost[];
  readonly versions: FigureVersions;
};

export type SpendQuery = {
  readonly scope: BudgetScope;
  /** Of the budget: what it is compared with is in the same, or the question fails. */
  readonly currency: string;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly now: Instant;
};

/** Where the evaluation gets its figures: the ledger, or a test's own. One is made for each run and may remember answers. */
export type SpendSource = { readonly spend: (query: SpendQuery) => Promise<ScopeSpend> };
