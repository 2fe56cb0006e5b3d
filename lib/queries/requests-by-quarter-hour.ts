import { z } from "zod";
import { type Kql, kql, timespan } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Period } from "../time/instant.ts";
import { calls } from "./calls.ts";
import { count, instant, integers, text, total } from "./cells.ts";
import { LATENCY_BUCKET } from "./latency-bucket.ts";
import type { CallsParams } from "./usage-by-quarter-hour.ts";
import { atInWindow } from "./window.ts";

/** Requests of one quarter hour by operation, status and caller, with the latency histogram and the rows behind them. */
export const requestsByQuarterHour = {
  name: "requests-by-quarter-hour",
  text: ({ window, sources }: CallsParams) => kql`${calls(window, sources)}
${requestsOfCalls(window)}
${countedRequests("15m")}
| summarize requests = sum(n), rows = sum(rows), duplicates = sum(duplicates), withTokens = sum(tokenCalls), withUsage = sum(usageCalls), unmeasured = sumif(n, bucket < 0), buckets = make_list_if(bucket, bucket >= 0), counts = make_list_if(n, bucket >= 0) by start, account, deployment, model, version, operation, apiName, streamType, status, caller, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter`,
  row: z.object({
    start: instant,
    account: text,
    deployment: text,
    operation: text,
    status: text,
    requests: count,
    rows: total,
    duplicates: total,
    withTokens: total,
    withUsage: total,
    unmeasured: total,
    buckets: integers,
    counts: integers,
  }),
} satisfies KqlQuery<CallsParams, unknown>;

/** Continues a table of calls with the time at which a request counts. */
export function requestsOfCalls(window: Period | null): Kql {
  return kql`| extend at = coalesce(envelopeAt, usageAt)
| ${atInWindow(window)}`;
}

/** Continues `requestsOfCalls`: one row per bin, key and latency bucket (-1: no latency). */
export function countedRequests(bin: "1m" | "15m"): Kql {
  return kql`${LATENCY_BUCKET}
| summarize n = count(), rows = sum(rows), duplicates = sum(duplicates), tokenCalls = countif(hasUsage or hasScalars), usageCalls = countif(hasUsage) by start = bin(at, ${timespan(bin)}), account, deployment, model, version, operation, apiName, streamType, status, caller, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter, bucket`;
}
