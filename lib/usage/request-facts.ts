import type { GatewayRow } from "../queries/gateway-by-quarter-hour.ts";
import type { RequestsRow } from "../queries/requests-by-quarter-hour.ts";
import { type Instant, minuteOf, quarterHourOf } from "../time/instant.ts";
import type { ReportedCaller } from "./identity.ts";
import { createIdentities } from "./identity.ts";
import { operationOf } from "./operations.ts";
import { causeOf, gatewayCauseOf } from "./request-cause.ts";
import type { AccountId, DeploymentName, Identity, RequestFact } from "./usage-fact.ts";
import { hostResolver, type UsageContext, type WindowRows } from "./usage-facts.ts";

/** Latency buckets with their counts; `unmeasured` requests have no latency. */
type Histogram = {
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
  readonly unmeasured: number;
};

/** A request fact with what the ledger keeps beside it; the owner is found by `identity`. */
export type IdentifiedRequests = {
  readonly fact: RequestFact;
  readonly identity: Identity;
  readonly model: string;
  readonly isInference: boolean;
  readonly withTokens: bigint;
  readonly latency: Histogram;
};

/** Requests of one minute with who called. */
export type IdentifiedMinute = {
  readonly minute: Instant;
  readonly streamType: string;
  readonly status: string;
  readonly requests: bigint;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly operation: string;
  readonly cause: RequestFact["cause"];
  readonly isInference: boolean;
  readonly identity: Identity;
  readonly latency: Histogram;
};

/**
 * Request facts of a window: every call of the accounts' own logs once, and the calls that the gateway turned away itself
 * (they have no attempt). A call that the gateway passed on is counted by the account's log only.
 */
export function requestFacts(
  rows: Pick<WindowRows, "usage" | "requests" | "gateway">,
  context: Pick<UsageContext, "hmacKey" | "gatewayCallers" | "inventory" | "accounts">,
): IdentifiedRequests[] {
  const { identify } = createIdentities(context.hmacKey);
  const accountOf = hostResolver(rows, context);
  const logged = rows.requests.map((row): IdentifiedRequests => {
    const operation = operationOf(row.operation);
    const identity = identify(callerFor(row, context.gatewayCallers, identify));
    return {
      fact: {
        quarterHour: quarterHourOf(row.start),
        account: row.account as AccountId,
        deployment: row.deployment as DeploymentName,
        operation: operation.name,
        apiVersion: /\d{4}-\d{2}-\d{2}(-preview)?/.exec(row.apiName)?.[0] ?? "",
        streamType: row.streamType,
        isSpillover: false,
        status: statusOf(row),
        cause: causeOf(statusOf(row), row.provesFilter),
        identityId: identity.identityId,
        requests: row.requests,
        attempts: row.requests,
      },
      identity,
      model: row.model,
      isInference: operation.isInference,
      withTokens: row.withTokens,
      latency: { buckets: row.buckets, counts: row.counts, unmeasured: Number(row.unmeasured) },
    };
  });
  const turnedAway = (rows.gateway ?? []).filter(isTurnedAway).map((row): IdentifiedRequests => {
    const identity = identify({ ...row, caller: "" });
    return {
      fact: {
        quarterHour: row.quarterHour,
        account: (row.host === "" ? "" : accountOf(row.host)) as AccountId,
        deployment: row.deployment as DeploymentName,
        operation: "gateway",
        apiVersion: "",
        streamType: "",
        isSpillover: false,
        status: row.status,
        cause: gatewayCauseOf(row.status),
        identityId: identity.identityId,
        requests: row.requests,
        attempts: 0n,
      },
      identity,
      model: "",
      isInference: true,
      withTokens: 0n,
      latency: { buckets: [], counts: [], unmeasured: Number(row.requests) },
    };
  });
  return [...logged, ...turnedAway];
}

/** The same calls by minute; `rows` are those of the question by minute. */
export function minuteFacts(
  rows: readonly RequestsRow[],
  context: Pick<UsageContext, "hmacKey" | "gatewayCallers">,
): IdentifiedMinute[] {
  const { identify } = createIdentities(context.hmacKey);
  return rows.map((row) => {
    const operation = operationOf(row.operation);
    return {
      minute: minuteOf(row.start),
      streamType: row.streamType,
      status: statusOf(row),
      requests: row.requests,
      account: row.account as AccountId,
      deployment: row.deployment as DeploymentName,
      operation: operation.name,
      cause: causeOf(statusOf(row), row.provesFilter),
      isInference: operation.isInference,
      identity: identify(callerFor(row, context.gatewayCallers, identify)),
      latency: { buckets: row.buckets, counts: row.counts, unmeasured: Number(row.unmeasured) },
    };
  });
}

/** A usage row is written for a call that was answered; its envelope may be missing or late. */
function statusOf(row: RequestsRow): string {
  return row.status === "" && row.withUsage > 0n ? "200" : row.status;
}

function isTurnedAway(row: GatewayRow): boolean {
  return (row.backendStatus === "" || row.backendStatus === "0") && Number(row.status) >= 400;
}

const NO_CALLER: ReportedCaller = {
  caller: "",
  apimSubscription: "",
  apimProduct: "",
  apimUser: "",
  api: "",
  backend: "",
  application: "",
};

function callerFor(
  row: RequestsRow,
  gatewayCallers: ReadonlySet<string>,
  identify: (reported: ReportedCaller) => Identity,
): ReportedCaller {
  const isGateway = gatewayCallers.has(identify({ ...NO_CALLER, caller: row.caller }).callerHash);
  return { ...row, caller: isGateway ? "" : row.caller };
}
