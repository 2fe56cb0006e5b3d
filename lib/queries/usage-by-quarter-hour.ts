import { z } from "zod";
import { type Kql, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { calls } from "./calls.ts";
import { count, instant, text, total } from "./cells.ts";
import type { Connected } from "./connected.ts";
import { atInWindow } from "./window.ts";

/** A window of whole quarter hours, and the tables that exist besides the accounts' own logs. */
export type CallsParams = { readonly window: Period; readonly sources: Connected };

/**
 * Tokens of one quarter hour under the complete key that the logs give: from usage rows with the cached split, and for
 * calls without a usage row from the scalars of `RequestResponse`. Tokens belong to the quarter hour in which the answer
 * was complete, as platform metrics count them: usage rows are written then, an envelope tells its start and duration.
 */
export const usageByQuarterHour: KqlQuery<CallsParams, UsageRow> = {
  name: "usage-by-quarter-hour",
  text: ({ window, sources }) => kql`let calls = materialize(
${calls(window, sources)}
);
${usageOfCalls(window)}`,
  row: z.object({
    quarterHour: instant,
    source: z.enum(["usage_log", "request_response"]),
    account: text,
    deployment: text,
    model: text,
    version: text,
    region: text,
    operation: text,
    apiName: text,
    streamType: text,
    caller: text,
    isLong: z.boolean(),
    isJoined: z.boolean(),
    apimSubscription: text,
    apimProduct: text,
    apimUser: text,
    api: text,
    backend: text,
    application: text,
    calls: count,
    prompt: total,
    cached: total,
    unsplit: total,
    output: total,
    oddArrays: total,
    addedRows: total,
  }),
};

/** The rows of `usageByQuarterHour` from the table `calls` that stands before it. */
export function usageOfCalls(window: Period | null): Kql {
  return kql`union
  (calls
  | where hasUsage
  | project source = "usage_log", at = usageAt, account, deployment, model, version, region, operation, apiName, streamType, caller, isLong, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, prompt = usagePrompt, cached = usageCached, unsplit = iff(hasCached, long(0), usagePrompt), output = usageOutput, oddArrays, addedRows = usageRows - 1),
  (calls
  | where hasScalars and not(hasUsage)
  | project source = "request_response", at = envelopeAt + coalesce(durationMs, long(0)) * 1ms, account, deployment, model, version, region, operation, apiName, streamType, caller, isLong, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, prompt = scalarPrompt, cached = long(0), unsplit = scalarPrompt, output = scalarOutput, oddArrays = long(0), addedRows = long(0))
| ${atInWindow(window)}
| summarize calls = count(), prompt = sum(prompt), cached = sum(cached), unsplit = sum(unsplit), output = sum(output), oddArrays = sum(oddArrays), addedRows = sum(addedRows) by quarterHour = bin(at, 15m), source, account, deployment, model, version, region, operation, apiName, streamType, caller, isLong, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application`;
}

/** One row of `usageByQuarterHour`. `caller` is a clear object id: it is hashed before anything keeps it. */
export type UsageRow = {
  readonly quarterHour: Instant;
  readonly source: "usage_log" | "request_response";
  readonly account: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
  readonly region: string;
  readonly operation: string;
  readonly apiName: string;
  readonly streamType: string;
  readonly caller: string;
  readonly isLong: boolean;
  readonly isJoined: boolean;
  readonly apimSubscription: string;
  readonly apimProduct: string;
  readonly apimUser: string;
  readonly api: string;
  readonly backend: string;
  readonly application: string;
  readonly calls: bigint;
  readonly prompt: bigint;
  readonly cached: bigint;
  /** The part of `prompt` whose rows do not tell the cached tokens. */
  readonly unsplit: bigint;
  readonly output: bigint;
  /** Usage rows whose token arrays do not have one entry. */
  readonly oddArrays: bigint;
  /** Usage rows beyond the first of a call, whose tokens were added. */
  readonly addedRows: bigint;
};
