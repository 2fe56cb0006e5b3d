import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketMs, EMPTY_HISTOGRAM, latencyBucket, mergeHistograms, percentileMs } from "./latency-histogram.ts";

function histogramOf(latencies: readonly number[]) {
  return mergeHistograms(latencies.map((ms) => ({ buckets: [latencyBucket(ms)], counts: [1], unmeasured: 0 })));
}

describe("latency histogram", () => {
  test("puts anything up to one millisecond into bucket 0", () => {
    expect([0, 0.5, 1].map(latencyBucket)).toEqual([0, 0, 0]);
  });

  test("merges by adding equal buckets and keeps the unmeasured apart", () => {
    const merged = mergeHistograms([
      { buckets: [3, 5], counts: [1, 2], unmeasured: 1 },
      { buckets: [1, 5], counts: [4, 8], unmeasured: 2 },
    ]);
    expect(merged).toEqual({ buckets: [1, 3, 5], counts: [4, 1, 10], unmeasured: 3 });
  });

  test("has no percentile without a measured request", () => {
    expect(percentileMs(EMPTY_HISTOGRAM, 0.5)).toBeNull();
  });

  test("is within 2.1 % of every latency that it holds", () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e7, noNaN: true }), (ms) => {
        expect(Math.abs(bucketMs(latencyBucket(ms)) - ms) / ms).toBeLessThanOrEqual(0.021);
      }),
    );
  });

  test("gives percentiles within 2.5 % of the exact nearest rank, however the requests were split", () => {
    const latency = fc.double({ min: 1, max: 600_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(latency, { minLength: 1 }), { minLength: 1 }), (parts) => {
        const all = parts.flat().toSorted((a, b) => a - b);
        const merged = mergeHistograms(parts.map(histogramOf));
        for (const share of [0.5, 0.95, 0.99]) {
          const exact = all[Math.max(1, Math.ceil(share * all.length)) - 1] ?? Number.NaN;
          const estimate = percentileMs(merged, share) ?? Number.NaN;
          expect(Math.abs(estimate - exact) / exact).toBeLessThanOrEqual(0.025);
        }
      }),
    );
  });
});
