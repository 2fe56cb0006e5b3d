import { type BreakerLimits, DEFAULT_BREAKER } from "../upstream/circuit-breaker.ts";
import type { GovernorLimits } from "../upstream/governor.ts";

/** Everything that bounds what one installation asks of the metrics API. Durations in ms. */
export type MetricLimits = {
  readonly governor: GovernorLimits<"metrics">;
  readonly breaker: BreakerLimits;
  readonly maxAttempts: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  readonly retryAfterMaxMs: number;
  readonly attemptMs: number;
  readonly totalMs: number;
  /** Series asked for at once; the service's own default of 10 cuts in silence. */
  readonly top: number;
  /** Asked for once more when `top` series came back, before the result is called truncated. */
  readonly topMax: number;
  /** How long a group that may not be read together is read one by one. */
  readonly refusedBatchMs: number;
};

/** Towards Azure Resource Manager: far below its 12,000 reads an hour for one identity. */
export const AZURE_METRIC_LIMITS: MetricLimits = {
  governor: {
    lanes: { metrics: { concurrent: 4, calls: 120, windowMs: 60_000 } },
    concurrent: 4,
    reservedForFirst: 0,
    overall: { calls: 120, windowMs: 60_000 },
    queued: 2_000,
  },
  breaker: DEFAULT_BREAKER,
  maxAttempts: 4,
  retryBaseMs: 1_000,
  retryMaxMs: 30_000,
  retryAfterMaxMs: 60_000,
  attemptMs: 30_000,
  totalMs: 300_000,
  top: 1_000,
  topMax: 10_000,
  refusedBatchMs: 1_800_000,
};

/** Towards metrics inside this process: no rate to respect, only cores to share. */
export const EMBEDDED_METRIC_LIMITS: MetricLimits = {
  ...AZURE_METRIC_LIMITS,
  governor: {
    lanes: { metrics: { concurrent: 2, calls: Number.POSITIVE_INFINITY, windowMs: 1 } },
    concurrent: 2,
    reservedForFirst: 0,
    overall: { calls: Number.POSITIVE_INFINITY, windowMs: 1 },
    queued: 10_000,
  },
};
