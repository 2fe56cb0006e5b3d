import { type Period, toInstant } from "../time/instant.ts";
import type { MetricInterval } from "./metrics.ts";

const DAY_MS = 86_400_000;
const LENGTHS_MS: Readonly<Record<MetricInterval, number>> = {
  PT1M: 60_000,
  PT5M: 300_000,
  PT15M: 900_000,
  PT30M: 1_800_000,
  PT1H: 3_600_000,
  PT6H: 21_600_000,
  PT12H: 43_200_000,
  P1D: DAY_MS,
  FULL: Number.POSITIVE_INFINITY,
};

/** One call covers 1,440 points of a series and at most 30 days: longer spans are refused or cut without an error. */
const MAX_POINTS = 1_440;
const MAX_WINDOW_MS = 30 * DAY_MS;

/** The period cut into windows that one call can answer; `FULL` stays whole because its one point cannot be added up. */
export function chunksOf(within: Period, interval: MetricInterval): Period[] {
  if (within.start >= within.end) return [];
  if (interval === "FULL") return [within];
  const step = Math.min(MAX_WINDOW_MS, LENGTHS_MS[interval] * MAX_POINTS);
  const windows: Period[] = [];
  for (let start = within.start; start < within.end; ) {
    const end = toInstant(Math.min(within.end, Math.floor(start / LENGTHS_MS[interval]) * LENGTHS_MS[interval] + step));
    windows.push({ start, end });
    start = end;
  }
  return windows;
}

/** How many points one series of a window has; one for `FULL`. */
export function pointsOf(window: Period, interval: MetricInterval): number {
  return interval === "FULL" ? 1 : Math.ceil((window.end - window.start) / LENGTHS_MS[interval]);
}
