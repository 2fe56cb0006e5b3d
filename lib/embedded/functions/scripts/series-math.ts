import { likeSource, numberOf, reals, type Script, type Series, seriesOf } from "./script-values.ts";

/** Element by element, of two series or of a series and a number; the shorter one is filled with nulls. */
export const seriesMathScripts: Readonly<Record<string, Script>> = {
  series_add: arithmetic((a, b) => a + b, true),
  series_subtract: arithmetic((a, b) => a - b, true),
  series_multiply: arithmetic((a, b) => a * b, true),
  series_divide: arithmetic((a, b) => a / b, false),
  series_pow: arithmetic((a, b) => a ** b, false),
  series_greater: comparison((a, b) => a > b),
  series_greater_equals: comparison((a, b) => a >= b),
  series_less: comparison((a, b) => a < b),
  series_less_equals: comparison((a, b) => a <= b),
  series_equals: comparison((a, b) => a === b),
  series_not_equals: comparison((a, b) => a !== b),
  series_abs: unary(Math.abs, true),
  series_sign: unary(Math.sign, true),
  series_floor: unary(Math.floor, true),
  series_ceiling: unary(Math.ceil, true),
  series_exp: unary(Math.exp, false),
  series_log: unary((x) => (x < 0 ? null : Math.log(x)), false),
  series_sin: unary(Math.sin, false),
  series_cos: unary(Math.cos, false),
  series_tan: unary(Math.tan, false),
  series_asin: unary((x) => (Math.abs(x) > 1 ? null : Math.asin(x)), false),
  series_acos: unary((x) => (Math.abs(x) > 1 ? null : Math.acos(x)), false),
  series_atan: unary(Math.atan, false),
};

function arithmetic(apply: (a: number, b: number) => number, keepsWhole: boolean): Script {
  return ([left, right]) => {
    const pairs = pairsOf(left, right);
    if (pairs === null) return null;
    const values = pairs.items.map(([a, b]) => (a === null || b === null ? null : apply(a, b)));
    return likeSource(values, keepsWhole && pairs.isWhole);
  };
}

function comparison(test: (a: number, b: number) => boolean): Script {
  return ([left, right]) =>
    pairsOf(left, right)?.items.map(([a, b]) => (a === null || b === null ? null : test(a, b))) ?? null;
}

function unary(apply: (x: number) => number | null, keepsWhole: boolean): Script {
  return ([value]) => {
    const series = seriesOf(value);
    if (series === null) return null;
    const values = series.values.map((x) => (x === null ? null : apply(x)));
    return keepsWhole ? likeSource(values, series.isWhole) : reals(values);
  };
}

function pairsOf(left: unknown, right: unknown): { items: [number | null, number | null][]; isWhole: boolean } | null {
  const a = seriesOf(left);
  const b = seriesOf(right);
  const size = Math.max(a?.values.length ?? 0, b?.values.length ?? 0);
  if (a === null && b === null) return null;
  const at = (series: Series | null, single: unknown, index: number): number | null =>
    series === null ? numberOf(single) : (series.values[index] ?? null);
  const isWhole = (series: Series | null, single: unknown) => series?.isWhole ?? typeof single === "number";
  return {
    items: Array.from({ length: size }, (_, index) => [at(a, left, index), at(b, right, index)]),
    isWhole: isWhole(a, left) && isWhole(b, right),
  };
}
