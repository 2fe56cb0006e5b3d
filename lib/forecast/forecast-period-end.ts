import { type Money, money, sum } from "../money/money.ts";
import { contains, type Instant, type Period } from "../time/instant.ts";
import { addDays, dayContaining, dayOf, daysBetween, daysIn, type LocalDay, type ZoneId } from "../time/zone.ts";
import { type DailyForecast, forecastDaily } from "./forecast-daily.ts";

/** The cost of one calendar day; the day of `now` is partial. A day without a row cost nothing. */
export type DailyCost = { readonly day: LocalDay; readonly cost: Money };

/** One coming day: its expected cost, and the total of the period by its end with the 80 % interval. */
export type ForecastDay = {
  readonly day: LocalDay;
  readonly cost: Money;
  readonly total: Money;
  readonly lower: Money | null;
  readonly upper: Money | null;
};

/**
 * Where a period will end: `total` = spent so far + the rest of today + the days to come. `lower` and `upper` bound the total
 * with 80 % probability, or are null when the history is too short. `completeDays` counts the period's own complete days.
 */
export type PeriodForecast = {
  readonly total: Money;
  readonly lower: Money | null;
  readonly upper: Money | null;
  readonly days: readonly ForecastDay[];
  readonly method: DailyForecast["method"];
  readonly confidence: DailyForecast["confidence"];
  readonly completeDays: number;
  /** How far past forecasts of as many days missed (actual minus forecast); empty when the history is too short. */
  readonly errors: readonly Money[];
};

/**
 * Forecasts the total of `period` from daily costs of `zone` (also of before the period; `spent` is its exact cost so far).
 * The current day is left out of the fit; its remainder is its forecast times the part of the day to come.
 * Null before the first complete day of history, and outside the period.
 */
export function forecastPeriodEnd(input: {
  readonly daily: readonly DailyCost[];
  readonly spent: Money;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly now: Instant;
}): PeriodForecast | null {
  const { daily, spent, period, zone, now } = input;
  if (!contains(period, now)) return null;
  const today = dayOf(now, zone);
  const history = completeHistory(daily, today);
  const periodDays = daysIn(period, zone);
  const coming = periodDays.filter((day) => day >= today);
  const forecast = forecastDaily(history, coming.length);
  if (!forecast) return null;
  const running = { total: spent };
  const days = coming.map((day, ahead) => {
    const share = day === today ? remainingShare(now, zone) : 1;
    const cost = toMoney((forecast.daily[ahead] ?? 0) * share);
    running.total = money(running.total + cost);
    const half = forecast.halfWidth ? toMoney(forecast.halfWidth[ahead] ?? 0) : null;
    const lower = half === null ? null : larger(spent, money(running.total - half));
    const upper = half === null ? null : money(running.total + half);
    return { day, cost, total: running.total, lower, upper };
  });
  const last = days.at(-1);
  return {
    total: running.total,
    lower: last?.lower ?? null,
    upper: last?.upper ?? null,
    days,
    method: forecast.method,
    confidence: forecast.confidence,
    completeDays: periodDays.filter((day) => day < today).length,
    errors: forecast.sumErrors.map((error) => money(BigInt(Math.round(error)))),
  };
}

/** Sums of daily costs of the days before `today` (outside), from the first day with a cost, as numbers of picodollars. */
function completeHistory(daily: readonly DailyCost[], today: LocalDay): number[] {
  const past = daily.filter((row) => row.day < today && row.cost !== 0n);
  const first = past.reduce<LocalDay | null>(
    (least, row) => (least === null || row.day < least ? row.day : least),
    null,
  );
  if (first === null) return [];
  const byDay = Map.groupBy(past, (row) => row.day);
  return Array.from({ length: daysBetween(first, today) }, (_, index) =>
    Number(sum((byDay.get(addDays(first, index)) ?? []).map((row) => row.cost))),
  );
}

function remainingShare(now: Instant, zone: ZoneId): number {
  const day = dayContaining(now, zone);
  return (day.end - now) / (day.end - day.start);
}

function larger(a: Money, b: Money): Money {
  return a > b ? a : b;
}

function toMoney(pico: number): Money {
  return money(BigInt(Math.round(Math.max(0, pico))));
}
