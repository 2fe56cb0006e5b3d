const WEEK = 7;
const LEVEL = [0.05, 0.15, 0.3, 0.5] as const;
const TREND = [0.01, 0.05, 0.15] as const;
const SEASON = [0.05, 0.15, 0.3] as const;
const DAMPING = [0.9, 0.98] as const;

/**
 * Holt-Winters with additive weekdays and a damped trend; its four weights come from a coarse grid, by the smallest
 * one-step squared error. At least 14 days.
 */
export function dampedHoltWinters(history: readonly number[], horizon: number): number[] {
  const start = initial(history);
  let best = { error: Number.POSITIVE_INFINITY, level: 0, trend: 0, season: start.season, damping: 1 };
  for (const alpha of LEVEL)
    for (const beta of TREND)
      for (const gamma of SEASON)
        for (const damping of DAMPING) {
          const run = smoothedWith(history, start, alpha, beta, gamma, damping, best.error);
          if (run.error < best.error) best = { ...run, damping };
        }
  let trend = best.trend;
  let level = best.level;
  return Array.from({ length: horizon }, (_, ahead) => {
    trend *= best.damping;
    level += trend;
    return level + (best.season[(history.length + ahead) % WEEK] ?? 0);
  });
}

type Start = { readonly level: number; readonly trend: number; readonly season: Float64Array };

function initial(history: readonly number[]): Start {
  const first = mean(history.slice(0, WEEK));
  const second = mean(history.slice(WEEK, 2 * WEEK));
  const season = Float64Array.from({ length: WEEK }, (_, day) => {
    const inFirst = (history[day] ?? first) - first;
    const inSecond = (history[day + WEEK] ?? second) - second;
    return (inFirst + inSecond) / 2;
  });
  return { level: first, trend: (second - first) / WEEK, season };
}

function smoothedWith(
  history: readonly number[],
  start: Start,
  alpha: number,
  beta: number,
  gamma: number,
  damping: number,
  giveUpAt: number,
): { error: number; level: number; trend: number; season: Float64Array } {
  const season = Float64Array.from(start.season);
  let { level, trend } = start;
  let error = 0;
  for (let day = 0; day < history.length && error < giveUpAt; day += 1) {
    const value = history[day] ?? 0;
    const weekday = day % WEEK;
    const seasonal = season[weekday] ?? 0;
    const expected = level + damping * trend;
    const miss = value - expected - seasonal;
    error += miss * miss;
    const before = level;
    level = expected + alpha * miss;
    trend = damping * trend + beta * (level - before - damping * trend);
    season[weekday] = seasonal + gamma * (value - level - seasonal);
  }
  return { error, level, trend, season };
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}
