import type { Instant } from "../time/instant.ts";
import type { CallCounts, LogAnalyticsError, LogAnalyticsStatus } from "./log-analytics.ts";

type Snapshot = Pick<LogAnalyticsStatus, "calls" | "lastSuccessAt" | "lastError">;

export type CallCounter = {
  readonly count: (query: string, what: keyof CallCounts) => void;
  readonly succeeded: () => void;
  readonly broke: (error: LogAnalyticsError) => void;
  readonly snapshot: () => Snapshot;
};

const NONE: CallCounts = { asked: 0, upstream: 0, failed: 0, throttled: 0, partial: 0 };

/** Counts calls per query name, so that the query budget can be read off and tested at the wire. */
export function createCallCounter(now: () => Instant): CallCounter {
  const calls = new Map<string, CallCounts>();
  let lastSuccessAt: Instant | null = null;
  let lastError: LogAnalyticsStatus["lastError"] = null;
  return {
    count: (query, what) => {
      const counts = calls.get(query) ?? NONE;
      calls.set(query, { ...counts, [what]: counts[what] + 1 });
    },
    succeeded: () => {
      lastSuccessAt = now();
    },
    broke: (error) => {
      lastError = { code: error.code, message: error.message, at: now() };
    },
    snapshot: () => ({ calls: new Map(calls), lastSuccessAt, lastError }),
  };
}
