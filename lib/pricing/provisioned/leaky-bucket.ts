/** One request that arrives at provisioned capacity, in equivalent tokens; `estimate` is what admission charges up front. */
export type ArrivingRequest = {
  readonly atMs: number;
  readonly tokens: number;
  readonly estimate?: number;
  readonly completedAtMs?: number;
};

/** The bucket: equivalent tokens a minute it drains, and how many it holds before requests are refused. */
export type Bucket = { readonly tokensPerMinute: number; readonly depth: number };

/** What happened to a stream of requests: `accepted[i]` says whether request `i` was served by the capacity. */
export type ReplayResult = {
  readonly accepted: readonly boolean[];
  readonly refused: number;
  readonly servedTokens: number;
  readonly refusedTokens: number;
};

/**
 * Replays requests in order of arrival through the leaky bucket of finops reference, section 8: the level drains continuously;
 * below the depth a request is accepted and its estimate added (so a burst may pass a little over it), at or above it the
 * request is refused. An estimate is corrected to the real tokens when the request completes.
 */
export function replayBucket(requests: readonly ArrivingRequest[], bucket: Bucket): ReplayResult {
  const perMs = bucket.tokensPerMinute / 60_000;
  const corrections = new CorrectionQueue();
  const accepted: boolean[] = [];
  let [level, lastMs, servedTokens, refusedTokens] = [0, requests[0]?.atMs ?? 0, 0, 0];
  const drainTo = (atMs: number) => {
    level = Math.max(0, level - (atMs - lastMs) * perMs);
    lastMs = atMs;
  };
  for (const request of requests) {
    for (let due = corrections.takeUntil(request.atMs); due; due = corrections.takeUntil(request.atMs)) {
      drainTo(due.atMs);
      level = Math.max(0, level + due.tokens);
    }
    drainTo(request.atMs);
    const isAccepted = level < bucket.depth;
    accepted.push(isAccepted);
    if (!isAccepted) {
      refusedTokens += request.tokens;
      continue;
    }
    const charged = request.estimate ?? request.tokens;
    level += charged;
    servedTokens += request.tokens;
    if (charged !== request.tokens && request.completedAtMs !== undefined) {
      corrections.add({ atMs: request.completedAtMs, tokens: request.tokens - charged });
    }
  }
  return { accepted, refused: accepted.filter((is) => !is).length, servedTokens, refusedTokens };
}

type Correction = { readonly atMs: number; readonly tokens: number };

/** Corrections by time: a binary heap, as completions come in another order than arrivals. */
class CorrectionQueue {
  readonly #heap: Correction[] = [];

  add(correction: Correction): void {
    const heap = this.#heap;
    let index = heap.push(correction) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || above.atMs <= correction.atMs) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = correction;
  }

  takeUntil(atMs: number): Correction | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (!first || first.atMs > atMs) return undefined;
    const last = heap.pop();
    if (last && heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(correction: Correction): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child =
        (heap[left + 1]?.atMs ?? Number.POSITIVE_INFINITY) < (heap[left]?.atMs ?? Number.POSITIVE_INFINITY)
          ? left + 1
          : left;
      const below = heap[child];
      if (!below || below.atMs >= correction.atMs) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = correction;
  }
}
