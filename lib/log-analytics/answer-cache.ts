import type { Instant } from "../time/instant.ts";

type Kept<Value> = { readonly value: Value; readonly at: Instant; readonly bytes: number };
type Failed = { readonly error: unknown; readonly at: Instant };

/** What a fetch gives: a value, when it was true, how much memory it takes, and whether it may be kept for others. */
export type Fetched<Value> = {
  readonly value: Value;
  readonly at: Instant;
  readonly bytes: number;
  readonly isKept: boolean;
};

export type AskOptions = {
  /** A kept answer up to this old is served without asking; 0 always asks. */
  readonly maxAgeMs: number;
  /** With an older answer at hand, how long to wait for the new one; null never serves an older answer. */
  readonly staleWaitMs: number | null;
};

export type Served<Value> = { readonly value: Value; readonly refreshError: unknown };

/**
 * Answers by key: identical questions in flight share one fetch, kept answers are served up to their age, and an older
 * answer stands in when asking again is slow or fails. A failure is shared for `sharedFailureMs` and never kept longer.
 */
export type AnswerCache<Value> = {
  readonly ask: (key: string, fetch: () => Promise<Fetched<Value>>, options: AskOptions) => Promise<Served<Value>>;
};

/** A cache of at most `maxBytes`; the least recently used answer goes first. */
export function createAnswerCache<Value>(limits: {
  readonly now: () => Instant;
  readonly maxBytes: number;
  readonly staleMaxMs: number;
  readonly sharedFailureMs: number;
}): AnswerCache<Value> {
  const kept = new Map<string, Kept<Value>>();
  const flights = new Map<string, Promise<Value>>();
  const failures = new Map<string, Failed>();
  let bytes = 0;

  function keep(key: string, entry: Kept<Value>): void {
    bytes += entry.bytes - (kept.get(key)?.bytes ?? 0);
    kept.delete(key);
    kept.set(key, entry);
    for (const [oldest, { bytes: freed }] of kept) {
      if (bytes <= limits.maxBytes) return;
      kept.delete(oldest);
      bytes -= freed;
    }
  }

  function fly(key: string, fetch: () => Promise<Fetched<Value>>): Promise<Value> {
    const running = flights.get(key);
    if (running) return running;
    const flight = fetch()
      .then((fetched) => {
        failures.delete(key);
        if (fetched.isKept) keep(key, fetched);
        return fetched.value;
      })
      .catch((error: unknown) => {
        remember(key, error);
        throw error;
      })
      .finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  function remember(key: string, error: unknown): void {
    const at = limits.now();
    for (const [old, failure] of failures) if (at - failure.at > limits.sharedFailureMs) failures.delete(old);
    failures.set(key, { error, at });
  }

  async function ask(key: string, fetch: () => Promise<Fetched<Value>>, options: AskOptions): Promise<Served<Value>> {
    const at = limits.now();
    const entry = kept.get(key);
    if (entry && options.maxAgeMs > 0 && at - entry.at <= options.maxAgeMs) {
      keep(key, entry);
      return { value: entry.value, refreshError: null };
    }
    const stale = options.staleWaitMs !== null && entry && at - entry.at <= limits.staleMaxMs ? entry : null;
    const failed = failures.get(key);
    if (failed && options.staleWaitMs !== null && at - failed.at <= limits.sharedFailureMs && !flights.has(key)) {
      if (stale) return { value: stale.value, refreshError: failed.error };
      throw failed.error;
    }
    const flight = fly(key, fetch);
    if (!stale) return { value: await flight, refreshError: null };
    return settleOr(flight, stale.value, options.staleWaitMs ?? 0);
  }

  return { ask };
}

/** The flight's value if it lands in time, else the older value; a failed flight is named beside the older value. */
async function settleOr<Value>(flight: Promise<Value>, older: Value, waitMs: number): Promise<Served<Value>> {
  const { promise: late, resolve } = Promise.withResolvers<Served<Value>>();
  const timer = setTimeout(() => resolve({ value: older, refreshError: null }), waitMs);
  const landed = flight.then(
    (value): Served<Value> => ({ value, refreshError: null }),
    (refreshError: unknown): Served<Value> => ({ value: older, refreshError }),
  );
  const served = await Promise.race([landed, late]);
  clearTimeout(timer);
  return served;
}
