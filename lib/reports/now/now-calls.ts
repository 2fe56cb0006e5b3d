import type { MetricSum } from "../../ledger/ledger.ts";
import { LogAnalyticsError, type QueryResult } from "../../log-analytics/log-analytics.ts";
import { type NowRow, nowByMinute } from "../../queries/now-by-minute.ts";
import { paddedWindow } from "../../queries/window.ts";
import type { Runtime } from "../../runtime.ts";
import type { Instant, Period } from "../../time/instant.ts";
import { dimensionValueName } from "../../url/dimension-name.ts";
import { operationOf } from "../../usage/operations.ts";
import { causeOf } from "../../usage/request-cause.ts";
import type { RequestCause } from "../../usage/usage-fact.ts";

/** What "now" means in a sentence and in the grid. */
export const RECENT_MINUTES = 15;
const MAX_AGE_MS = 15_000;
/** One request in a hundred is where a person on call begins to care; five requests are no accident. */
export const WATCH_PER_CENT = 1n;
export const FEWEST = 5n;

/** The workspace's own minutes, or in words why they are missing; `kql` is the question as it was asked. */
export type Asked = {
  readonly rows: readonly NowRow[];
  readonly kql: string | null;
  readonly failure: { readonly tried: string; readonly happened: string; readonly next: string } | null;
  readonly note: string | null;
};

/** Asks the workspace for the minutes of a window; equal questions within fifteen seconds are one call. */
export async function askMinutes(logs: Runtime["logs"], window: Period): Promise<Asked> {
  const tried = "The last three hours could not be read from the workspace.";
  try {
    const result = await logs.run(
      nowByMinute,
      { window },
      { priority: "interactive", maxAgeMs: MAX_AGE_MS, period: paddedWindow(window) },
    );
    return { ...answerOf(result), kql: result.kql };
  } catch (error) {
    if (!(error instanceof LogAnalyticsError)) throw error;
    return {
      rows: [],
      kql: null,
      failure: {
        tried,
        happened: error.message,
        next: "Throttling and teams below come from the ledger and are as old as the data clock says.",
      },
      note: null,
    };
  }
}

function answerOf(result: QueryResult<NowRow>): Omit<Asked, "kql"> {
  switch (result.status) {
    case "complete":
      return {
        rows: result.rows,
        failure: null,
        note: result.refreshError ? "Asking again failed, so these minutes are a little older than usual." : null,
      };
    case "partial":
      return { rows: result.rows, failure: null, note: `The workspace sent only a part: ${result.message}` };
    case "not_connected":
      return {
        rows: [],
        failure: {
          tried: "The accounts' own logs are not in the workspace.",
          happened: `There is no ${result.missing.kind} ${result.missing.name}.`,
          next: "Send the diagnostic logs RequestResponse and AzureOpenAIRequestUsage of each account to the workspace.",
        },
        note: null,
      };
  }
}

/** Requests of one minute, deployment, status and operation. */
export type Call = {
  readonly minute: Instant;
  readonly deployment: string;
  readonly cause: RequestCause;
  readonly requests: bigint;
  readonly isInference: boolean;
  readonly row: NowRow;
};

/** A row with its cause; a call that names no deployment keeps its account. */
export function toCall(row: NowRow): Call {
  const account = row.account.split("/").at(-1) ?? row.account;
  return {
    minute: row.minute,
    deployment: dimensionValueName("deployment", `${account}/${row.deployment}`),
    cause: causeOf(row.status, false),
    requests: row.requests,
    isInference: operationOf(row.operation).isInference,
    row,
  };
}

export function countAll(calls: readonly Call[]): bigint {
  return calls.reduce((a, call) => a + call.requests, 0n);
}

/** Requests of the recent minutes with one of the causes. */
export function recentCount(calls: readonly Call[], recent: Period, causes: readonly RequestCause[]): bigint {
  return countAll(calls.filter((call) => call.minute >= recent.start && causes.includes(call.cause)));
}

/** The sum of a platform metric over its minutes. */
export function metricTotal(rows: readonly MetricSum[], series: MetricSum["series"]): bigint {
  return BigInt(Math.round(rows.filter((row) => row.series === series).reduce((a, row) => a + (row.total ?? 0), 0)));
}

export function isStreaming({ row }: Call): boolean {
  return /^stream/i.test(row.streamType);
}

export function histogramOf({ row }: Call) {
  return { buckets: row.buckets, counts: row.counts, unmeasured: 0 };
}

/** Whether a share is worth a look: at least `perCent`, and more than an accident. */
export function isMany(count: bigint, of: bigint, perCent: bigint): boolean {
  return count >= FEWEST && count * 100n >= of * perCent;
}
