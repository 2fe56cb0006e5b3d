import { DAY_MS, demandAt, HOUR_MS, MINUTE_MS, QUARTER_MS } from "./calendar.ts";
import type { DemoCall, DemoOutcome } from "./demo-call.ts";
import { DEPLOYMENT_ERAS } from "./deployments.ts";
import { EXTRA_DEMAND, type IncidentKind } from "./incidents.ts";
import { freshQuotas, type Quotas } from "./quotas.ts";
import { type Random, randomOf, skewed } from "./random.ts";
import { type DemoTenant, eraOf, isDuring, TOKEN_KEYS_SINCE_DAYS } from "./tenant.ts";
import { type TokenShape, WORKLOADS, type Workload } from "./workloads.ts";

/**
 * Every call that starts in one quarter hour, in order of its start: a pure function of the tenant and the quarter hour.
 * `quarter` counts quarter hours since 1970. Before the demo begins there is none.
 */
export function generateQuarter(tenant: DemoTenant, quarter: number): DemoCall[] {
  const start = quarter * QUARTER_MS;
  if (start < tenant.start) return [];
  const queue = WORKLOADS.flatMap((workload, index) => plannedCalls(tenant, quarter, workload, index));
  queue.sort((a, b) => a.at - b.at || a.workload - b.workload);
  const quotas = freshQuotas();
  const calls: DemoCall[] = [];
  for (let next = 0; next < queue.length; next++) {
    const planned = queue[next];
    if (planned === undefined) continue;
    const happened = callsOf(tenant, quotas, planned, quarter * 65_536 + calls.length);
    calls.push(...happened);
    const retry = retryOf(planned, happened.at(-1));
    if (retry !== undefined && retry.at < start + QUARTER_MS) insertByTime(queue, next + 1, retry);
  }
  return calls;
}

/** The longest time from the start of a call to the last record of it in the workspace. */
export const LONGEST_LAG_MS = 5 * HOUR_MS;

type PlannedCall = {
  readonly at: number;
  readonly workload: number;
  readonly attempt: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly random: Random;
};

function plannedCalls(tenant: DemoTenant, quarter: number, workload: Workload, index: number): PlannedCall[] {
  const start = quarter * QUARTER_MS;
  const random = randomOf(tenant.seed, quarter, index);
  const age = (start - tenant.createdAt) / DAY_MS;
  const growth = Math.max(0.5, 1 + age * 0.0022);
  const usual = (workload.perDay / 96) * tenant.scale * growth * demandAt(workload.profile, start, workload.utcOffset);
  const planned = plannedAt(tenant, workload, index, random, Math.floor(usual + random()), start, QUARTER_MS);
  for (const [from, perMinute] of extraMinutes(tenant, workload, start)) {
    planned.push(...plannedAt(tenant, workload, index, random, Math.floor(perMinute + random()), from, MINUTE_MS));
  }
  return planned;
}

function plannedAt(
  tenant: DemoTenant,
  workload: Workload,
  index: number,
  random: Random,
  count: number,
  from: number,
  lengthMs: number,
): PlannedCall[] {
  return Array.from({ length: count }, () => {
    const at = from + Math.floor(random() * lengthMs);
    const isStorm =
      workload.name === EXTRA_DEMAND.throttling_storm?.workload && isDuring(tenant, "throttling_storm", at);
    return { at, workload: index, attempt: 0, ...tokensOf(workload, isStorm, random), random };
  });
}

/** Minutes of this quarter hour with demand beyond the usual: a daily burst, or an incident. */
function extraMinutes(tenant: DemoTenant, workload: Workload, start: number): [from: number, perMinute: number][] {
  const minutes = Array.from({ length: 15 }, (_, minute) => start + minute * MINUTE_MS);
  const kinds = Object.keys(EXTRA_DEMAND) as IncidentKind[];
  return minutes.flatMap((from): [number, number][] => {
    const burst = burstPerMinute(tenant, workload, from);
    const incidents = kinds.map((kind) => {
      const extra = EXTRA_DEMAND[kind];
      if (extra === undefined || extra.workload !== workload.name || !isDuring(tenant, kind, from)) return 0;
      return kind === "throttling_storm" ? extra.perMinute : extra.perMinute * Math.min(1, tenant.scale * 2);
    });
    const perMinute = incidents.reduce((sum, extra) => sum + extra, burst);
    return perMinute > 0 ? [[from, perMinute]] : [];
  });
}

function burstPerMinute(tenant: DemoTenant, { burst }: Workload, at: number): number {
  if (burst === null) return 0;
  const minuteOfDay = Math.floor((at % DAY_MS) / MINUTE_MS) - burst.hour * 60;
  const minutes = Math.max(1, Math.round(burst.minutes * Math.min(1, tenant.scale)));
  if (minuteOfDay < 0 || minuteOfDay >= minutes) return 0;
  const progress = Math.min(1, Math.max(0, 1 + (at - tenant.createdAt) / (90 * DAY_MS)));
  return burst.fromPerMinute + (burst.toPerMinute - burst.fromPerMinute) * progress;
}

function tokensOf(workload: Workload, isStorm: boolean, random: Random) {
  const isLong = random() < workload.longPrompts;
  const drawn = isLong ? 290_000 + Math.floor(random() * 140_000) : countOf(workload.prompt, random);
  const promptTokens = isStorm ? 7_000 + (drawn % 3_000) : drawn;
  const hasHit = random() < workload.cacheHits;
  const share = Math.min(0.95, workload.cachedShare * (0.6 + 0.8 * random()));
  const cachedTokens = hasHit && promptTokens >= 1_024 ? Math.floor((promptTokens * share) / 128) * 128 : 0;
  const outputTokens = countOf(workload.output, random);
  return { promptTokens, cachedTokens, outputTokens, reasoningTokens: Math.floor(outputTokens * workload.reasoning) };
}

function countOf(shape: TokenShape, random: Random): number {
  if (shape.median === 0) return 0;
  return Math.max(1, Math.min(shape.max, Math.round(skewed(random, shape.median, shape.spread))));
}

/** One planned attempt as it happened: usually one call, two when provisioned capacity was full and it spilled over. */
function callsOf(tenant: DemoTenant, quotas: Quotas, planned: PlannedCall, id: number): DemoCall[] {
  const workload = workloadAt(planned.workload);
  const { era, exists } = eraOf(tenant, workload.account, workload.deployment, planned.at);
  const deployment = eraAt(era);
  if (!exists) return [callOf(tenant, planned, id, era, "deployment_missing", false)];
  const isDirect = workload.path.via !== "gateway";
  if (
    isDirect &&
    workload.account === "aoai-data-eus" &&
    isDuring(tenant, "endpoint_closed", planned.at) &&
    workload.operation !== "Batch_Line"
  ) {
    return [callOf(tenant, planned, id, era, "endpoint_closed", false)];
  }
  if (!isDirect && planned.random() < 0.0006) return [callOf(tenant, planned, id, era, "gateway_limit", false)];
  if (quotas.admits(era, deployment, planned)) {
    return [callOf(tenant, planned, id, era, outcomeOf(tenant, workload, planned), false)];
  }
  const refused = callOf(tenant, planned, id, era, "throttled", false);
  if (deployment.spilloverTo === null) return [refused];
  const spill = eraOf(tenant, workload.account, deployment.spilloverTo, planned.at).era;
  const outcome = quotas.admits(spill, eraAt(spill), planned) ? "ok" : "throttled";
  return [refused, callOf(tenant, { ...planned, at: planned.at + 15 }, id + 1, spill, outcome, true)];
}

function outcomeOf(tenant: DemoTenant, workload: Workload, planned: PlannedCall): DemoOutcome {
  const isWave =
    workload.deployment === "assistant-fast" &&
    workload.team !== null &&
    isDuring(tenant, "content_filter_wave", planned.at);
  if (workload.operation === "Batch_Line" || workload.operation === "Embeddings_Create") return "ok";
  const draw = planned.random();
  let limit = isWave ? 0.34 : 0.0008;
  if (draw < limit) return "prompt_filtered";
  for (const [outcome, share] of RARE_OUTCOMES) {
    limit += outcome === "cancelled" && !workload.isStream ? 0 : share;
    if (draw < limit) return outcome;
  }
  return "ok";
}

const RARE_OUTCOMES: readonly [DemoOutcome, number][] = [
  ["output_filtered", 0.0004],
  ["client_error", 0.0022],
  ["unauthorized", 0.0003],
  ["timeout", 0.0007],
  ["server_error", 0.0009],
  ["cancelled", 0.003],
];

const STATUS: Readonly<Record<DemoOutcome, number>> = {
  ok: 200,
  output_filtered: 200,
  prompt_filtered: 400,
  throttled: 429,
  client_error: 400,
  unauthorized: 401,
  endpoint_closed: 403,
  deployment_missing: 404,
  cancelled: 499,
  timeout: 408,
  server_error: 500,
  gateway_limit: 429,
};

function callOf(
  tenant: DemoTenant,
  planned: PlannedCall,
  id: number,
  era: number,
  outcome: DemoOutcome,
  isSpillover: boolean,
): DemoCall {
  const { random } = planned;
  const workload = workloadAt(planned.workload);
  const deployment = eraAt(era);
  const isBatch = workload.operation === "Batch_Line";
  const hasTokens = outcome === "ok" || outcome === "output_filtered";
  const isRefusedByGateway = outcome === "gateway_limit";
  const isGatewayCall =
    workload.path.via === "gateway" && !(outcome === "throttled" && deployment.spilloverTo !== null);
  const startedAt = planned.at;
  const requestAt =
    startedAt + (workload.path.via === "gateway" ? 40 + Math.floor(random() * 60) : 6 + Math.floor(random() * 8));
  const timing = timingOf(tenant, workload, planned, era, outcome);
  const completedAt = requestAt + timing.durationMs;
  const isInHole = (at: number) => workload.account === "aoai-prod-swc" && isDuring(tenant, "log_hole", at);
  const isLogged = !isBatch && !isRefusedByGateway;
  const rows = random();
  const missesResponse = random() < 0.003 && !deployment.isLossless;
  const hasUsage = hasTokens && isLogged && random() >= deployment.missingUsage && !isInHole(completedAt);
  const unusual = random();
  const isResponses = workload.operation === "create_response";
  const application = workload.application;
  return {
    id,
    workload: planned.workload,
    era,
    status: outcome === "server_error" && random() < 0.4 ? 503 : STATUS[outcome],
    outcome,
    attempt: planned.attempt,
    isSpillover,
    startedAt,
    requestAt,
    completedAt,
    durationMs: timing.durationMs,
    firstTokenMs: timing.firstTokenMs,
    promptTokens: hasTokens ? planned.promptTokens : 0,
    cachedTokens: hasTokens ? planned.cachedTokens : 0,
    outputTokens: hasTokens ? planned.outputTokens : 0,
    reasoningTokens: hasTokens ? planned.reasoningTokens : 0,
    requestBytes: 300 + Math.floor(planned.promptTokens * 4.2),
    responseBytes: hasTokens
      ? 700 + planned.outputTokens * (workload.isStream ? 190 : 5)
      : 280 + Math.floor(random() * 90),
    filterCategory: isDuring(tenant, "content_filter_wave", startedAt) ? 4 : Math.floor(random() * 4),
    responseRows: !isLogged || missesResponse || isInHole(requestAt) ? 0 : rows < 0.85 ? 2 : rows < 0.99 ? 1 : 3,
    responseReceivedAt: completedAt + responseLag(random, deployment.isLossless),
    responseHasDeployment:
      hasTokens ||
      outcome === "prompt_filtered" ||
      outcome === "client_error" ||
      outcome === "cancelled" ||
      outcome === "timeout" ||
      outcome === "server_error" ||
      (outcome === "throttled" && deployment.ptu !== null),
    responseHasTokens: hasTokens && requestAt >= tenant.createdAt - TOKEN_KEYS_SINCE_DAYS * DAY_MS,
    usesUnixTicks: random() < 0.03,
    usageRows: !hasUsage ? 0 : isResponses && planned.outputTokens > 1 && unusual < 0.002 ? 2 : 1,
    usageIsRepeated: hasUsage && unusual > 0.999,
    usageHasPairs: hasUsage && planned.outputTokens > 1 && unusual > 0.0025 && unusual < 0.0045,
    usageReceivedAt: completedAt + usageLag(random, deployment.isLossless),
    hasGateway: isGatewayCall,
    gatewayReceivedAt: completedAt + 60_000 + Math.floor(random() * 150_000),
    hasSpan: application !== null && outcome !== "gateway_limit" && random() < 1 / application.itemCount,
    spanReceivedAt: completedAt + 30_000 + Math.floor(random() * 90_000),
  };
}

function timingOf(tenant: DemoTenant, workload: Workload, planned: PlannedCall, era: number, outcome: DemoOutcome) {
  const deployment = eraAt(era);
  const { random } = planned;
  const isSlow =
    workload.account === "aoai-prod-swc" &&
    workload.deployment === "chat-prod" &&
    isDuring(tenant, "slow_evening", planned.at);
  const first = skewed(random, deployment.firstTokenMs, 0.35) * (isSlow ? 4 : 1) + planned.promptTokens / 90;
  const total = first + planned.outputTokens * deployment.perTokenMs * (0.7 + 0.6 * random()) * (isSlow ? 4 : 1);
  const durationMs = {
    ok: total,
    output_filtered: total,
    prompt_filtered: 120 + random() * 140,
    throttled: 4 + random() * 12,
    client_error: 20 + random() * 180,
    unauthorized: 3 + random() * 6,
    endpoint_closed: 2 + random() * 5,
    deployment_missing: 3 + random() * 6,
    cancelled: first + (total - first) * random(),
    timeout: 60_000,
    server_error: 200 + random() * 9_000,
    gateway_limit: 1 + random() * 3,
  }[outcome];
  const longest = 9 * MINUTE_MS;
  return {
    durationMs: Math.max(1, Math.min(longest, Math.round(durationMs))),
    firstTokenMs: Math.round(Math.min(first, durationMs) * 10) / 10,
  };
}

function responseLag(random: Random, isLossless: boolean): number {
  const isVeryLate = random() < 0.0005 && !isLossless;
  const lag = isVeryLate
    ? 30 * MINUTE_MS + random() * 195 * MINUTE_MS
    : Math.min(215_000, skewed(random, 118_000, 0.16));
  return Math.floor(lag);
}

function usageLag(random: Random, isLossless: boolean): number {
  const isVeryLate = random() < 0.001 && !isLossless;
  return Math.floor(
    isVeryLate ? 10 * MINUTE_MS + random() * 220 * MINUTE_MS : Math.min(27_000, skewed(random, 5_000, 0.4)),
  );
}

/** A client that was throttled tries again, at most twice. */
function retryOf(planned: PlannedCall, last: DemoCall | undefined): PlannedCall | undefined {
  if (last?.outcome !== "throttled" || planned.attempt === 2) return undefined;
  return { ...planned, attempt: planned.attempt + 1, at: planned.at + 6_000 + Math.floor(planned.random() * 14_000) };
}

function insertByTime(queue: PlannedCall[], from: number, call: PlannedCall): void {
  let at = from;
  while (at < queue.length && (queue[at]?.at ?? Number.POSITIVE_INFINITY) <= call.at) at++;
  queue.splice(at, 0, call);
}

function workloadAt(index: number): Workload {
  const workload = WORKLOADS[index];
  if (workload === undefined) throw new RangeError(`There is no workload ${index}.`);
  return workload;
}

function eraAt(index: number) {
  const era = DEPLOYMENT_ERAS[index];
  if (era === undefined) throw new RangeError(`There is no deployment ${index}.`);
  return era;
}
