import { z } from "zod";
import { dt, type Kql, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant } from "../time/instant.ts";
import { calls } from "./calls.ts";
import { instant, text, total } from "./cells.ts";
import { gatewayCalls } from "./gateway-calls.ts";
import { modelSpans } from "./model-spans.ts";
import type { EventsParams } from "./rate-limit-events.ts";

/**
 * Calls per minute that a content filter stopped, or may have stopped. The account's own log only knows a 400, which is
 * `possible`. A span that joins it (`finish_reasons` or `error.type`) proves it; a span that joins no call proves one that
 * may be among the possible ones, so `unjoined_span` is never added to them. `gateway` stopped it by its own policy.
 */
export const contentFilterEvents: KqlQuery<EventsParams, ContentFilterRow> = {
  name: "content-filter-events",
  text: (params) => {
    const spans = params.sources.spans ? kql`, (${unjoinedSpans(params)})` : kql``;
    const gateway = params.sources.gateway ? kql`, (${gatewayPolicy(params)})` : kql``;
    return kql`union (${ownLog(params)})${spans}${gateway}
| where at >= ${dt(params.window.start)} and at < ${dt(params.window.end)}
| summarize requests = sum(weight) by minute = bin(at, 1m), account, deployment, operation, status, proof`;
  },
  row: z.object({
    minute: instant,
    account: text,
    deployment: text,
    operation: text,
    status: text,
    proof: z.enum(["possible", "joined_span", "unjoined_span", "gateway"]),
    requests: total,
  }),
};

function ownLog({ window, sources }: EventsParams): Kql {
  return kql`${calls(window, sources)}
  | where hasEnvelope and (status == "400" or provesFilter)
  | project at = envelopeAt, account, deployment, operation, status, proof = iff(provesFilter, "joined_span", "possible"), weight = long(1)`;
}

function unjoinedSpans({ window, sources }: EventsParams): Kql {
  const spans = kql`${modelSpans(window)}
  | where isFiltered`;
  const unjoined =
    sources.gateway && sources.gatewayLlm
      ? kql`${spans}
  | join kind=leftanti (
    ${gatewayCalls(window, { ...sources, spans: false })}
    | where isnotempty(backendRequestId) and isnotempty(responseId)
  ) on $left.spanResponseId == $right.responseId`
      : spans;
  return kql`${unjoined}
  | project at = spanAt, account = tolower(target), deployment = requestModel, operation = genAiOperation, status = spanStatus, proof = "unjoined_span", weight`;
}

function gatewayPolicy({ window, sources }: EventsParams): Kql {
  return kql`${gatewayCalls(window, { ...sources, spans: false })}
  | where coalesce(backendStatus, 0) == 0 and reason matches regex "(?i)content.?(safety|filter)"
  | project at, account = gateway, deployment = iff(isempty(deployment), extract("/deployments/([^/?]+)", 1, url), deployment), operation = "", status = tostring(status), proof = "gateway", weight = long(1)`;
}

/** One row of `contentFilterEvents`. `account` is a resource id, the gateway's id, or a span's target host. */
export type ContentFilterRow = {
  readonly minute: Instant;
  readonly account: string;
  readonly deployment: string;
  readonly operation: string;
  readonly status: string;
  readonly proof: "possible" | "joined_span" | "unjoined_span" | "gateway";
  readonly requests: bigint;
};
