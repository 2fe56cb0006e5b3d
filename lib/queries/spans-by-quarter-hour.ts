import { z } from "zod";
import { dt, type Kql, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { count, instant, text, total } from "./cells.ts";
import type { Connected } from "./connected.ts";
import { modelSpans } from "./model-spans.ts";
import { inPaddedWindow } from "./window.ts";

export type SpansParams = { readonly window: Period; readonly sources: Connected };

/**
 * Calls and tokens of one quarter hour as application spans count them, per target host, requested model (for Azure
 * OpenAI the deployment) and application. A span whose response id the gateway logged `isJoined`: its call is known there.
 */
export const spansByQuarterHour: KqlQuery<SpansParams, SpanRow> = {
  name: "spans-by-quarter-hour",
  text: ({ window, sources }) => spanQuarters(window, sources),
  row: z.object({
    quarterHour: instant,
    host: text,
    deployment: text,
    model: text,
    operation: text,
    application: text,
    status: text,
    isJoined: z.boolean(),
    spans: count,
    rows: count,
    requests: total,
    prompt: total,
    cached: total,
    cachedKnown: count,
    completion: total,
    filtered: total,
    sampled: count,
  }),
};

/** The rows of `spansByQuarterHour`, or of all time for whoever runs it over a time of its own. */
export function spanQuarters(window: Period | null, sources: Connected): Kql {
  return kql`${modelSpans(window)}
${sources.gatewayLlm ? responsesOfGateway(window) : kql`| extend isJoined = false`}
| ${spanAtInWindow(window)}
| summarize spans = count(), rows = sum(spanCopies), requests = sum(weight), prompt = sum(spanPrompt * weight), cached = sum(spanCached * weight), cachedKnown = countif(isnotnull(spanCached)), completion = sum(spanOutput * weight), filtered = sumif(weight, isFiltered), sampled = countif(weight > 1) by quarterHour = bin(spanAt, 15m), host = tolower(target), deployment = requestModel, model = responseModel, operation = genAiOperation, application = role, status = spanStatus, isJoined`;
}

function spanAtInWindow(window: Period | null): Kql {
  if (window === null) return kql`where true`;
  return kql`where spanAt >= ${dt(window.start)} and spanAt < ${dt(window.end)}`;
}

function responsesOfGateway(window: Period | null): Kql {
  return kql`| join kind=leftouter (
    ApiManagementGatewayLlmLog
    | ${inPaddedWindow(window)}
    | where isnotempty(RequestId)
    | summarize gatewayRows = count() by gatewayResponseId = RequestId
  ) on $left.spanResponseId == $right.gatewayResponseId
| extend isJoined = isnotempty(gatewayResponseId)`;
}

/** One row of `spansByQuarterHour`. `sampled` spans stand for more than one call, so their figures are estimates. */
export type SpanRow = {
  readonly quarterHour: Instant;
  readonly host: string;
  readonly deployment: string;
  readonly model: string;
  readonly operation: string;
  readonly application: string;
  readonly status: string;
  readonly isJoined: boolean;
  readonly spans: bigint;
  readonly rows: bigint;
  readonly requests: bigint;
  readonly prompt: bigint;
  readonly cached: bigint;
  readonly cachedKnown: bigint;
  readonly completion: bigint;
  readonly filtered: bigint;
  readonly sampled: bigint;
};
