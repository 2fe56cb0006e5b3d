import type { BudgetId, ThresholdBasis, ThresholdId } from "../budgets/budget.ts";
import type { Money } from "../money/money.ts";
import type { Instant, Period } from "../time/instant.ts";

export const ALERT_STATES = ["Normal", "Pending", "Firing", "Recovering", "NoData", "Error"] as const;
/** Where an alert instance stands; silenced and inhibited are filters on notices, not states. */
export type AlertState = (typeof ALERT_STATES)[number];

/** Why a threshold counts as crossed now: ordinary spend, an edit of the budget, or figures that changed behind us. */
export const CROSSING_CAUSES = ["spend", "revision", "late_data", "repricing", "reattribution"] as const;
export type CrossingCause = (typeof CROSSING_CAUSES)[number];

/** One latched crossing: it happens at most once per (budget, threshold, basis, period, revision) and is never undone. */
export type BudgetCrossing = {
  readonly id: string;
  readonly budgetId: BudgetId;
  readonly thresholdId: ThresholdId;
  readonly basis: ThresholdBasis;
  readonly period: Period;
  readonly revision: number;
  readonly percent: bigint;
  readonly amount: Money;
  /** Spend (or forecast) at the crossing and its upper bound; different when a part of the cost is a range. */
  readonly value: Money;
  readonly valueUpper: Money;
  readonly unpricedTokens: bigint;
  readonly cause: CrossingCause;
  readonly slot: number;
  readonly crossedAt: Instant;
  /** Set when later data took the figure below the line again; the crossing itself stays. */
  readonly restated: { readonly at: Instant; readonly value: Money } | null;
};

export const ALERT_EVENT_KINDS = [
  "fired",
  "resolved",
  "recovered",
  "repeated",
  "no_data",
  "error",
  "crossed",
  "restated",
  "revised",
] as const;
export type AlertEventKind = (typeof ALERT_EVENT_KINDS)[number];

/** One line of the alert history; append-only. `groupKey` joins the lines that went out as one message. */
export type AlertEvent = {
  readonly id: string;
  readonly instanceId: string | null;
  readonly ruleKind: "budget" | "rule";
  readonly ruleId: string;
  readonly at: Instant;
  readonly slot: number;
  readonly kind: AlertEventKind;
  readonly fromState: AlertState | null;
  readonly toState: AlertState | null;
  readonly title: string;
  readonly detail: Readonly<Record<string, string>>;
  readonly groupKey: string;
};
