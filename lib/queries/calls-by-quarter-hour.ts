import { z } from "zod";
import { kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { calls } from "./calls.ts";
import { count, instant, integers, text, total } from "./cells.ts";
import type { Connected } from "./connected.ts";

/** A window of whole quarter hours, and the tables that exist besides the accounts' own logs. */
export type CallsParams = { readonly window: Period; readonly sources: Connected };

/**
 * Usage and requests of one quarter hour under the complete key that the logs give: tokens as both log categories tell
 * them (`usage…` with the cached split, `scalar…` without), and the latency histogram of the calls.
 */
export const callsByQuarterHour: KqlQuery<CallsParams, CallsRow> = {
  name: "calls-by-quarter-hour",
  text: ({ window, sources }) => kql`${calls(window, sources)}
| extend bucket = iff(isnull(durationMs), long(-1), tolong(round(log(iff(durationMs < 1, 1.0, todouble(durationMs))) / log(1.02 / 0.98))))
| summarize n = count(), rows = sum(rows), duplicates = sum(duplicates), oddArrays = sum(oddArrays), addedUsageRows = sumif(usageRows - 1, usageRows > 1), withUsage = countif(hasUsage), usagePrompt = sumif(usagePrompt, hasUsage), usageCached = sumif(usageCached, hasUsage), usageUnsplit = sumif(usagePrompt, hasUsage and not(hasCached)), usageOutput = sumif(usageOutput, hasUsage), withScalars = countif(hasScalars), scalarPrompt = sumif(scalarPrompt, hasScalars), scalarOutput = sumif(scalarOutput, hasScalars), withEnvelope = countif(hasEnvelope), withBoth = countif(hasUsage or hasScalars) by quarterHour = bin(at, 15m), account, deployment, model, version, region, operation, apiName, streamType, status, caller, isLong, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter, bucket
| summarize requests = sum(n), rows = sum(rows), duplicates = sum(duplicates), oddArrays = sum(oddArrays), addedUsageRows = sum(addedUsageRows), withUsage = sum(withUsage), usagePrompt = sum(usagePrompt), usageCached = sum(usageCached), usageUnsplit = sum(usageUnsplit), usageOutput = sum(usageOutput), withScalars = sum(withScalars), scalarPrompt = sum(scalarPrompt), scalarOutput = sum(scalarOutput), withEnvelope = sum(withEnvelope), withTokens = sum(withBoth), unmeasured = sumif(n, bucket < 0), buckets = make_list_if(bucket, bucket >= 0), counts = make_list_if(n, bucket >= 0) by quarterHour, account, deployment, model, version, region, operation, apiName, streamType, status, caller, isLong, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter`,
  row: z.object({
    quarterHour: instant,
    account: text,
    deployment: text,
    model: text,
    version: text,
    region: text,
    operation: text,
    apiName: text,
    streamType: text,
    status: text,
    caller: text,
    isLong: z.boolean(),
    isJoined: z.boolean(),
    apimSubscription: text,
    apimProduct: text,
    apimUser: text,
    api: text,
    backend: text,
    application: text,
    provesFilter: z.boolean(),
    requests: count,
    rows: count,
    duplicates: count,
    oddArrays: count,
    addedUsageRows: total,
    withUsage: count,
    usagePrompt: total,
    usageCached: total,
    usageUnsplit: total,
    usageOutput: total,
    withScalars: count,
    scalarPrompt: total,
    scalarOutput: total,
    withEnvelope: count,
    withTokens: count,
    unmeasured: total,
    buckets: integers,
    counts: integers,
  }),
};

/** One row of `callsByQuarterHour`. `caller` is a clear object id: it is hashed before anything keeps it. */
export type CallsRow = {
  readonly quarterHour: Instant;
  readonly account: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
  readonly region: string;
  readonly operation: string;
  readonly apiName: string;
  readonly streamType: string;
  readonly status: string;
  readonly caller: string;
  readonly isLong: boolean;
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
  readonly oddArrays: bigint;
  readonly addedUsageRows: bigint;
  readonly withUsage: bigint;
  readonly usagePrompt: bigint;
  readonly usageCached: bigint;
  /** The part of `usagePrompt` whose rows do not tell the cached tokens. */
  readonly usageUnsplit: bigint;
  readonly usageOutput: bigint;
  readonly withScalars: bigint;
  readonly scalarPrompt: bigint;
  readonly scalarOutput: bigint;
  readonly withEnvelope: bigint;
  readonly withTokens: bigint;
  readonly unmeasured: bigint;
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
};
