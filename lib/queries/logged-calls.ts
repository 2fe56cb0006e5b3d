import { z } from "zod";
import { kql, timespan } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import { calls } from "./calls.ts";
import { instant, text, wholeNumbers } from "./cells.ts";
import { countedRequests, requestsOfCalls } from "./requests-by-quarter-hour.ts";
import { type CallsParams, usageOfCalls } from "./usage-by-quarter-hour.ts";

/** `hasMinutes`: requests by minute instead of by quarter hour. */
export type LoggedCallsParams = CallsParams & { readonly hasMinutes: boolean };

const key = {
  /** The start of the six hours in which the row's minutes count. */
  stretch: instant,
  account: text,
  deployment: text,
  model: text,
  version: text,
  operation: text,
  apiName: text,
  streamType: text,
  caller: text,
  isJoined: z.boolean(),
  apimSubscription: text,
  apimProduct: text,
  apimUser: text,
  api: text,
  backend: text,
  application: text,
};

const foldedUsage = z.object({
  ...key,
  rowOf: z.literal("usage"),
  source: z.enum(["usage_log", "request_response"]),
  region: text,
  isLong: z.boolean(),
  minutes: wholeNumbers,
  n: wholeNumbers,
  prompt: wholeNumbers,
  cached: wholeNumbers,
  unsplit: wholeNumbers,
  output: wholeNumbers,
  oddArrays: wholeNumbers,
  addedRows: wholeNumbers,
});

const foldedRequests = z.object({
  ...key,
  rowOf: z.literal("requests"),
  status: text,
  provesFilter: z.boolean(),
  minutes: wholeNumbers,
  n: wholeNumbers,
  buckets: wholeNumbers,
  rows: wholeNumbers,
  duplicates: wholeNumbers,
  withTokens: wholeNumbers,
  withUsage: wholeNumbers,
});

/** Tokens of one key over six hours: parallel lists, one entry a quarter hour. `caller` is a clear object id: it is hashed before anything keeps it. */
export type FoldedUsage = z.infer<typeof foldedUsage>;

/** Requests of one key over six hours: parallel lists, one entry a bin and latency bucket (-1: no latency). `caller` as above. */
export type FoldedRequests = z.infer<typeof foldedRequests>;

/**
 * What the accounts' own logs tell about a window in one answer: the tokens of `usageByQuarterHour` and the requests by
 * minute or quarter hour with their latency buckets. Rows of one key are folded into parallel lists, over six hours at most
 * so that no list outgrows a dynamic value: the long texts of a key are sent, read and compared once and not once a minute.
 */
export const loggedCalls: KqlQuery<LoggedCallsParams, FoldedUsage | FoldedRequests> = {
  name: "logged-calls",
  text: ({ window, sources, hasMinutes }) => kql`let calls = materialize(
${calls(window, sources)}
);
union (
${usageOfCalls(window)}
| extend stretch = bin(quarterHour, ${timespan("6h")})
| extend minute = datetime_diff("minute", quarterHour, stretch)
| summarize minutes = make_list(minute), n = make_list(calls), prompt = make_list(prompt), cached = make_list(cached), unsplit = make_list(unsplit), output = make_list(output), oddArrays = make_list(oddArrays), addedRows = make_list(addedRows) by stretch, source, account, deployment, model, version, region, operation, apiName, streamType, caller, isLong, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application
| extend rowOf = "usage"), (
calls
${requestsOfCalls(window)}
${countedRequests(hasMinutes ? "1m" : "15m")}
| extend stretch = bin(start, ${timespan("6h")})
| extend minute = datetime_diff("minute", start, stretch)
| summarize minutes = make_list(minute), n = make_list(n), buckets = make_list(bucket), rows = make_list(rows), duplicates = make_list(duplicates), withTokens = make_list(tokenCalls), withUsage = make_list(usageCalls) by stretch, account, deployment, model, version, operation, apiName, streamType, status, caller, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter
| extend rowOf = "requests")`,
  row: z.discriminatedUnion("rowOf", [foldedUsage, foldedRequests]).refine(hasParallelLists, "lists of one length"),
};

function hasParallelLists(row: FoldedUsage | FoldedRequests): boolean {
  const lists =
    row.rowOf === "usage"
      ? [row.n, row.prompt, row.cached, row.unsplit, row.output, row.oddArrays, row.addedRows]
      : [row.n, row.buckets, row.rows, row.duplicates, row.withTokens, row.withUsage];
  return lists.every((list) => list.length === row.minutes.length);
}
