import { dampedHoltWinters } from "./holt-winters.ts";
import { sameWeekdayMean } from "./same-weekday-mean.ts";
import { theta } from "./theta.ts";
import { weekdayFactors } from "./weekday-factors.ts";

/**
 * A forecast of the next days. `daily` has one figure per day ahead; `halfWidth[k]` is the 80 % interval of the *sum* of the
 * first k + 1 days, never narrower than the day before, or null where the past is too short to tell. `sumErrors` are the past
 * errors (actual minus forecast) of the sum of all the days, for a chance to pass an amount; empty where `halfWidth` is null.
 */
export type DailyForecast = {
  readonly daily: readonly number[];
  readonly halfWidth: readonly number[] | null;
  readonly sumErrors: readonly number[];
  readonly method: "median_of_four" | "same_weekday_mean" | "mean_of_days";
  readonly confidence: "normal" | "low";
};

const FULL_METHOD_DAYS = 21;
const WEEK_METHOD_DAYS = 7;
const LONGEST_HISTORY = 400;
const COVERAGE = 0.8;
const FEWEST_ORIGINS = 8;
const MOST_ORIGINS = 24;

/**
 * Forecasts `horizon` whole days after `history` (one non-negative number per complete day, oldest first, no gaps) as the
 * point-wise median of four simple methods, with a conformal interval from forecasts made at past days.
 * Under 21 days the mean of the same weekdays is used, under 7 the mean of all days. Null for no history.
 * Method and measured errors: README.md of this room.
 */
export function forecastDaily(history: readonly number[], horizon: number): DailyForecast | null {
  const recent = history.slice(-LONGEST_HISTORY);
  if (recent.length === 0) return null;
  // Complete days change once a day and pages ask every minute, so the same question is answered once.
  const question = `${horizon}:${recent.join(",")}`;
  const known = answered.get(question);
  if (known) return known;
  const forecast = workOut(recent, horizon);
  if (answered.size >= MOST_ANSWERED) answered.clear();
  answered.set(question, forecast);
  return forecast;
}

const answered = new Map<string, DailyForecast>();
const MOST_ANSWERED = 2_000;

function workOut(recent: readonly number[], horizon: number): DailyForecast {
  const daily = pointForecast(recent, horizon);
  return {
    daily,
    ...interval(recent, horizon),
    method:
      recent.length >= FULL_METHOD_DAYS
        ? "median_of_four"
        : recent.length >= WEEK_METHOD_DAYS
          ? "same_weekday_mean"
          : "mean_of_days",
    confidence: recent.length < WEEK_METHOD_DAYS ? "low" : "normal",
  };
}

function pointForecast(history: readonly number[], horizon: number): number[] {
  if (history.length < WEEK_METHOD_DAYS) {
    const mean = history.reduce((a, b) => a + b, 0) / history.length;
    return Array.from({ length: horizon }, () => mean);
  }
  const weekdays = sameWeekdayMean(history, horizon);
  if (history.length < FULL_METHOD_DAYS) return weekdays;
  const others = [theta(history, horizon), dampedHoltWinters(history, horizon), weekdayFactors(history, horizon)];
  return weekdays.map((value, day) =>
    Math.max(0, medianOfFour([value, ...others.map((other) => other[day] ?? value)])),
  );
}

function medianOfFour(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[1] ?? 0) + (sorted[2] ?? 0)) / 2;
}

/**
 * Split-conformal half widths: the ceil(0.8 (n + 1))-th smallest absolute error of past sums over the same number of days.
 * With too few past days for the horizon, the longest one that has eight is taken and scaled by the root of the ratio.
 */
function interval(history: readonly number[], horizon: number): Pick<DailyForecast, "halfWidth" | "sumErrors"> {
  if (horizon === 0) return { halfWidth: [], sumErrors: [] };
  const shortest = Math.max(1, Math.min(FULL_METHOD_DAYS, Math.floor(history.length / 2)));
  const tested = Math.min(horizon, history.length - shortest - FEWEST_ORIGINS + 1);
  if (tested < 1) return { halfWidth: null, sumErrors: [] };
  const possible = history.length - tested - shortest + 1;
  const step = Math.max(1, Math.floor(possible / MOST_ORIGINS));
  const sumErrors: number[] = [];
  const errors: number[][] = Array.from({ length: tested }, () => []);
  for (
    let used = history.length - tested, count = 0;
    used >= shortest && count < MOST_ORIGINS;
    used -= step, count += 1
  ) {
    const forecast = pointForecast(history.slice(0, used), tested);
    let error = 0;
    for (const [day, value] of forecast.entries()) {
      error += (history[used + day] ?? 0) - value;
      errors[day]?.push(Math.abs(error));
    }
    sumErrors.push(error * Math.sqrt(horizon / tested));
  }
  let widest = 0;
  const widths = errors.map((ofDay) => {
    const sorted = ofDay.toSorted((a, b) => a - b);
    const rank = Math.min(sorted.length, Math.ceil(COVERAGE * (sorted.length + 1)));
    widest = Math.max(widest, sorted[rank - 1] ?? 0);
    return widest;
  });
  const last = widest;
  for (let day = tested; day < horizon; day += 1) widths.push(last * Math.sqrt((day + 1) / tested));
  return { halfWidth: widths, sumErrors };
}
