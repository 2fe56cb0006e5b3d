/** Two parallel lists: bucket numbers in ascending order with their counts, and how many requests had no latency. */
export type LatencyHistogram = {
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
  readonly unmeasured: number;
};

export const EMPTY_HISTOGRAM: LatencyHistogram = { buckets: [], counts: [], unmeasured: 0 };

const GROWTH = 1.02 / 0.98;

/** The bucket of a latency: round(ln(max(ms, 1)) / ln(1.02 / 0.98)). */
export function latencyBucket(ms: number): number {
  return Math.round(Math.log(Math.max(ms, 1)) / Math.log(GROWTH));
}

/** The latency that a bucket stands for, in ms; at most 2.1 % from any latency inside. */
export function bucketMs(bucket: number): number {
  return GROWTH ** bucket;
}

/** The sum of histograms: counts of equal buckets are added. */
export function mergeHistograms(histograms: Iterable<LatencyHistogram>): LatencyHistogram {
  const counts = new Map<number, number>();
  let unmeasured = 0;
  for (const histogram of histograms) {
    histogram.buckets.forEach((bucket, index) => {
      counts.set(bucket, (counts.get(bucket) ?? 0) + (histogram.counts[index] ?? 0));
    });
    unmeasured += histogram.unmeasured;
  }
  const buckets = [...counts.keys()].toSorted((a, b) => a - b);
  return { buckets, counts: buckets.map((bucket) => counts.get(bucket) ?? 0), unmeasured };
}

/** The nearest-rank percentile in ms (0 < `share` ≤ 1), or null without any measured request. */
export function percentileMs(histogram: LatencyHistogram, share: number): number | null {
  const total = histogram.counts.reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const [index, bucket] of histogram.buckets.entries()) {
    seen += histogram.counts[index] ?? 0;
    if (seen >= rank) return bucketMs(bucket);
  }
  return null;
}
