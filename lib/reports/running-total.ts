import type { DailyCost, PeriodForecast } from "../forecast/forecast-period-end.ts";
import { formatDay, formatMonth } from "../format/format-time.ts";
import { type Money, money, ZERO } from "../money/money.ts";
import { addDays, addMonths, daysBetween, firstOfMonth, type LocalDay } from "../time/zone.ts";
import type { ChartModel, ChartPoint, ChartValue } from "./chart-model.ts";
import { moneyValue } from "./cost-series.ts";
import { whole } from "./overview-sentence.ts";
import type { PageContext } from "./page-context.ts";

const NOTHING: ChartValue = { n: null, text: "–", exact: "" };

/** The month's cost added up day by day, beside the month before, with the forecast, its 80 % cone and the budget's level. */
export function runningTotal({
  daily,
  forecast,
  context,
  budget,
}: {
  readonly daily: readonly DailyCost[];
  readonly forecast: PeriodForecast | null;
  readonly context: PageContext;
  readonly budget: Money | null;
}): ChartModel {
  const { today, currency, zone } = context;
  const month = firstOfMonth(today);
  const before = addMonths(month, -1);
  const costs = new Map<LocalDay, Money>();
  for (const { day, cost } of daily) costs.set(day, money((costs.get(day) ?? 0n) + cost));
  const thisMonth = addedUp(month, daysBetween(month, addMonths(month, 1)), costs);
  const lastMonth = addedUp(before, daysBetween(before, month), costs);
  const comingBy = new Map((forecast?.days ?? []).map((day) => [day.day, day]));
  const points = thisMonth.map(({ day, total }, index): ChartPoint => {
    const coming = comingBy.get(day);
    const lower = coming?.lower ?? null;
    const upper = coming?.upper ?? null;
    return {
      key: day,
      label: formatDay(day),
      state: day < today ? "final" : day === today ? "partial" : "forecast",
      values: [
        day <= today ? moneyValue(total, currency) : NOTHING,
        lastMonth[index] ? moneyValue(lastMonth[index].total, currency) : NOTHING,
        coming && day >= today ? moneyValue(coming.total, currency) : NOTHING,
      ],
      ...(lower !== null && upper !== null
        ? {
            range: {
              low: Number(lower) / 1e12,
              high: Number(upper) / 1e12,
              text: `${whole(lower, currency)} to ${whole(upper, currency)}, 8 times in 10`,
            },
          }
        : {}),
    };
  });
  return {
    unit: "money",
    unitName: `${currency} since the 1st`,
    currency,
    zoneName: zone,
    pointName: "day",
    series: [
      { key: "now", name: formatMonth(month), slot: 0 },
      { key: "before", name: formatMonth(before), slot: "other" },
      { key: "forecast", name: "Forecast", slot: "other", line: "dashed" },
    ],
    points,
    ...(budget === null
      ? {}
      : { level: { value: Number(budget) / 1e12, word: "budget", text: whole(budget, currency) } }),
  };
}

function addedUp(
  first: LocalDay,
  days: number,
  costs: ReadonlyMap<LocalDay, Money>,
): { readonly day: LocalDay; readonly total: Money }[] {
  let total = ZERO;
  return Array.from({ length: days }, (_, index) => {
    const day = addDays(first, index);
    total = money(total + (costs.get(day) ?? 0n));
    return { day, total };
  });
}
