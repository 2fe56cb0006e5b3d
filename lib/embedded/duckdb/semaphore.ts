export type Semaphore = {
  /** Waits for a free place and returns the function that gives it back; rejects when the signal fires first. */
  readonly acquire: (signal?: AbortSignal) => Promise<() => void>;
};

/** A first-come, first-served semaphore with `places` places. */
export function createSemaphore(places: number): Semaphore {
  let free = places;
  const waiting: Array<() => void> = [];

  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const releaseOnce = (): (() => void) => {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      release();
    };
  };

  return {
    acquire: (signal) =>
      new Promise((resolve, reject) => {
        if (free > 0) {
          free -= 1;
          resolve(releaseOnce());
          return;
        }
        const enter = (): void => {
          signal?.removeEventListener("abort", leave);
          resolve(releaseOnce());
        };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal?.reason);
        };
        waiting.push(enter);
        signal?.addEventListener("abort", leave, { once: true });
      }),
  };
}
