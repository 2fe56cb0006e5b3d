import type { PeriodForecast } from "../forecast/forecast-period-end.ts";
import { hasReached, type Money, money } from "../money/money.ts";
import type { Instant, Period } from "../time/instant.ts";
import type { LocalDay } from "../time/zone.ts";
import type { Budget, BudgetThreshold } from "./budget.ts";

/**
 * What a scope cost in a period so far; `contractedCostUpper` is dearer when a part of the price is not known, and
 * `contractedCostAtMost` is the part that stands at its dearest already.
 */
export type BudgetSpend = {
  readonly contractedCost: Money;
  readonly contractedCostUpper: Money;
  readonly contractedCostAtMost: Money;
  readonly unpricedTokens: bigint;
};

/** A threshold with the figure that it looks at; `value` is null for a forecast that does not exist yet. */
export type ThresholdStatus = {
  readonly threshold: BudgetThreshold;
  readonly value: Money | null;
  readonly isReached: boolean;
};

/**
 * Where a budget stands. `mayBeMore`: a part of the cost has no price, or stands at the cheap end of a range; `mayBeLess`: a part
 * stands at the dear end.
 * `elapsed` and `used` are shares (1 is all); `pace` is used ÷ elapsed, null at the period's first instant.
 * `overrunChance` is from past forecast errors; null without enough of them. `exhaustedOn` is the day on which the amount is
 * passed: null when the forecast stays under it.
 */
export type BudgetStatus = {
  readonly period: Period;
  readonly spent: Money;
  readonly spentUpper: Money;
  readonly unpricedTokens: bigint;
  readonly mayBeMore: boolean;
  readonly mayBeLess: boolean;
  readonly remaining: Money;
  readonly used: number;
  readonly elapsed: number;
  readonly pace: number | null;
  readonly forecast: PeriodForecast | null;
  readonly exhaustedOn: LocalDay | "already" | null;
  readonly overrunChance: number | null;
  readonly state: "ok" | "warning" | "over";
  readonly thresholds: readonly ThresholdStatus[];
};

/** The status of `budget` in `period` at `now`. Thresholds compare products, so nothing is rounded. */
export function evaluateBudget(
  budget: Budget,
  period: Period,
  spend: BudgetSpend,
  forecast: PeriodForecast | null,
  now: Instant,
): BudgetStatus {
  const spent = spend.contractedCost;
  const thresholds = budget.thresholds.map((threshold) => thresholdStatus(threshold, budget.amount, spent, forecast));
  const elapsed = Math.min(1, Math.max(0, (now - period.start) / (period.end - period.start)));
  const used = Number(spent) / Number(budget.amount);
  return {
    period,
    spent,
    spentUpper: spend.contractedCostUpper,
    unpricedTokens: spend.unpricedTokens,
    mayBeMore: spend.unpricedTokens > 0n || spend.contractedCostUpper > spent,
    mayBeLess: spend.contractedCostAtMost > 0n,
    remaining: money(budget.amount - spent),
    used,
    elapsed,
    pace: elapsed === 0 ? null : used / elapsed,
    forecast,
    exhaustedOn: exhaustedOn(budget.amount, spent, forecast),
    overrunChance: overrunChance(budget.amount, spent, forecast),
    state: hasReached(spent, budget.amount, 100n)
      ? "over"
      : thresholds.some((status) => status.isReached)
        ? "warning"
        : "ok",
    thresholds,
  };
}

function thresholdStatus(
  threshold: BudgetThreshold,
  amount: Money,
  spent: Money,
  forecast: PeriodForecast | null,
): ThresholdStatus {
  const value = threshold.basis === "actual" ? spent : (forecast?.total ?? null);
  return { threshold, value, isReached: value !== null && hasReached(value, amount, threshold.percent) };
}

function exhaustedOn(amount: Money, spent: Money, forecast: PeriodForecast | null): BudgetStatus["exhaustedOn"] {
  if (spent >= amount) return "already";
  return forecast?.days.find((day) => day.total >= amount)?.day ?? null;
}

function overrunChance(amount: Money, spent: Money, forecast: PeriodForecast | null): number | null {
  if (spent >= amount) return 1;
  if (!forecast || forecast.errors.length === 0) return null;
  const over = forecast.errors.filter((error) => forecast.total + error >= amount).length;
  return over / forecast.errors.length;
}
