export type BreakerLimits = {
  readonly consecutiveFailures: number;
  /** Opens when at least half of this many last calls failed. */
  readonly lastCalls: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
};

/** Opens after 5 failures in a row or half of the last 20, for 30 s doubling to 5 minutes, then lets one probe through. */
export const DEFAULT_BREAKER: BreakerLimits = {
  consecutiveFailures: 5,
  lastCalls: 20,
  openMs: 30_000,
  maxOpenMs: 300_000,
};

export type CircuitBreaker = {
  /** 0 when a call may start (as the one probe, when half open), else how long to leave the service alone, in ms. */
  readonly waitMs: () => number;
  readonly succeeded: () => void;
  readonly failed: () => void;
  /** The call ended without telling anything about the service's health; a probe may be tried again. */
  readonly abandoned: () => void;
  readonly state: () => "closed" | "open" | "half_open";
};

/** Stops asking a service that keeps failing. Durations are measured with the monotonic clock. */
export function createCircuitBreaker(limits: BreakerLimits): CircuitBreaker {
  let recent: boolean[] = [];
  let consecutive = 0;
  let openMs = limits.openMs;
  let openUntil: number | null = null;
  let isProbing = false;

  function state(): "closed" | "open" | "half_open" {
    if (openUntil === null) return "closed";
    return performance.now() < openUntil ? "open" : "half_open";
  }

  function open(): void {
    openUntil = performance.now() + openMs;
    openMs = Math.min(openMs * 2, limits.maxOpenMs);
    recent = [];
    consecutive = 0;
  }

  return {
    state,
    waitMs: () => {
      if (openUntil === null) return 0;
      const left = openUntil - performance.now();
      if (left > 0) return Math.ceil(left);
      if (isProbing) return limits.openMs;
      isProbing = true;
      return 0;
    },
    succeeded: () => {
      isProbing = false;
      consecutive = 0;
      recent = [...recent, true].slice(-limits.lastCalls);
      if (openUntil === null) return;
      openUntil = null;
      openMs = limits.openMs;
      recent = [];
    },
    failed: () => {
      const wasProbe = isProbing;
      isProbing = false;
      if (openUntil !== null && !wasProbe) return;
      consecutive++;
      recent = [...recent, false].slice(-limits.lastCalls);
      const failures = recent.filter((isSuccess) => !isSuccess).length;
      const isHalf = recent.length >= limits.lastCalls && failures * 2 >= recent.length;
      if (wasProbe || consecutive >= limits.consecutiveFailures || isHalf) open();
    },
    abandoned: () => {
      isProbing = false;
    },
  };
}
