const WEEK = 7;
const FACTOR_WEEKS = 8;
const LEVEL_WEEKS = 3;
const WEEKLY_DAMPING = 0.9;

/**
 * Robust weekday factors (median ratio to the mean of the week, over eight weeks) times the level of the last three weeks,
 * with a Theil–Sen weekly slope that counts only when it is larger than twice its standard error, damped 0.9 per week.
 */
export function weekdayFactors(history: readonly number[], horizon: number): number[] {
  const weeks = wholeWeeks(history);
  const factors = medianRatios(weeks);
  const level = mean(weeks.slice(-LEVEL_WEEKS).map(mean));
  const slope = significantSlope(weeks.map(mean));
  // The level stands in the middle of its weeks.
  const middle = (Math.min(LEVEL_WEEKS, weeks.length) - 1) / 2;
  return Array.from({ length: horizon }, (_, ahead) => {
    const week = Math.floor(ahead / WEEK) + 1;
    const grown = slope * (middle + dampedWeeks(week));
    return Math.max(0, level + grown) * (factors[ahead % WEEK] ?? 1);
  });
}

/** Complete weeks counted back from the end, oldest first, at most eight; day 0 of each is the weekday of the day ahead. */
function wholeWeeks(history: readonly number[]): number[][] {
  const count = Math.min(FACTOR_WEEKS, Math.floor(history.length / WEEK));
  return Array.from({ length: count }, (_, index) => {
    const from = history.length - (count - index) * WEEK;
    return history.slice(from, from + WEEK);
  });
}

function medianRatios(weeks: readonly (readonly number[])[]): number[] {
  const ratios = Array.from({ length: WEEK }, (_, day) => {
    const ofDay = weeks.flatMap((week) => {
      const weekMean = mean(week);
      return weekMean > 0 ? [(week[day] ?? 0) / weekMean] : [];
    });
    return ofDay.length === 0 ? 1 : median(ofDay);
  });
  const total = ratios.reduce((a, b) => a + b, 0);
  return total > 0 ? ratios.map((ratio) => (ratio * WEEK) / total) : ratios.map(() => 1);
}

function significantSlope(weekMeans: readonly number[]): number {
  if (weekMeans.length < 4) return 0;
  const slopes: number[] = [];
  for (let a = 0; a < weekMeans.length; a += 1)
    for (let b = a + 1; b < weekMeans.length; b += 1)
      slopes.push(((weekMeans[b] ?? 0) - (weekMeans[a] ?? 0)) / (b - a));
  const slope = median(slopes);
  const intercept = median(weekMeans.map((value, week) => value - slope * week));
  const residuals = weekMeans.map((value, week) => (value - intercept - slope * week) ** 2);
  const n = weekMeans.length;
  const spread = weekMeans.reduce((total, _, week) => total + (week - (n - 1) / 2) ** 2, 0);
  const standardError = Math.sqrt(residuals.reduce((a, b) => a + b, 0) / (n - 2) / spread);
  return Math.abs(slope) > 2 * standardError ? slope : 0;
}

function dampedWeeks(weeks: number): number {
  return (WEEKLY_DAMPING * (1 - WEEKLY_DAMPING ** weeks)) / (1 - WEEKLY_DAMPING);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
