import { money } from "../money/money.ts";
import { addMs, type Instant, type Period, period, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import { addDays, addMonths, dayOf, daysBetween, firstOfMonth, type LocalDay, startOfDay } from "../time/zone.ts";
import type { ChargeQuery, ChargeSum } from "./charge-query.ts";
import type { CostFigure, MonthProgress, MonthQuery } from "./ledger.ts";

/** Month to date beside the same days of the month before; the last day is cut at the same time since its start. */
export async function monthProgress(
  sumCharges: (query: ChargeQuery) => Promise<ChargeSum[]>,
  query: MonthQuery,
): Promise<MonthProgress> {
  const { zone, sees, filter } = query;
  const now = toInstant(Math.floor(query.now / QUARTER_HOUR_MS) * QUARTER_HOUR_MS);
  const today = dayOf(query.now, zone);
  const month = firstOfMonth(today);
  const before = addMonths(month, -1);
  const start = startOfDay(month, zone);
  const beforeStart = startOfDay(before, zone);
  const sameDay = lowerDay(addDays(before, daysBetween(month, today)), addDays(month, -1));
  const sameTime = earlier(addMs(startOfDay(sameDay, zone), now - startOfDay(today, zone)), startOfDay(month, zone));
  const ask = (within: Period, grain: "total" | "day") =>
    sumCharges({ sees, period: within, zone, grain, groupBy: [], filter });
  const [toDate, sameDays, lastMonth, days, daysLastMonth] = await Promise.all([
    ask(period(start, later(now, start)), "total"),
    ask(period(beforeStart, later(sameTime, beforeStart)), "total"),
    ask(period(beforeStart, start), "total"),
    ask(period(start, later(now, start)), "day"),
    ask(period(beforeStart, start), "day"),
  ]);
  return {
    month,
    daysElapsed: daysBetween(month, today) + 1,
    daysInMonth: daysBetween(month, addMonths(month, 1)),
    toDate: figureOf(toDate),
    sameDaysLastMonth: figureOf(sameDays),
    lastMonth: figureOf(lastMonth),
    days: dayFigures(days, month, addDays(today, 1)),
    daysLastMonth: dayFigures(daysLastMonth, before, month),
  };
}

function dayFigures(sums: readonly ChargeSum[], from: LocalDay, to: LocalDay): { day: LocalDay; cost: CostFigure }[] {
  const figures: { day: LocalDay; cost: CostFigure }[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) {
    figures.push({ day, cost: figureOf(sums.filter((sum) => sum.bucket === day)) });
  }
  return figures;
}

function figureOf(sums: readonly ChargeSum[]): CostFigure {
  const total = (of: (sum: ChargeSum) => bigint) => sums.reduce((result, sum) => result + of(sum), 0n);
  return {
    listCost: money(total((sum) => sum.listCost)),
    contractedCost: money(total((sum) => sum.contractedCost)),
    contractedCostUpper: money(total((sum) => sum.contractedCostUpper)),
    unpricedTokens: total((sum) => sum.unpricedTokens),
  };
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

function lowerDay(a: LocalDay, b: LocalDay): LocalDay {
  return a < b ? a : b;
}
