import { setTimeout as sleep } from "node:timers/promises";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import { type Governor, GovernorFull } from "./governor.ts";
import { type FailureKind, failure, isRetryable, toUpstreamFailure, type UpstreamFailure } from "./upstream-failure.ts";

/** How often and how long one call may try. Durations in ms; `totalMs` includes waiting for a slot and between attempts. */
export type CallPolicy = {
  readonly maxAttempts: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  readonly retryAfterMaxMs: number;
  readonly attemptMs: number;
  readonly totalMs: number;
};

export type UpstreamCall<LaneName extends string, Value> = {
  readonly lane: LaneName;
  readonly governor: Governor<LaneName>;
  readonly breaker: CircuitBreaker;
  readonly policy: CallPolicy;
  readonly now: () => number;
  /** One request on the wire; must give up when the signal says so. */
  readonly attempt: (signal: AbortSignal) => Promise<Value>;
  readonly onAttempt?: () => void;
  readonly onFailure?: (failure: UpstreamFailure) => void;
  /** Drops what the client remembers of its token; a 401 is then tried once more. */
  readonly onUnauthenticated?: () => void;
};

/** A call that failed for good, after the retries that its kind allows. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly failure: UpstreamFailure;

  constructor(failed: UpstreamFailure) {
    super(failed.summary, { cause: failed.cause });
    this.failure = failed;
  }
}

/** Kinds that say that the service (or the way to it) is ill, and not that one question is wrong. */
const ILLNESS: ReadonlySet<FailureKind> = new Set(["throttled", "unavailable", "malformed", "timeout"]);

/**
 * Makes one call through the governor and the breaker. Retries 429 with or without `Retry-After`, 5xx, network errors
 * (`EAI_AGAIN` included), hangs and answers that are not JSON; everything else fails at once with an `UpstreamError`.
 */
export async function callUpstream<LaneName extends string, Value>(
  call: UpstreamCall<LaneName, Value>,
): Promise<Value> {
  const deadline = performance.now() + call.policy.totalMs;
  let hasRefreshedToken = false;
  for (let attempt = 1; ; attempt++) {
    const failed = await attemptOnce(call, deadline);
    if (failed.ok) return failed.value;
    call.onFailure?.(failed.failure);
    if (failed.failure.kind === "unauthenticated" && call.onUnauthenticated && !hasRefreshedToken) {
      hasRefreshedToken = true;
      call.onUnauthenticated();
      continue;
    }
    const waitMs = retryWaitMs(failed.failure, attempt, call.policy);
    if (waitMs === null || performance.now() + waitMs >= deadline) throw new UpstreamError(failed.failure);
    await sleep(waitMs);
  }
}

type Attempted<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: UpstreamFailure };

async function attemptOnce<LaneName extends string, Value>(
  call: UpstreamCall<LaneName, Value>,
  deadline: number,
): Promise<Attempted<Value>> {
  const release = await takeSlot(call, deadline);
  if (typeof release !== "function") return { ok: false, failure: release };
  try {
    const openMs = call.breaker.waitMs();
    if (openMs > 0) return { ok: false, failure: breakerOpen(openMs) };
    call.onAttempt?.();
    const attemptMs = Math.max(1, Math.ceil(Math.min(call.policy.attemptMs, deadline - performance.now())));
    const value = await withTimeout(call.attempt, attemptMs);
    call.breaker.succeeded();
    return { ok: true, value };
  } catch (error) {
    const failed = toUpstreamFailure(error, call.now());
    tellBreaker(call.breaker, failed.kind);
    if (failed.kind === "throttled") {
      call.governor.pause(Math.min(failed.retryAfterMs ?? call.policy.retryBaseMs, call.policy.retryAfterMaxMs));
    }
    return { ok: false, failure: failed };
  } finally {
    release();
  }
}

async function takeSlot<LaneName extends string, Value>(
  call: UpstreamCall<LaneName, Value>,
  deadline: number,
): Promise<(() => void) | UpstreamFailure> {
  const waitMs = Math.max(0, Math.ceil(deadline - performance.now()));
  try {
    return await call.governor.acquire(call.lane, AbortSignal.timeout(waitMs));
  } catch (error) {
    if (error instanceof GovernorFull) return failure("overloaded", error, "too many questions are waiting already");
    if (error instanceof Error && error.name === "TimeoutError") {
      return failure("overloaded", error, "no turn came in time within the query budget");
    }
    throw error;
  }
}

/** Gives up after `ms` also where the attempt itself does not listen to its signal. */
async function withTimeout<Value>(attempt: (signal: AbortSignal) => Promise<Value>, ms: number): Promise<Value> {
  const signal = AbortSignal.timeout(ms);
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([attempt(signal), promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function tellBreaker(breaker: CircuitBreaker, kind: FailureKind): void {
  if (ILLNESS.has(kind)) breaker.failed();
  else if (kind === "unauthenticated") breaker.abandoned();
  else breaker.succeeded();
}

function breakerOpen(openMs: number): UpstreamFailure {
  return { ...failure("breaker_open", null, "asking kept failing"), retryAfterMs: openMs };
}

/** Null when the call is not to be made again: not retryable, attempts used up, or told to stay away for too long. */
function retryWaitMs(failed: UpstreamFailure, attempt: number, policy: CallPolicy): number | null {
  if (!isRetryable(failed.kind) || attempt >= policy.maxAttempts) return null;
  if (failed.retryAfterMs !== null) return failed.retryAfterMs <= policy.retryAfterMaxMs ? failed.retryAfterMs : null;
  const base = Math.min(policy.retryBaseMs * 2 ** (attempt - 1), policy.retryMaxMs);
  return base * (0.5 + Math.random() / 2);
}
