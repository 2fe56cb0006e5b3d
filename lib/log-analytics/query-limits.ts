import { type BreakerLimits, DEFAULT_BREAKER } from "../upstream/circuit-breaker.ts";
import type { GovernorLimits } from "../upstream/governor.ts";
import type { QueryPriority } from "./log-analytics.ts";

/** Everything that bounds what one installation asks of its workspaces. Durations in ms. */
export type QueryLimits = {
  readonly governor: GovernorLimits<QueryPriority>;
  readonly breaker: BreakerLimits;
  readonly maxAttempts: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  /** A `Retry-After` beyond this is not slept through: the call fails as throttled. */
  readonly retryAfterMaxMs: number;
  readonly serverWaitMs: Readonly<Record<QueryPriority, number>>;
  /** The whole call with waiting and retries. */
  readonly totalMs: Readonly<Record<QueryPriority, number>>;
  /** How long a viewer with an older answer at hand waits for a newer one. */
  readonly staleWaitMs: number;
  readonly staleMaxMs: number;
  readonly sharedFailureMs: number;
  readonly refusedWorkspaceMs: number;
  readonly maxRows: number;
  readonly minSplitMs: number;
  readonly maxPieces: number;
  readonly cacheBytes: number;
};

/**
 * Towards Azure: 3 calls at once (the service allows 5 per identity, shared by all replicas) and 60 in 30 s of its 200;
 * steady at most 12 viewer and 8 scheduled calls a minute, typed KQL a further 10, read-back in bursts of 60 in 30 s.
 */
export const AZURE_QUERY_LIMITS: QueryLimits = {
  governor: {
    lanes: {
      interactive: { concurrent: 2, calls: 12, windowMs: 60_000 },
      background: { concurrent: 1, calls: 8, windowMs: 60_000 },
      typed: { concurrent: 1, calls: 10, windowMs: 60_000 },
      "read-back": { concurrent: 2, calls: 60, windowMs: 30_000 },
    },
    concurrent: 3,
    reservedForFirst: 1,
    overall: { calls: 60, windowMs: 30_000 },
    queued: 50,
  },
  breaker: DEFAULT_BREAKER,
  maxAttempts: 4,
  retryBaseMs: 1_000,
  retryMaxMs: 30_000,
  retryAfterMaxMs: 60_000,
  serverWaitMs: { interactive: 60_000, background: 180_000, typed: 180_000, "read-back": 180_000 },
  totalMs: { interactive: 90_000, background: 600_000, typed: 240_000, "read-back": 900_000 },
  staleWaitMs: 2_000,
  staleMaxMs: 86_400_000,
  sharedFailureMs: 5_000,
  refusedWorkspaceMs: 300_000,
  maxRows: 50_000,
  minSplitMs: 3_600_000,
  maxPieces: 64,
  cacheBytes: 64 * 1_048_576,
};

/** Towards a workspace inside this process: no rate to respect, only cores to share. */
export const EMBEDDED_QUERY_LIMITS: QueryLimits = {
  ...AZURE_QUERY_LIMITS,
  governor: {
    lanes: {
      interactive: { concurrent: 4, calls: Number.POSITIVE_INFINITY, windowMs: 1 },
      background: { concurrent: 2, calls: Number.POSITIVE_INFINITY, windowMs: 1 },
      typed: { concurrent: 2, calls: Number.POSITIVE_INFINITY, windowMs: 1 },
      "read-back": { concurrent: 2, calls: Number.POSITIVE_INFINITY, windowMs: 1 },
    },
    concurrent: 4,
    reservedForFirst: 1,
    overall: { calls: Number.POSITIVE_INFINITY, windowMs: 1 },
    queued: 500,
  },
  maxRows: 500_000,
};
