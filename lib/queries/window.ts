import { dt, type Kql, kql } from "../kql/kql.ts";
import { addMs, MINUTE_MS, type Period } from "../time/instant.ts";

/**
 * How far beyond its window a question looks for the other rows of a call, so that a call on the edge of two windows
 * has the same time and the same owner in both.
 */
export const WINDOW_PADDING_MS = 30 * MINUTE_MS;

/** The period that the API's `timespan` must let through for a window. */
export function paddedWindow(window: Period): Period {
  return { start: addMs(window.start, -WINDOW_PADDING_MS), end: addMs(window.end, WINDOW_PADDING_MS) };
}

/**
 * `where` on `TimeGenerated` for the window with its padding. Null leaves the time to whoever runs the question: a summary
 * rule runs it over each of its bins, and a filter of its own would only narrow them.
 */
export function inPaddedWindow(window: Period | null): Kql {
  if (window === null) return kql`where true`;
  const { start, end } = paddedWindow(window);
  return kql`where TimeGenerated >= ${dt(start)} and TimeGenerated < ${dt(end)}`;
}

/** `where` on the computed time `at` for the window itself; null keeps every row. */
export function atInWindow(window: Period | null): Kql {
  if (window === null) return kql`where true`;
  return kql`where at >= ${dt(window.start)} and at < ${dt(window.end)}`;
}
