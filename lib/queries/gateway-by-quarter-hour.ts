import { z } from "zod";
import { type Kql, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { count, instant, text, total } from "./cells.ts";
import type { Connected } from "./connected.ts";
import { gatewayCalls } from "./gateway-calls.ts";
import { atInWindow } from "./window.ts";

export type GatewayParams = { readonly window: Period; readonly sources: Connected };

/**
 * Calls and tokens of one quarter hour as the gateway counts them, per backend host and deployment. `isJoinable` calls
 * carry Azure OpenAI's request id, so the accounts' own log already has their owner.
 */
export const gatewayByQuarterHour: KqlQuery<GatewayParams, GatewayRow> = {
  name: "gateway-by-quarter-hour",
  text: ({ window, sources }) => gatewayQuarters(window, sources),
  row: z.object({
    quarterHour: instant,
    gateway: text,
    host: text,
    deployment: text,
    model: text,
    apimSubscription: text,
    apimProduct: text,
    apimUser: text,
    api: text,
    backend: text,
    application: text,
    isJoinable: z.boolean(),
    status: text,
    backendStatus: text,
    reason: text,
    provesFilter: z.boolean(),
    requests: count,
    rows: count,
    withTokens: count,
    prompt: total,
    completion: total,
  }),
};

/** The rows of `gatewayByQuarterHour`, or of all time for whoever runs it over a time of its own. */
export function gatewayQuarters(window: Period | null, sources: Connected): Kql {
  return kql`${gatewayCalls(window, sources)}
| ${atInWindow(window)}
| extend host = tolower(extract("^https?://([^/:]+)", 1, backendUrl)), urlDeployment = extract("/deployments/([^/?]+)", 1, iff(isempty(backendUrl), url, backendUrl))
| summarize requests = count(), rows = sum(copies), withTokens = countif(isnotnull(prompt)), prompt = sum(prompt), completion = sum(completion) by quarterHour = bin(at, 15m), gateway, host, deployment = iff(isnotempty(servedDeployment), servedDeployment, iff(isempty(deployment), urlDeployment, deployment)), model, apimSubscription, apimProduct, apimUser, api, backend, application, isJoinable = isnotempty(backendRequestId), status = tostring(status), backendStatus = tostring(backendStatus), reason, provesFilter`;
}

/** One row of `gatewayByQuarterHour`; `backendStatus` is empty or 0 where no backend was asked. */
export type GatewayRow = {
  readonly quarterHour: Instant;
  readonly gateway: string;
  readonly host: string;
  readonly deployment: string;
  readonly model: string;
  readonly apimSubscription: string;
  readonly apimProduct: string;
  readonly apimUser: string;
  readonly api: string;
  readonly backend: string;
  readonly application: string;
  readonly isJoinable: boolean;
  readonly status: string;
  readonly backendStatus: string;
  readonly reason: string;
  readonly provesFilter: boolean;
  readonly requests: bigint;
  readonly rows: bigint;
  readonly withTokens: bigint;
  readonly prompt: bigint;
  readonly completion: bigint;
};
