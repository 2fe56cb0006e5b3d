import { addMs, HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from "../time/instant.ts";

/** Waits after the first, second, … failed attempt: about 71 hours in all, as long as the big webhook senders keep trying. */
export const RETRY_WAITS_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
  24 * HOUR_MS,
] as const;

const JITTER = 0.2;
const LONGEST_RETRY_AFTER_MS = HOUR_MS;

/**
 * When to try again after `attempt` (from 1) failed, or null when the schedule is used up.
 * `random` in [0, 1) spreads the wait by ±20 %; a receiver's `retryAfterMs` is honoured up to one hour.
 */
export function nextAttemptAt(
  attempt: number,
  now: Instant,
  random: number,
  retryAfterMs: number | null,
): Instant | null {
  const wait = RETRY_WAITS_MS[attempt - 1];
  if (wait === undefined) return null;
  const jittered = Math.round(wait * (1 - JITTER + 2 * JITTER * random));
  return addMs(now, Math.max(jittered, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS)));
}
