import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGovernor, GovernorFull, type GovernorLimits } from "./governor.ts";

const LIMITS: GovernorLimits<"viewers" | "schedule"> = {
  lanes: {
    viewers: { concurrent: 2, calls: 3, windowMs: 60_000 },
    schedule: { concurrent: 2, calls: 10, windowMs: 60_000 },
  },
  concurrent: 3,
  reservedForFirst: 1,
  overall: { calls: 6, windowMs: 30_000 },
  queued: 4,
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Starts calls that end only when told, and says which have started. */
function callers(limits = LIMITS) {
  const governor = createGovernor(limits);
  const started: string[] = [];
  const releases = new Map<string, () => void>();
  const call = async (lane: "viewers" | "schedule", name: string, signal?: AbortSignal): Promise<void> => {
    const release = await governor.acquire(lane, signal);
    started.push(name);
    releases.set(name, release);
  };
  const end = (name: string): void => releases.get(name)?.();
  return { governor, started, call, end };
}

describe("a governor", () => {
  test("runs at most three at once and keeps a place for viewers", async () => {
    const { started, call, end } = callers();
    for (const name of ["s1", "s2", "s3"]) void call("schedule", name);
    void call("viewers", "v1");
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(["s1", "s2", "v1"]);
    end("s1");
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(["s1", "s2", "v1", "s3"]);
  });

  test("starts at most so many in any window, in order of arrival", async () => {
    const { started, call, end } = callers();
    for (const name of ["v1", "v2", "v3", "v4"]) {
      void call("viewers", name);
      await vi.advanceTimersByTimeAsync(1_000);
      end(name);
    }
    expect(started).toEqual(["v1", "v2", "v3"]);
    await vi.advanceTimersByTimeAsync(55_000);
    expect(started).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(started).toEqual(["v1", "v2", "v3", "v4"]);
  });

  test("lets a viewer go before the schedule that waited longer", async () => {
    const { started, call, end, governor } = callers();
    governor.pause(1_000);
    void call("schedule", "s1");
    void call("viewers", "v1");
    await vi.advanceTimersByTimeAsync(1_002);
    expect(started).toEqual(["v1", "s1"]);
    end("v1");
  });

  test("does not let more wait than can be remembered", async () => {
    const { governor, call } = callers();
    governor.pause(10_000);
    for (const name of ["a", "b", "c", "d"]) void call("viewers", name);
    await expect(governor.acquire("viewers")).rejects.toBeInstanceOf(GovernorFull);
  });

  test("forgets a caller who left", async () => {
    const { governor, started, call } = callers();
    governor.pause(1_000);
    const leaver = new AbortController();
    const left = call("viewers", "leaver", leaver.signal);
    leaver.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    expect(governor.waiting()).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(started).toEqual([]);
  });

  test("counts a slot given back twice once", async () => {
    const { started, call, end } = callers();
    for (const name of ["s1", "s2", "s3", "s4"]) void call("schedule", name);
    await vi.advanceTimersByTimeAsync(1);
    end("s1");
    end("s1");
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(["s1", "s2", "s3"]);
  });
});
