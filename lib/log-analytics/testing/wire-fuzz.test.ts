import { expect, test } from "vitest";
import { runWireFuzz } from "./wire-fuzz.ts";

test("300 broken answers never become a wrong total and never throw anything unnamed", async () => {
  const { outcomes, violations } = await runWireFuzz({ seed: 20261121, count: 300 });
  expect(violations).toEqual([]);
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(300);
  // Every way to take a broken answer occurs, so that the run is no empty promise.
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining(["complete", "partial", "not_connected", "malformed", "throttled", "unavailable"]),
  );
});
