import type { GatewayRow } from "../queries/gateway-by-quarter-hour.ts";
import type { FoldedRequests } from "../queries/logged-calls.ts";
import { addMs, type Instant, MINUTE_MS, QUARTER_HOUR_MS } from "../time/instant.ts";
import type { ReportedCaller } from "./identity.ts";
import { createIdentities } from "./identity.ts";
import { operationOf } from "./operations.ts";
import { causeOf, gatewayCauseOf } from "./request-cause.ts";
import type { AccountId, DeploymentName, Identity, RequestFact } from "./usage-fact.ts";
import { hostResolver, type UsageContext, type WindowRows } from "./usage-facts.ts";

/** Latency buckets with their counts, in any order and a bucket perhaps more than once; `unmeasured` requests have no latency. */
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

/** Requests by minute under one key, with who called: parallel lists; bucket -1 stands for requests without a latency. */
export type IdentifiedMinutes = {
  readonly streamType: string;
  readonly status: string;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly operation: string;
  readonly cause: RequestFact["cause"];
  readonly isInference: boolean;
  readonly identity: Identity;
  /** Minutes since 1970. */
  readonly minutes: readonly number[];
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
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
  const logged = rows.requests.flatMap((row): IdentifiedRequests[] => {
    const operation = operationOf(row.operation);
    const identity = identify(callerFor(row, context.gatewayCallers, identify));
    const apiVersion = /\d{4}-\d{2}-\d{2}(-preview)?/.exec(row.apiName)?.[0] ?? "";
    return requestsByQuarter(row).map((quarter) => ({
      fact: {
        quarterHour: quarter.quarterHour,
        account: row.account as AccountId,
        deployment: row.deployment as DeploymentName,
        operation: operation.name,
        apiVersion,
        streamType: row.streamType,
        isSpillover: false,
        status: quarter.status,
        cause: causeOf(quarter.status, row.provesFilter),
        identityId: identity.identityId,
        requests: BigInt(quarter.requests),
        attempts: BigInt(quarter.requests),
      },
      identity,
      model: row.model,
      isInference: operation.isInference,
      withTokens: BigInt(quarter.withTokens),
      latency: quarter.latency,
    }));
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
  rows: readonly FoldedRequests[],
  context: Pick<UsageContext, "hmacKey" | "gatewayCallers">,
): IdentifiedMinutes[] {
  const { identify } = createIdentities(context.hmacKey);
  return rows.flatMap((row) => {
    const operation = operationOf(row.operation);
    const identity = identify(callerFor(row, context.gatewayCallers, identify));
    const first = row.stretch / MINUTE_MS;
    const minutes = row.minutes.map((minute) => first + minute);
    const of = (status: string, isOfStatus: (index: number) => boolean): IdentifiedMinutes[] => {
      const kept = minutes.flatMap((_minute, index) => (isOfStatus(index) ? [index] : []));
      if (kept.length === 0) return [];
      const isAll = kept.length === minutes.length;
      const pick = (list: readonly number[]) => (isAll ? list : kept.map((index) => list[index] ?? 0));
      return [
        {
          streamType: row.streamType,
          status,
          account: row.account as AccountId,
          deployment: row.deployment as DeploymentName,
          operation: operation.name,
          cause: causeOf(status, row.provesFilter),
          isInference: operation.isInference,
          identity,
          minutes: pick(minutes),
          buckets: pick(row.buckets),
          counts: pick(row.n),
        },
      ];
    };
    if (row.status !== "") return of(row.status, () => true);
    const isAnswered = (index: number) => (row.withUsage[index] ?? 0) > 0;
    return [...of(ANSWERED, isAnswered), ...of("", (index) => !isAnswered(index))];
  });
}

/** A usage row is written for a call that was answered; its envelope may be missing or late. */
const ANSWERED = "200";

type QuarterOfRequests = {
  readonly quarterHour: Instant;
  readonly status: string;
  requests: number;
  withTokens: number;
  readonly latency: { readonly buckets: number[]; readonly counts: number[]; unmeasured: number };
};

/** The entries of a folded row per quarter hour and status; a bucket may stand in a histogram more than once. */
function requestsByQuarter(row: FoldedRequests): QuarterOfRequests[] {
  const quarters = new Map<number, QuarterOfRequests>();
  const perQuarter = QUARTER_HOUR_MS / MINUTE_MS;
  for (const [index, minute] of row.minutes.entries()) {
    const n = row.n[index] ?? 0;
    const quarter = Math.floor(minute / perQuarter);
    const isAnswered = row.status === "" && (row.withUsage[index] ?? 0) > 0;
    const slot = 2 * quarter + (isAnswered ? 1 : 0);
    let known = quarters.get(slot);
    if (!known) {
      known = {
        quarterHour: addMs(row.stretch, quarter * QUARTER_HOUR_MS),
        status: isAnswered ? ANSWERED : row.status,
        requests: 0,
        withTokens: 0,
        latency: { buckets: [], counts: [], unmeasured: 0 },
      };
      quarters.set(slot, known);
    }
    known.requests += n;
    known.withTokens += row.withTokens[index] ?? 0;
    const bucket = row.buckets[index] ?? -1;
    if (bucket < 0) known.latency.unmeasured += n;
    else {
      known.latency.buckets.push(bucket);
      known.latency.counts.push(n);
    }
  }
  return [...quarters.values()];
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
  row: FoldedRequests,
  gatewayCallers: ReadonlySet<string>,
  identify: (reported: ReportedCaller) => Identity,
): ReportedCaller {
  const isGateway = gatewayCallers.has(identify({ ...NO_CALLER, caller: row.caller }).callerHash);
  return { ...row, caller: isGateway ? "" : row.caller };
}
