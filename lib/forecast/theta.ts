const WEEK = 7;
const SMOOTHING = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9] as const;

/**
 * The theta method with additive weekday indices: half of the trend line, plus half of an exponential smoothing of the
 * series whose distance from the line is doubled (Assimakopoulos and Nikolopoulos 2000). At least 14 days.
 */
export function theta(history: readonly number[], horizon: number): number[] {
  const indices = weekdayIndices(history);
  const adjusted = history.map((value, day) => value - (indices[day % WEEK] ?? 0));
  const { intercept, slope } = line(adjusted);
  const doubled = adjusted.map((value, day) => 2 * value - (intercept + slope * day));
  const level = smoothed(doubled);
  return Array.from({ length: horizon }, (_, ahead) => {
    const day = history.length + ahead;
    return (intercept + slope * day + level) / 2 + (indices[day % WEEK] ?? 0);
  });
}

/** Mean distance of each weekday from the centred mean of its week; the seven sum to zero. */
function weekdayIndices(history: readonly number[]): number[] {
  const sums = new Array<number>(WEEK).fill(0);
  const counts = new Array<number>(WEEK).fill(0);
  for (let day = 3; day + 3 < history.length; day += 1) {
    let week = 0;
    for (let near = day - 3; near <= day + 3; near += 1) week += history[near] ?? 0;
    const index = day % WEEK;
    sums[index] = (sums[index] ?? 0) + (history[day] ?? 0) - week / WEEK;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const means = sums.map((total, index) => total / Math.max(1, counts[index] ?? 1));
  const centre = means.reduce((a, b) => a + b, 0) / WEEK;
  return means.map((mean) => mean - centre);
}

function line(values: readonly number[]): { intercept: number; slope: number } {
  const n = values.length;
  const middle = (n - 1) / 2;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  let covariance = 0;
  let variance = 0;
  for (const [day, value] of values.entries()) {
    covariance += (day - middle) * (value - mean);
    variance += (day - middle) ** 2;
  }
  const slope = variance === 0 ? 0 : covariance / variance;
  return { intercept: mean - slope * middle, slope };
}

/** The last level of simple exponential smoothing, with the weight that had the smallest one-step squared error. */
function smoothed(values: readonly number[]): number {
  let best = { error: Number.POSITIVE_INFINITY, level: 0 };
  for (const weight of SMOOTHING) {
    let level = values.slice(0, WEEK).reduce((a, b) => a + b, 0) / Math.min(WEEK, values.length);
    let error = 0;
    for (const value of values) {
      const miss = value - level;
      error += miss * miss;
      level += weight * miss;
    }
    if (error < best.error) best = { error, level };
  }
  return best.level;
}
