import { z } from "zod";
import { dt, type Kql, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { count, instant, text } from "./cells.ts";
import type { Connected } from "./connected.ts";
import { gatewayCalls } from "./gateway-calls.ts";
import { inPaddedWindow } from "./window.ts";

export type EventsParams = { readonly window: Period; readonly sources: Connected };

/**
 * Throttled calls (429) per minute. `backend` answers stand in the account's own log, which may leave the deployment out;
 * `gateway` refusals never reached an account and carry the gateway's own reason. A backend's 429 is not counted at the
 * gateway again.
 */
export const rateLimitEvents: KqlQuery<EventsParams, RateLimitRow> = {
  name: "rate-limit-events",
  text: ({
    window,
    sources,
  }) => kql`${sources.gateway ? kql`union (${ownLog(window)}), (${refusals(window, sources)})` : ownLog(window)}
| where at >= ${dt(window.start)} and at < ${dt(window.end)}
| summarize requests = count() by minute = bin(at, 1m), account, deployment, operation, origin, reason`,
  row: z.object({
    minute: instant,
    account: text,
    deployment: text,
    operation: text,
    origin: z.enum(["backend", "gateway"]),
    reason: text,
    requests: count,
  }),
};

function ownLog(window: Period): Kql {
  return kql`AzureDiagnostics
  | ${inPaddedWindow(window)}
  | where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES" and Category == "RequestResponse" and ResultSignature == "429"
  | extend properties = parse_json(column_ifexists("properties_s", ""))
  | extend id = iff(isempty(CorrelationId), strcat("~", tostring(TimeGenerated), OperationName, tostring(DurationMs)), CorrelationId)
  | summarize at = min(TimeGenerated), deployment = max(tostring(properties.modelDeploymentName)), operation = max(OperationName) by account = tolower(_ResourceId), id
  | project at, account, deployment, operation, origin = "backend", reason = ""`;
}

function refusals(window: Period, sources: Connected): Kql {
  return kql`${gatewayCalls(window, { ...sources, spans: false })}
  | where status == 429 and coalesce(backendStatus, 0) == 0
  | project at, account = gateway, deployment = iff(isempty(deployment), extract("/deployments/([^/?]+)", 1, url), deployment), operation = "", origin = "gateway", reason`;
}

/** One row of `rateLimitEvents`. An empty `deployment` is not told; `account` is the gateway's id where it refused. */
export type RateLimitRow = {
  readonly minute: Instant;
  readonly account: string;
  readonly deployment: string;
  readonly operation: string;
  readonly origin: "backend" | "gateway";
  readonly reason: string;
  readonly requests: bigint;
};
