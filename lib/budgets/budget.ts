import type { Money } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";
import type { FiscalStart, ZoneId } from "../time/zone.ts";

export type BudgetId = string & { readonly __brand: "BudgetId" };
export type ThresholdId = string & { readonly __brand: "ThresholdId" };

/** What a budget counts. A deployment is written `account/deployment` with the account's short name, as in `ChargeFilter`. */
export type BudgetScope =
  | { readonly kind: "everything" }
  | { readonly kind: "team"; readonly team: string }
  | { readonly kind: "deployment"; readonly deployment: string }
  | { readonly kind: "model"; readonly model: string };

export const BUDGET_PERIODS = ["month", "quarter", "year"] as const;
/** How often a budget starts again; a quarter and a year follow the budget's fiscal start. */
export type BudgetPeriodKind = (typeof BUDGET_PERIODS)[number];

export const THRESHOLD_BASES = ["actual", "forecast"] as const;
/** What a threshold looks at: the cost so far, or the forecast of the period's end. */
export type ThresholdBasis = (typeof THRESHOLD_BASES)[number];

/** The cost that a budget counts: contracted cost, with reservations amortised. */
export type CostBasis = "contracted_amortised";

/** One line to cross, in whole per cent of the amount. `recipients` are channel ids; null is every active channel. */
export type BudgetThreshold = {
  readonly id: ThresholdId;
  readonly basis: ThresholdBasis;
  readonly percent: bigint;
  readonly recipients: readonly string[] | null;
};

/**
 * An amount of money for a scope and a recurring period. `amount` is positive.
 * A change of amount, threshold, scope, period, zone or fiscal start is a new `revision` (from 1); a new name is not.
 */
export type Budget = {
  readonly id: BudgetId;
  readonly name: string;
  readonly scope: BudgetScope;
  readonly amount: Money;
  readonly currency: string;
  readonly period: BudgetPeriodKind;
  readonly zone: ZoneId;
  readonly fiscalStart: FiscalStart;
  readonly basis: CostBasis;
  readonly thresholds: readonly BudgetThreshold[];
  readonly revision: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
};

/** The scope as one word, for keys and messages: `everything`, `team:search`, `deployment:eastus-prod/chat`, `model:gpt-4o`. */
export function scopeKey(scope: BudgetScope): string {
  switch (scope.kind) {
    case "everything":
      return "everything";
    case "team":
      return `team:${scope.team}`;
    case "deployment":
      return `deployment:${scope.deployment}`;
    case "model":
      return `model:${scope.model}`;
  }
}
