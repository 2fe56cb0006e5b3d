import { DAY_MS, demandAt, HOUR_MS } from "../calendar.ts";
import { type Random, randomOf } from "../random.ts";
import { type DemoTenant, historyStartOf } from "../tenant.ts";
import { type TokenShape, WORKLOADS, type Workload } from "../workloads.ts";
import { HISTORY_ERAS, HISTORY_WORKLOADS, historyEraAt, workloadStart } from "./history-eras.ts";

/**
 * What one workload did in one hour of the history, added up: all of it in one quarter hour, so that the eleven months are few
 * rows. Workloads of one deployment share the quarter hour. Tokens are those of the `calls` that were answered.
 */
export type HistoryPart = {
  /** Quarter hours since 1970. */
  readonly quarter: number;
  readonly workload: number;
  /** Index into `HISTORY_ERAS`. */
  readonly era: number;
  readonly isLong: boolean;
  readonly calls: number;
  /** Calls beside those, which ended with `failedStatus` and without tokens. */
  readonly failed: number;
  readonly failedStatus: 400 | 429;
  readonly promptTokens: number;
  /** Part of the prompt. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Spans that were kept; each stands for the `itemCount` of its application. */
  readonly spans: number;
};

/** A year before the raw tables the company was this much of what it is at their beginning. */
const SHARE_AT_FIRST = 0.35;
/** The growth of `generate-quarter.ts` 90 days before the creation: where the raw tables go on. */
const SHARE_AT_LAST = 0.8;
const GROWTH_MS = 335 * DAY_MS;

/** Every part of one hour (counted since 1970): a pure function of the tenant and the hour, empty outside the history. */
export function generateHistoryHour(tenant: DemoTenant, hour: number): HistoryPart[] {
  const at = hour * HOUR_MS;
  const historyStart = historyStartOf(tenant);
  if (at < historyStart || at >= tenant.start) return [];
  return WORKLOADS.flatMap((workload, index) => {
    if (HISTORY_WORKLOADS[workload.name] === undefined) return [];
    if (at < workloadStart(workload.name, tenant.start, historyStart)) return [];
    const era = historyEraAt(workload.account, workload.deployment, at);
    return era === undefined ? [] : partsOf(tenant, workload, index, era, hour);
  });
}

function partsOf(tenant: DemoTenant, workload: Workload, index: number, era: number, hour: number): HistoryPart[] {
  const at = hour * HOUR_MS;
  const random = randomOf(tenant.seed, hour, index, 1);
  const share = SHARE_AT_LAST - ((tenant.start - at) / GROWTH_MS) * (SHARE_AT_LAST - SHARE_AT_FIRST);
  const usual = (workload.perDay / 24) * tenant.scale * share * demandAt(workload.profile, at, workload.utcOffset);
  const calls = Math.floor(usual * (0.85 + 0.3 * random()) + random());
  const failed = random() < 0.04 ? 1 + Math.floor(calls * 0.05 * random()) : 0;
  if (calls + failed === 0) return [];
  const longCalls = HISTORY_ERAS[era]?.model === "gpt-5.4" ? Math.floor(calls * workload.longPrompts + random()) : 0;
  const common = {
    quarter: hour * 4 + quarterOfHour(tenant.seed, hour, era),
    workload: index,
    era,
    failedStatus: workload.deployment === "chat-prod" ? (429 as const) : (400 as const),
  };
  const short = tokensOf(workload, calls - longCalls, random);
  const parts: HistoryPart[] = [{ ...common, isLong: false, calls: calls - longCalls, failed, ...short }];
  if (longCalls > 0) {
    const long = tokensOf({ ...workload, prompt: { median: 360_000, spread: 0, max: 430_000 } }, longCalls, random);
    parts.push({ ...common, isLong: true, calls: longCalls, failed: 0, ...long });
  }
  return parts;
}

function quarterOfHour(seed: number, hour: number, era: number): number {
  return Math.floor(randomOf(seed, hour, era, 2)() * 4);
}

function tokensOf(workload: Workload, calls: number, random: Random) {
  const promptTokens = Math.floor(calls * meanOf(workload.prompt) * (0.9 + 0.2 * random()));
  const hit = Math.min(0.9, workload.cacheHits * workload.cachedShare * (0.8 + 0.4 * random()));
  const outputTokens = Math.floor(calls * meanOf(workload.output) * (0.9 + 0.2 * random()));
  const itemCount = workload.application?.itemCount ?? 1;
  return {
    promptTokens,
    cachedTokens: Math.floor((promptTokens * hit) / 128) * 128,
    outputTokens,
    spans: workload.application ? Math.floor(calls / itemCount + random()) : 0,
  };
}

/** The mean of counts that lie around a median with a long right tail. */
function meanOf({ median, spread, max }: TokenShape): number {
  return Math.min(max, Math.round(median * (1 + 0.72 * spread * spread)));
}
