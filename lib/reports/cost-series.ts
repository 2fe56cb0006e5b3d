import { formatMoney } from "../format/format-money.ts";
import { formatDay } from "../format/format-time.ts";
import type { ChargeDimension, ChargeSum } from "../ledger/charge-query.ts";
import type { BucketStretch } from "../ledger/ledger.ts";
import { type Money, sum, ZERO } from "../money/money.ts";
import type { Instant, Period } from "../time/instant.ts";
import { addDays, daysIn, type LocalDay, periodOfDays, type ZoneId } from "../time/zone.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import type { SlotOf } from "./category-slots.ts";
import type { ChartPoint, ChartSeries, ChartValue, PointState } from "./chart-model.ts";

const TOP = 8;

/** Money as a chart draws it: dollars to draw, the shown text, picodollars. */
export function moneyValue(amount: Money, currency: string): ChartValue {
  return { n: Number(amount) / 1e12, text: formatMoney(amount, { currency }), exact: amount.toString() };
}

/** What stands where nothing is known. */
export const UNKNOWN_VALUE: ChartValue = { n: null, text: "unknown", exact: "" };

/** The groups of a sum by day, dearest first: the top eight by name, the others as one. */
export type CostGroups = {
  readonly series: readonly ChartSeries[];
  readonly points: readonly ChartPoint[];
};

/** Costs by day and group as the points of a stack; a day that nobody has read yet is unknown, not zero. */
export function costByDay(input: {
  readonly rows: readonly ChargeSum[];
  readonly by: ChargeDimension;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly now: Instant;
  readonly states: readonly BucketStretch[];
  readonly slotOf: SlotOf;
  readonly currency: string;
}): CostGroups {
  const { rows, by, zone, now, states, slotOf, currency } = input;
  const totals = [...Map.groupBy(rows, (row) => row.keys[by] ?? "")]
    .map(([value, group]) => ({ value, total: sum(group.map((row) => row.contractedCost)) }))
    .toSorted((a, b) => (a.total === b.total ? a.value.localeCompare(b.value) : a.total < b.total ? 1 : -1));
  const top = totals.slice(0, TOP).map(({ value }) => value);
  const hasOther = totals.length > TOP;
  const byDay = Map.groupBy(rows, (row) => row.bucket ?? "");
  const points = daysIn(input.period, zone).map((day): ChartPoint => {
    const state = dayState(day, zone, now, states);
    const dayRows = byDay.get(day) ?? [];
    if (state === "unknown" && dayRows.length === 0)
      return {
        key: day,
        label: formatDay(day),
        state,
        values: [...top, ...(hasOther ? [""] : [])].map(() => UNKNOWN_VALUE),
        total: UNKNOWN_VALUE,
      };
    const costOf = (wanted: (value: string) => boolean) =>
      sum(dayRows.filter((row) => wanted(row.keys[by] ?? "")).map((row) => row.contractedCost));
    return {
      key: day,
      label: formatDay(day),
      state,
      values: [
        ...top.map((value) =>
          moneyValue(
            costOf((other) => other === value),
            currency,
          ),
        ),
        ...(hasOther
          ? [
              moneyValue(
                costOf((value) => !top.includes(value)),
                currency,
              ),
            ]
          : []),
      ],
      total: moneyValue(dayRows.length === 0 ? ZERO : sum(dayRows.map((row) => row.contractedCost)), currency),
    };
  });
  return {
    series: [
      ...top.map((value) => ({ key: value, name: dimensionValueName(by, value), slot: slotOf(value) })),
      ...(hasOther ? [{ key: "(other)", name: `Other (${totals.length - TOP})`, slot: "other" as const }] : []),
    ],
    points,
  };
}

/** How final a day is: unknown while no source has been read that far, partial while it may still grow. */
export function dayState(day: LocalDay, zone: ZoneId, now: Instant, states: readonly BucketStretch[]): PointState {
  return periodState(periodOfDays(day, addDays(day, 1), zone), now, states);
}

/** How final a stretch is. */
export function periodState(stretch: Period, now: Instant, states: readonly BucketStretch[]): PointState {
  if (stretch.start >= now) return "unknown";
  const touching = states.filter(
    (state) => state.start < stretch.end && state.end > stretch.start && state.start < now,
  );
  if (touching.length > 0 && touching.every((state) => state.state === "unread")) return "unknown";
  return touching.every((state) => state.state === "final") && stretch.end <= now ? "final" : "partial";
}
