import { type LogAnalytics, LogAnalyticsError, type QueryPriority } from "../log-analytics/log-analytics.ts";
import type { FoldedRequests } from "../queries/logged-calls.ts";
import {
  type SummarizedBin,
  type SummarizedRequests,
  type SummaryRow,
  summaryReach,
  summaryRows,
  summaryTimespan,
} from "../queries/summary-rows.ts";
import {
  addMs,
  HOUR_MS,
  type Instant,
  MINUTE_MS,
  type Period,
  period,
  QUARTER_HOUR_MS,
  quarterHourOf,
  toInstant,
} from "../time/instant.ts";
import { type LogRows, PartialAnswerError } from "./read-window.ts";

const DAY_MS = 24 * HOUR_MS;

/** From the first bin of the summary rule to the end of its newest. */
export type SummaryReach = { readonly from: Instant; readonly to: Instant };

export type SummaryOptions = {
  readonly logs: LogAnalytics;
  readonly priority: QueryPriority;
  readonly signal?: AbortSignal;
};

/** How far the summary reaches within a period; null where the workspace has none. */
export async function readSummaryReach(within: Period, options: SummaryOptions): Promise<SummaryReach | null> {
  const { logs, ...run } = options;
  const result = await logs.run(summaryReach, { window: within }, { ...run, period: summaryTimespan(within) });
  if (result.status === "not_connected") return null;
  if (result.status === "partial" && result.reason !== "workspace_failed")
    throw new PartialAnswerError(`How far the summary reaches is not known: ${result.message}`);
  return result.rows.find(({ bins }) => bins > 0n) ?? null;
}

/**
 * Where the raw tables end and the summary takes over, so that no quarter hour is read from both: the first whole day after the oldest
 * raw row, because retention takes a day's rows piece by piece, or the end of the summary where that comes first.
 */
export function summaryBoundary(oldestRaw: Instant, reach: SummaryReach): Instant {
  const wholeDay = Math.ceil(oldestRaw / DAY_MS) * DAY_MS;
  if (reach.to >= wholeDay) return wholeDay as Instant;
  return oldestRaw - reach.to <= DAY_MS ? reach.to : quarterHourOf(oldestRaw);
}

/** What the summary tells of a window. Quarter hours of bins that did not run are not among `quarterHours`: they are unknown. */
export type SummaryWindow = { readonly rows: LogRows; readonly quarterHours: readonly Instant[] };

/** Reads a window completely; an answer that was cut off is never used: the window is halved and asked again. */
export async function readSummary(window: Period, options: SummaryOptions): Promise<SummaryWindow> {
  const told = await readRows(window, options);
  const quarterHours = quartersToldBy(
    told.flatMap((row) => (row.rowOf === "bin" ? [row] : [])),
    window,
  );
  const isTold = new Set<number>(quarterHours);
  const rows = told.filter((row) => row.rowOf !== "bin" && isTold.has(row.quarterHour));
  return {
    quarterHours,
    rows: {
      usage: rows.flatMap((row) => (row.rowOf === "usage" ? [row] : [])),
      requests: rows.flatMap((row) => (row.rowOf === "requests" ? [withoutLatency(row)] : [])),
      gateway: rows.flatMap((row) => (row.rowOf === "gateway" ? [row] : [])),
      spans: rows.flatMap((row) => (row.rowOf === "span" ? [row] : [])),
      hasMinutes: false,
    },
  };
}

async function readRows(window: Period, options: SummaryOptions): Promise<readonly SummaryRow[]> {
  const { logs, ...run } = options;
  const cut = (message: string) => {
    const quarters = (window.end - window.start) / QUARTER_HOUR_MS;
    if (quarters <= 1) {
      throw new PartialAnswerError(
        `The summary answered only in part for a single quarter hour (${message}). The quarter hour keeps what it had.`,
      );
    }
    const middle = addMs(window.start, Math.ceil(quarters / 2) * QUARTER_HOUR_MS);
    return [period(window.start, middle), period(middle, window.end)] as const;
  };
  const both = async ([first, second]: readonly [Period, Period]) => [
    ...(await readRows(first, options)),
    ...(await readRows(second, options)),
  ];
  try {
    const result = await logs.run(summaryRows, { window }, { ...run, period: summaryTimespan(window) });
    if (result.status === "partial" && result.reason !== "workspace_failed") return await both(cut(result.message));
    return result.status === "not_connected" ? [] : result.rows;
  } catch (error) {
    if (error instanceof LogAnalyticsError && error.code === "too_large") return both(cut(error.message));
    throw error;
  }
}

/** Ascending quarter hours of a window that lie in one of the bins. */
function quartersToldBy(bins: readonly SummarizedBin[], window: Period): Instant[] {
  const told = new Set<Instant>();
  for (const { start, minutes } of bins) {
    const end = Math.min(window.end, start + Number(minutes) * MINUTE_MS);
    for (let at = quarterHourOf(toInstant(Math.max(start, window.start))); at < end; at = addMs(at, QUARTER_HOUR_MS))
      told.add(at);
  }
  return [...told].toSorted((a, b) => a - b);
}

/** The summary keeps no latency: every request of it is unmeasured, which is not the same as fast. */
function withoutLatency(row: SummarizedRequests): FoldedRequests {
  const { quarterHour, requests, rows, duplicates, withTokens, withUsage, ...key } = row;
  const stretch = toInstant(Math.floor(quarterHour / STRETCH_MS) * STRETCH_MS);
  return {
    ...key,
    rowOf: "requests",
    stretch,
    minutes: [(quarterHour - stretch) / MINUTE_MS],
    n: [Number(requests)],
    buckets: [-1],
    rows: [Number(rows)],
    duplicates: [Number(duplicates)],
    withTokens: [Number(withTokens)],
    withUsage: [Number(withUsage)],
  };
}

/** The hours in which a folded row counts its minutes. */
const STRETCH_MS = 6 * HOUR_MS;
