import { finiteValues, numberOf, reals, type Script, seriesOf } from "./script-values.ts";
import { fitLine } from "./series-fit.ts";
import { correlation, mean, percentile } from "./series-stats.ts";

type Parts = {
  readonly baseline: readonly number[];
  readonly seasonal: readonly number[];
  readonly trend: readonly number[];
  readonly residual: readonly number[];
};

type Options = {
  /** -1 finds the period, 0 is none. */
  readonly period: number;
  readonly trend: "avg" | "linefit" | "none";
  /** Points at the end that are not learnt from. */
  readonly testPoints: number;
  readonly threshold: number;
};

/** Decomposition into season, trend and residual, in the order of steps that the service documents. */
export const seriesDecomposeScripts: Readonly<Record<string, Script>> = {
  series_decompose: ([value, period, trend, testPoints, threshold]) =>
    columnsOf(decompose(value, optionsOf(period, trend, testPoints, threshold, "avg"))),
  series_decompose_forecast: ([value, testPoints, period, trend, threshold]) =>
    columnsOf(decompose(value, optionsOf(period, trend, testPoints, threshold, "linefit"))),
  series_decompose_anomalies: ([value, limit, period, trend, testPoints, method, threshold]) => {
    const parts = decompose(value, optionsOf(period, trend, testPoints, threshold, "avg"));
    if (parts === null) return [null, null, null];
    const scores = method === "tukey" ? tukeyScores(parts.residual) : customScores(parts.residual, 10, 90);
    const edge = numberOf(limit) ?? 1.5;
    const flags = scores.map((score) => (score > edge ? 1 : score < -edge ? -1 : 0));
    return [flags, reals(scores), reals(parts.baseline)];
  },
  series_outliers: ([value, kind, ignored, low, high]) => {
    const series = seriesOf(value);
    if (series === null) return null;
    const skip = ignored === undefined ? null : numberOf(ignored);
    const counts = (x: number | null): x is number => x !== null && Number.isFinite(x) && x !== skip;
    const known = series.values.filter(counts);
    const scores =
      kind === "tukey" ? tukeyScores(known) : customScores(known, numberOf(low) ?? 10, numberOf(high) ?? 90);
    let next = 0;
    return reals(series.values.map((x) => (counts(x) ? (scores[next++] ?? 0) : 0)));
  },
  series_seasonal: ([value, period]) => {
    const series = seriesOf(value);
    const values = series === null ? null : finiteValues(series);
    return values === null ? null : reals(seasonOf(values, values.length, numberOf(period) ?? -1, 0.7));
  },
};

function optionsOf(
  period: unknown,
  trend: unknown,
  testPoints: unknown,
  threshold: unknown,
  usual: Options["trend"],
): Options {
  return {
    period: numberOf(period) ?? -1,
    trend: trend === "avg" || trend === "linefit" || trend === "none" ? trend : usual,
    testPoints: numberOf(testPoints) ?? 0,
    threshold: numberOf(threshold) ?? 0.6,
  };
}

function decompose(value: unknown, { period, trend, testPoints, threshold }: Options): Parts | null {
  const series = seriesOf(value);
  const values = series === null ? null : finiteValues(series);
  if (values === null || values.length === 0) return null;
  const learnt = Math.max(1, values.length - Math.max(0, Math.trunc(testPoints)));
  const seasonal = seasonOf(values, learnt, period, threshold);
  const without = values.map((x, index) => x - (seasonal[index] ?? 0));
  const trendLine = trendOf(without, learnt, trend);
  const baseline = values.map((_, index) => (seasonal[index] ?? 0) + (trendLine[index] ?? 0));
  return { baseline, seasonal, trend: trendLine, residual: values.map((x, index) => x - (baseline[index] ?? 0)) };
}

function columnsOf(parts: Parts | null): unknown[] {
  if (parts === null) return [null, null, null, null];
  return [parts.baseline, parts.seasonal, parts.trend, parts.residual].map(reals);
}

/** The median of the learnt points in the same phase; zeros without a period. */
function seasonOf(values: readonly number[], learnt: number, period: number, threshold: number): number[] {
  const size = period < 0 ? foundPeriod(values.slice(0, learnt), threshold) : Math.trunc(period);
  if (size < 1 || size > learnt) return values.map(() => 0);
  const medians = Array.from({ length: size }, (_, phase) => {
    const same = values.slice(0, learnt).filter((_x, index) => index % size === phase);
    return percentile(
      same.sort((a, b) => a - b),
      50,
    );
  });
  return values.map((_, index) => medians[index % size] ?? 0);
}

/**
 * The period whose shifted series correlates best with the series, from 4 points to a third of it; 0 when none reaches the
 * threshold. The service's own detection is not published.
 */
function foundPeriod(values: readonly number[], threshold: number): number {
  let best = { period: 0, score: threshold };
  for (let period = 4; period <= values.length / 3; period += 1) {
    const score = correlation(values.slice(0, -period), values.slice(period));
    // A multiple of the period correlates as well as the period itself.
    if (score > best.score + (best.period > 0 && period % best.period === 0 ? 0.05 : 1e-9)) best = { period, score };
  }
  return best.period;
}

function trendOf(values: readonly number[], learnt: number, trend: Options["trend"]): number[] {
  if (trend === "none") return values.map(() => 0);
  const known = values.slice(0, learnt);
  if (trend === "avg") return values.map(() => mean(known));
  const { slope, interception } = fitLine(known);
  return values.map((_, index) => interception + slope * (index + 1));
}

/** Tukey's fences: how many interquartile ranges a value lies outside of the quartiles, negative below. */
function tukeyScores(values: readonly number[]): number[] {
  const quartiles = quartilesOf([...values].sort((a, b) => a - b));
  return values.map((x) => outside(x, quartiles, quartiles, quartiles));
}

/**
 * The service's own kind. Its one published example, [30,28,5,27,31,38,29,80,25,37,30], comes out exactly when a rise is
 * measured by the quartiles without the top percentiles and a fall by those without the bottom ones.
 */
function customScores(values: readonly number[], low: number, high: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const rise = quartilesOf(sorted.slice(0, Math.floor((sorted.length * high) / 100)));
  const fall = quartilesOf(sorted.slice(Math.floor((sorted.length * low) / 100)));
  return values.map((x) => outside(x, quartilesOf(sorted), rise, fall));
}

type Quartiles = readonly [first: number, third: number];

function quartilesOf(sorted: readonly number[]): Quartiles {
  return [percentile(sorted, 25), percentile(sorted, 75)];
}

function outside(x: number, all: Quartiles, rise: Quartiles, fall: Quartiles): number {
  if (x > all[1] && x > rise[1]) return (x - rise[1]) / (rise[1] - rise[0]);
  return x < all[0] && x < fall[0] ? (x - fall[0]) / (fall[1] - fall[0]) : 0;
}
