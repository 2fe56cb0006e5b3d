/**
 * A share of what we allow ourselves towards one service: `concurrent` calls at once and `calls` started in any `windowMs`.
 */
export type Lane = { readonly concurrent: number; readonly calls: number; readonly windowMs: number };

/**
 * `lanes` are in order of precedence; the first one always keeps `reservedForFirst` of the `concurrent` slots to itself.
 * `overall` bounds all lanes together and `queued` the callers that wait.
 */
export type GovernorLimits<LaneName extends string> = {
  readonly lanes: Readonly<Record<LaneName, Lane>>;
  readonly concurrent: number;
  readonly reservedForFirst: number;
  readonly overall: { readonly calls: number; readonly windowMs: number };
  readonly queued: number;
};

/** Lets calls through one service's limits, first lane first and in order of arrival inside a lane. */
export type Governor<LaneName extends string> = {
  /** Waits for a slot and returns the function that gives it back; rejects with `GovernorFull` or the signal's reason. */
  readonly acquire: (lane: LaneName, signal?: AbortSignal) => Promise<() => void>;
  /** Starts nothing for this long: the service said that it wants to be left alone. */
  readonly pause: (ms: number) => void;
  readonly waiting: () => number;
};

/** Nobody waits without bound: the caller serves what it has or says that it is busy. */
export class GovernorFull extends Error {
  override readonly name = "GovernorFull";
}

type Waiter = { readonly grant: () => void };
type LaneState = { readonly lane: Lane; readonly started: number[]; readonly waiters: Waiter[]; running: number };

/** A governor of this process. Durations are measured with the monotonic clock. */
export function createGovernor<LaneName extends string>(limits: GovernorLimits<LaneName>): Governor<LaneName> {
  const states = new Map<string, LaneState>();
  for (const [name, lane] of Object.entries<Lane>(limits.lanes)) {
    states.set(name, { lane, started: [], waiters: [], running: 0 });
  }
  const first = [...states.values()][0];
  const overallStarted: number[] = [];
  let running = 0;
  let pausedUntil = 0;
  let timer: NodeJS.Timeout | undefined;

  function waiting(): number {
    return [...states.values()].reduce((sum, state) => sum + state.waiters.length, 0);
  }

  function pump(): void {
    clearTimeout(timer);
    timer = undefined;
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const state of states.values()) {
      while (state.waiters.length > 0) {
        const at = performance.now();
        const freeAt = Math.max(
          pausedUntil,
          nextStart(state.started, state.lane.calls, state.lane.windowMs, at),
          nextStart(overallStarted, limits.overall.calls, limits.overall.windowMs, at),
        );
        if (!hasSlot(state)) break;
        if (freeAt > at) {
          wakeAt = Math.min(wakeAt, freeAt);
          break;
        }
        state.running++;
        running++;
        state.started.push(at);
        overallStarted.push(at);
        state.waiters.shift()?.grant();
      }
    }
    if (wakeAt < Number.POSITIVE_INFINITY) {
      timer = setTimeout(pump, Math.ceil(wakeAt - performance.now()) + 1);
    }
  }

  function hasSlot(state: LaneState): boolean {
    if (running >= limits.concurrent || state.running >= state.lane.concurrent) return false;
    if (state === first) return true;
    return running - (first?.running ?? 0) < limits.concurrent - limits.reservedForFirst;
  }

  function acquire(name: LaneName, signal?: AbortSignal): Promise<() => void> {
    const state = states.get(name);
    if (!state) throw new Error(`No lane named ${name}.`);
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (waiting() >= limits.queued) {
      return Promise.reject(new GovernorFull(`${limits.queued} calls are waiting already.`));
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        const index = state.waiters.indexOf(waiter);
        if (index >= 0) state.waiters.splice(index, 1);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve(once(() => release(state)));
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      state.waiters.push(waiter);
      pump();
    });
  }

  function release(state: LaneState): void {
    state.running--;
    running--;
    pump();
  }

  function pause(ms: number): void {
    pausedUntil = Math.max(pausedUntil, performance.now() + ms);
  }

  return { acquire, pause, waiting };
}

/** When a sliding window of `calls` starts has room; forgets starts that left the window. */
function nextStart(started: number[], calls: number, windowMs: number, at: number): number {
  while (started.length > 0 && (started[0] ?? 0) <= at - windowMs) started.shift();
  if (started.length < calls) return at;
  return (started[started.length - calls] ?? at) + windowMs;
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}
