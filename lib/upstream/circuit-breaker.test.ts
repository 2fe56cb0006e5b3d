import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createCircuitBreaker, DEFAULT_BREAKER } from "./circuit-breaker.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function failTimes(breaker: ReturnType<typeof createCircuitBreaker>, times: number): void {
  for (let index = 0; index < times; index++) breaker.failed();
}

describe("a circuit breaker", () => {
  test.each([
    ["4 failures in a row", 4, "closed"],
    ["5 failures in a row", 5, "open"],
  ])("after %s", (_name, failures, state) => {
    const breaker = createCircuitBreaker(DEFAULT_BREAKER);
    failTimes(breaker, failures);
    expect(breaker.state()).toBe(state);
  });

  test.each([
    ["9 of the last 20", 9, "closed"],
    ["10 of the last 20", 10, "open"],
  ])("when %s failed, never five in a row", (_name, failures, state) => {
    const breaker = createCircuitBreaker(DEFAULT_BREAKER);
    for (let index = 0; index < 20 - 2 * failures; index++) breaker.succeeded();
    for (let index = 0; index < failures; index++) {
      breaker.succeeded();
      breaker.failed();
    }
    expect(breaker.state()).toBe(state);
  });

  test("leaves the service alone for 30 s, lets one probe through, and doubles the rest when that fails", () => {
    const breaker = createCircuitBreaker(DEFAULT_BREAKER);
    failTimes(breaker, 5);
    expect(breaker.waitMs()).toBe(30_000);
    vi.advanceTimersByTime(30_000);
    expect([breaker.state(), breaker.waitMs()]).toEqual(["half_open", 0]);
    expect(breaker.waitMs()).toBeGreaterThan(0);
    breaker.failed();
    expect(breaker.waitMs()).toBe(60_000);
  });

  test("never rests longer than five minutes", () => {
    const breaker = createCircuitBreaker(DEFAULT_BREAKER);
    failTimes(breaker, 5);
    for (let round = 0; round < 6; round++) {
      vi.advanceTimersByTime(breaker.waitMs());
      expect(breaker.waitMs()).toBe(0);
      breaker.failed();
    }
    expect(breaker.waitMs()).toBe(300_000);
  });

  test("closes when the probe succeeds", () => {
    const breaker = createCircuitBreaker(DEFAULT_BREAKER);
    failTimes(breaker, 5);
    vi.advanceTimersByTime(30_000);
    expect(breaker.waitMs()).toBe(0);
    breaker.succeeded();
    expect([breaker.state(), breaker.waitMs()]).toEqual(["closed", 0]);
  });
});
