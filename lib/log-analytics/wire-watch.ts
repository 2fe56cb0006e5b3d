import type { LogAnalyticsStatus } from "./log-analytics.ts";

/** Watches the requests that are out: how long they wait and how many there were at most. */
export type WireWatch = {
  /** Runs one request; `signal` gives it up. */
  readonly watch: <Value>(signal: AbortSignal, ask: () => Promise<Value>) => Promise<Value>;
  readonly waitingMs: () => number;
  readonly load: () => LogAnalyticsStatus["load"];
};

const WINDOW_MS = 30_000;

/** A watch of this process; durations are measured with the monotonic clock. */
export function createWireWatch(): WireWatch {
  const out = new Set<{ readonly since: number }>();
  const started: number[] = [];
  let [mostIn30s, mostAtOnce] = [0, 0];
  return {
    async watch(signal, ask) {
      const request = { since: performance.now() };
      out.add(request);
      started.push(request.since);
      while ((started[0] ?? 0) <= request.since - WINDOW_MS) started.shift();
      mostIn30s = Math.max(mostIn30s, started.length);
      mostAtOnce = Math.max(mostAtOnce, out.size);
      // A request that does not listen to its signal is nobody's any more.
      signal.addEventListener("abort", () => out.delete(request), { once: true });
      try {
        return await ask();
      } finally {
        out.delete(request);
      }
    },
    waitingMs: () => Math.max(0, ...[...out].map(({ since }) => performance.now() - since)),
    load: () => ({ mostIn30s, mostAtOnce }),
  };
}
