import { QUARTER_MS } from "../calendar.ts";
import type { DemoCall } from "../demo-call.ts";
import { METRIC_LAG_MS } from "../expand/metrics.ts";
import { WORKLOADS, type Workload } from "../workloads.ts";
import { NOTHING_TOLD, ownerOf, type Told } from "./owners.ts";
import { LONG_PROMPT_TOKENS } from "./price-table.ts";
import {
  accountKey,
  deploymentKey,
  eraAt,
  pricedTally,
  type Tally,
  type TallyKey,
  type Tokens,
  type TruthSource,
} from "./tally.ts";

/** A call with what is known about it from everywhere; the sources below each tell a part of it. */
export type Witnessed = {
  readonly call: DemoCall;
  readonly workload: Workload;
  readonly isLong: boolean;
  readonly isAnswered: boolean;
  /** Which records of the call the workspace has. */
  readonly hasResponse: boolean;
  readonly hasUsage: boolean;
  readonly hasGateway: boolean;
  readonly hasSpan: boolean;
  readonly hasMetric: boolean;
};

/** What of a call the workspace knows once everything that was received until `receivedBy` (epoch ms) is there. */
export function witnessed(call: DemoCall, receivedBy: number): Witnessed {
  const workload = WORKLOADS[call.workload];
  if (workload === undefined) throw new RangeError(`There is no workload ${call.workload}.`);
  const minuteEnd = (Math.floor(call.completedAt / 60_000) + 1) * 60_000;
  return {
    call,
    workload,
    isLong: call.promptTokens > LONG_PROMPT_TOKENS,
    isAnswered: call.status === 200,
    hasResponse: call.responseRows > 0 && call.responseReceivedAt <= receivedBy,
    hasUsage: call.usageRows > 0 && call.usageReceivedAt <= receivedBy,
    hasGateway: call.hasGateway && call.gatewayReceivedAt <= receivedBy,
    hasSpan: call.hasSpan && call.spanReceivedAt <= receivedBy,
    hasMetric: call.outcome !== "gateway_limit" && minuteEnd + METRIC_LAG_MS <= receivedBy,
  };
}

/**
 * The quarter hour in which each source counts a call: a record belongs to its end. Usage rows and metrics are written at
 * the end; the others tell their start and how long it took, the gateway 4 ms and the application 8 ms more.
 */
export function quarterIn(source: TruthSource, call: DemoCall): number {
  const later = source === "gateway" ? 4 : source === "span" ? 8 : 0;
  return Math.floor((call.completedAt + later) / QUARTER_MS);
}

/** What each single source tells of a call, counted for the quarter hour. */
export function sourceTallies(seen: Witnessed, quarter: number): [TallyKey, Tally][] {
  const { call, workload } = seen;
  const tallies: [TallyKey, Tally][] = [];
  const add = (
    source: TruthSource,
    told: Told | "truth",
    tokens: Tokens,
    isLong: boolean | null,
    isNamed = true,
    weight = 1,
  ) => {
    if (quarterIn(source, call) !== quarter) return;
    const era = eraAt(call.era);
    const team =
      told === "truth"
        ? (workload.team ?? "unattributed")
        : ownerOf(told, isNamed ? `${era.account}/${era.deployment}` : "");
    const key = isNamed ? deploymentKey(source, era, team) : accountKey(source, era.account, team);
    tallies.push([key, { ...pricedTally(era, quarter * QUARTER_MS, isLong, tokens), requests: weight }]);
  };
  if (call.outcome !== "gateway_limit") add("all", "truth", tokensOf(seen, "split"), seen.isLong);
  if (seen.hasMetric)
    add("metric", NOTHING_TOLD, tokensOf(seen, "unsplit"), null, ![401, 403, 404].includes(call.status));
  if (seen.hasUsage) add("usage_log", NOTHING_TOLD, tokensOf(seen, "split"), seen.isLong);
  if (seen.hasResponse) {
    const tokens = call.responseHasTokens ? tokensOf(seen, "unsplit") : NO_TOKENS;
    add("request_response", callerTold(seen), tokens, seen.isLong, call.responseHasDeployment);
  }
  if (seen.hasGateway) add("gateway", gatewayTold(seen), tokensOf(seen, "unsplit"), seen.isLong);
  if (seen.hasSpan) {
    const weight = workload.application?.itemCount ?? 1;
    add("span", spanTold(seen), times(spanTokens(seen), weight), seen.isLong, true, weight);
  }
  return tallies;
}

/** The tokens of an answered call, with or without the share that was cached. An embedding has nothing to cache. */
export function tokensOf({ call, workload }: Witnessed, knowledge: "split" | "unsplit"): Tokens {
  const { promptTokens, cachedTokens, outputTokens } = call;
  if (knowledge === "split" || workload.operation === "Embeddings_Create") {
    return { input: promptTokens - cachedTokens, cached: cachedTokens, unsplit: 0, output: outputTokens };
  }
  return { input: 0, cached: 0, unsplit: promptTokens, output: outputTokens };
}

/** The tokens that a span tells: the old attribute names have none for the cached share. */
export function spanTokens(seen: Witnessed): Tokens {
  return tokensOf(seen, seen.workload.application?.role === "risk-screening" ? "unsplit" : "split");
}

/** Tokens of a sampled span stand for as many calls. */
export function times(tokens: Tokens, weight: number): Tokens {
  return {
    input: tokens.input * weight,
    cached: tokens.cached * weight,
    unsplit: tokens.unsplit * weight,
    output: tokens.output * weight,
  };
}

/** The resource log names Entra callers; of gateway calls it names the gateway, which owns nothing. */
export function callerTold({ call, workload }: Witnessed): Told {
  const caller = call.status === 200 && workload.path.via === "entra" ? workload.path.objectId : "";
  return { ...NOTHING_TOLD, caller };
}

/** The gateway names the subscription, and the application where a span carries the id of the same response. */
export function gatewayTold(seen: Witnessed): Told {
  const { path, application } = seen.workload;
  return {
    ...NOTHING_TOLD,
    subscription: path.via === "gateway" ? path.subscription : "",
    application: seen.hasSpan && seen.isAnswered ? (application?.role ?? "") : "",
  };
}

/** A span names its application. */
export function spanTold({ workload }: Witnessed): Told {
  return { ...NOTHING_TOLD, application: workload.application?.role ?? "" };
}

const NO_TOKENS: Tokens = { input: 0, cached: 0, unsplit: 0, output: 0 };
