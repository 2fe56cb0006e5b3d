import { finiteValues, real, reals, type Script, seriesOf } from "./script-values.ts";

type Stats = {
  readonly min: number;
  readonly minIndex: number;
  readonly max: number;
  readonly maxIndex: number;
  readonly avg: number;
  readonly variance: number;
  readonly sum: number;
};

/** Figures of one series or of two. */
export const seriesStatsScripts: Readonly<Record<string, Script>> = {
  series_stats: ([value, ignores]) => {
    const stats = statsOf(value, ignores === true);
    if (stats === null) return Array.from({ length: 7 }, () => null);
    const { min, minIndex, max, maxIndex, avg, variance } = stats;
    return [real(min), minIndex, real(max), maxIndex, real(avg), real(Math.sqrt(variance)), real(variance)];
  },
  series_stats_dynamic: ([value, ignores]) => {
    const stats = statsOf(value, ignores === true);
    if (stats === null) return null;
    const { min, minIndex, max, maxIndex, avg, variance, sum } = stats;
    return {
      min: real(min),
      min_idx: minIndex,
      max: real(max),
      max_idx: maxIndex,
      avg: real(avg),
      stdev: real(Math.sqrt(variance)),
      variance: real(variance),
      sum: real(sum),
      len: Array.isArray(value) ? value.length : 0,
    };
  },
  series_sum: ([value]) => total(value, (values) => values.reduce((sum, x) => sum + x, 0)),
  series_product: ([value]) => total(value, (values) => values.reduce((product, x) => product * x, 1)),
  series_magnitude: ([value]) => total(value, (values) => Math.sqrt(dot(values, values))),
  series_dot_product: ([left, right]) => pairwise(left, right, dot),
  series_cosine_similarity: ([left, right]) =>
    pairwise(left, right, (a, b) => dot(a, b) / (Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b)))),
  series_pearson_correlation: ([left, right]) => pairwise(left, right, correlation),
};

/** Pearson's correlation of two lists of equal length; NaN when one of them is constant. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const [da, db] = [a.map((x) => x - meanA), b.map((x) => x - meanB)];
  return dot(da, db) / Math.sqrt(dot(da, da) * dot(db, db));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** The percentile with linear interpolation between the two nearest ranks. */
export function percentile(sorted: readonly number[], percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

function statsOf(value: unknown, ignores: boolean): Stats | null {
  const series = seriesOf(value);
  if (series === null) return null;
  const places = series.values.flatMap((x, index) => (x !== null && Number.isFinite(x) ? [{ x, index }] : []));
  if (places.length === 0 || (!ignores && places.length < series.values.length)) return null;
  const values = places.map(({ x }) => x);
  const [first = { x: 0, index: 0 }] = places;
  const least = places.reduce((best, place) => (place.x < best.x ? place : best), first);
  const most = places.reduce((best, place) => (place.x > best.x ? place : best), first);
  const avg = mean(values);
  const squares = values.reduce((sum, x) => sum + (x - avg) ** 2, 0);
  return {
    min: least.x,
    minIndex: least.index,
    max: most.x,
    maxIndex: most.index,
    avg,
    variance: values.length < 2 ? 0 : squares / (values.length - 1),
    sum: values.reduce((sum, x) => sum + x, 0),
  };
}

function total(value: unknown, apply: (values: number[]) => number): unknown {
  const series = seriesOf(value);
  const values = series === null || series.values.includes(null) ? null : series.values.map((x) => x ?? 0);
  return values === null ? null : real(apply(values));
}

function pairwise(left: unknown, right: unknown, apply: (a: number[], b: number[]) => number): unknown {
  const [a, b] = [seriesOf(left), seriesOf(right)];
  const size = a?.values.length ?? b?.values.length ?? 0;
  const [x, y] = [
    a === null ? repeated(left, size) : finiteValues(a),
    b === null ? repeated(right, size) : finiteValues(b),
  ];
  if (x === null || y === null || x.length !== y.length) return null;
  return reals([apply(x, y)])[0];
}

function repeated(value: unknown, size: number): number[] | null {
  const numbers = seriesOf([value])?.values[0] ?? null;
  return numbers === null ? null : Array.from({ length: size }, () => numbers);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, index) => sum + x * (b[index] ?? 0), 0);
}
