const WEEK = 7;
const WEEKS = 4;

/** Each day ahead as the mean of the last four same weekdays (or as many as there are). */
export function sameWeekdayMean(history: readonly number[], horizon: number): number[] {
  return Array.from({ length: horizon }, (_, ahead) => {
    const values: number[] = [];
    for (let day = history.length + (ahead % WEEK) - WEEK; day >= 0 && values.length < WEEKS; day -= WEEK)
      values.push(history[day] ?? 0);
    return values.length === 0
      ? history.reduce((a, b) => a + b, 0) / Math.max(1, history.length)
      : values.reduce((a, b) => a + b, 0) / values.length;
  });
}
