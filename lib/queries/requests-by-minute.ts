import { z } from "zod";
import { dt, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant } from "../time/instant.ts";
import { calls } from "./calls.ts";
import { count, instant, integers, text, total } from "./cells.ts";
import { LATENCY_BUCKET } from "./latency-bucket.ts";
import type { CallsParams } from "./usage-by-quarter-hour.ts";

/** Requests of one minute by operation, stream type and status, with who called and the latency histogram. */
export const requestsByMinute: KqlQuery<CallsParams, MinuteRow> = {
  name: "requests-by-minute",
  text: ({ window, sources }) => kql`${calls(window, sources)}
| extend at = coalesce(envelopeAt, usageAt)
| where at >= ${dt(window.start)} and at < ${dt(window.end)}
${LATENCY_BUCKET}
| summarize n = count() by minute = bin(at, 1m), account, deployment, operation, streamType, status, caller, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter, bucket
| summarize requests = sum(n), unmeasured = sumif(n, bucket < 0), buckets = make_list_if(bucket, bucket >= 0), counts = make_list_if(n, bucket >= 0) by minute, account, deployment, operation, streamType, status, caller, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter`,
  row: z.object({
    minute: instant,
    account: text,
    deployment: text,
    operation: text,
    streamType: text,
    status: text,
    caller: text,
    apimSubscription: text,
    apimProduct: text,
    apimUser: text,
    api: text,
    backend: text,
    application: text,
    provesFilter: z.boolean(),
    requests: count,
    unmeasured: total,
    buckets: integers,
    counts: integers,
  }),
};

/** One row of `requestsByMinute`. `caller` is a clear object id: it is hashed before anything keeps it. */
export type MinuteRow = {
  readonly minute: Instant;
  readonly account: string;
  readonly deployment: string;
  readonly operation: string;
  readonly streamType: string;
  readonly status: string;
  readonly caller: string;
  readonly apimSubscription: string;
  readonly apimProduct: string;
  readonly apimUser: string;
  readonly api: string;
  readonly backend: string;
  readonly application: string;
  readonly provesFilter: boolean;
  readonly requests: bigint;
  readonly unmeasured: bigint;
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
};
