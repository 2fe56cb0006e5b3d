import { z } from "zod";
import { type Kql, kql, timespan } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { calls } from "./calls.ts";
import { count, instant, integers, text, total } from "./cells.ts";
import { LATENCY_BUCKET } from "./latency-bucket.ts";
import type { CallsParams } from "./usage-by-quarter-hour.ts";
import { atInWindow } from "./window.ts";

/** Requests of one quarter hour by operation, status and caller, with the latency histogram and the rows behind them. */
export const requestsByQuarterHour = requestsBy("requests-by-quarter-hour", "15m");

/** The same of one minute. Sums of minutes are the quarter hours, so only one of the two is asked. */
export const requestsByMinute = requestsBy("requests-by-minute", "1m");

function requestsBy(name: string, bin: "1m" | "15m"): KqlQuery<CallsParams, RequestsRow> {
  return {
    name,
    text: ({ window, sources }) => kql`${calls(window, sources)}
${requestsOfCalls(window)}
${LATENCY_BUCKET}
| summarize n = count(), rows = sum(rows), duplicates = sum(duplicates), tokenCalls = countif(hasUsage or hasScalars), usageCalls = countif(hasUsage) by start = bin(at, ${timespan(bin)}), account, deployment, model, version, operation, apiName, streamType, status, caller, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter, bucket
| summarize requests = sum(n), rows = sum(rows), duplicates = sum(duplicates), withTokens = sum(tokenCalls), withUsage = sum(usageCalls), unmeasured = sumif(n, bucket < 0), buckets = make_list_if(bucket, bucket >= 0), counts = make_list_if(n, bucket >= 0) by start, account, deployment, model, version, operation, apiName, streamType, status, caller, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter`,
    row: z.object({
      start: instant,
      account: text,
      deployment: text,
      model: text,
      version: text,
      operation: text,
      apiName: text,
      streamType: text,
      status: text,
      caller: text,
      isJoined: z.boolean(),
      apimSubscription: text,
      apimProduct: text,
      apimUser: text,
      api: text,
      backend: text,
      application: text,
      provesFilter: z.boolean(),
      requests: count,
      rows: total,
      duplicates: total,
      withTokens: total,
      withUsage: total,
      unmeasured: total,
      buckets: integers,
      counts: integers,
    }),
  };
}

/** Continues a table of calls with the time at which a request counts. */
export function requestsOfCalls(window: Period | null): Kql {
  return kql`| extend at = coalesce(envelopeAt, usageAt)
| ${atInWindow(window)}`;
}

/** One row of `requestsByQuarterHour` or `requestsByMinute`, from `start` on. `caller` is a clear object id: it is hashed before anything keeps it. */
export type RequestsRow = {
  readonly start: Instant;
  readonly account: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
  readonly operation: string;
  readonly apiName: string;
  readonly streamType: string;
  readonly status: string;
  readonly caller: string;
  readonly isJoined: boolean;
  readonly apimSubscription: string;
  readonly apimProduct: string;
  readonly apimUser: string;
  readonly api: string;
  readonly backend: string;
  readonly application: string;
  readonly provesFilter: boolean;
  readonly requests: bigint;
  readonly rows: bigint;
  readonly duplicates: bigint;
  readonly withTokens: bigint;
  readonly withUsage: bigint;
  readonly unmeasured: bigint;
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
};
