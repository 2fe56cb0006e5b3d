import type { Slot } from "./category-slots.ts";

/** What the axis counts; decides how its ticks are written. */
export type ChartUnit = "money" | "count" | "milliseconds" | "percent";

/** One number of a chart: the height to draw (null is a gap, never zero), the text to show, the exact integer behind it. */
export type ChartValue = { readonly n: number | null; readonly text: string; readonly exact: string };

export type ChartSeries = {
  readonly key: string;
  readonly name: string;
  readonly slot: Slot;
  /** `dashed` for a forecast or a pace, `solid` otherwise. */
  readonly line?: "solid" | "dashed";
};

/** How final a point is: `partial` is hatched because it may still grow, `forecast` dashed, `unknown` a gap. */
export type PointState = "final" | "partial" | "forecast" | "unknown";

/** One place on the time axis, ready to draw. `values` are in the order of the series. */
export type ChartPoint = {
  readonly key: string;
  readonly label: string;
  readonly state: PointState;
  readonly values: readonly ChartValue[];
  /** The total of a stack, computed exactly where the numbers are. */
  readonly total?: ChartValue;
  /** Lower and upper end of what a forecast may become. */
  readonly range?: { readonly low: number; readonly high: number; readonly text: string };
};

/** A thin mark at a point, with a word: a price change, a model change, an incident. */
export type ChartMark = { readonly at: string; readonly word: string };

/** A level that the values are compared with, such as the even pace of a budget. */
export type ChartLevel = { readonly value: number; readonly word: string; readonly text: string };

export type ChartModel = {
  readonly unit: ChartUnit;
  /** In words for the axis and the table: `US dollars per day`, `requests per minute`. */
  readonly unitName: string;
  readonly currency?: string;
  readonly zoneName: string;
  /** What a point of the axis is: `day`, `hour`, `minute`. */
  readonly pointName: string;
  readonly series: readonly ChartSeries[];
  readonly points: readonly ChartPoint[];
  readonly marks?: readonly ChartMark[];
  readonly level?: ChartLevel;
};
