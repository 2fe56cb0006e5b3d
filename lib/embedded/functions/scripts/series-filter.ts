import { finiteValues, reals, type Script, seriesOf } from "./script-values.ts";

/** Digital filters; what lies before the series' beginning counts as 0. */
export const seriesFilterScripts: Readonly<Record<string, Script>> = {
  series_fir: ([value, filter, normalize, center]) => {
    const [x, weights] = [numbers(value), numbers(filter)];
    if (x === null || weights === null || weights.length === 0) return null;
    const hasNegative = weights.some((weight) => weight < 0);
    const normalizes = typeof normalize === "boolean" ? normalize : !hasNegative;
    if (normalizes && hasNegative) return null;
    const sum = normalizes ? weights.reduce((total, weight) => total + weight, 0) : 1;
    const shift = center === true ? Math.floor((weights.length - 1) / 2) : 0;
    return reals(
      x.map(
        (_, index) => weights.reduce((total, weight, lag) => total + weight * (x[index + shift - lag] ?? 0), 0) / sum,
      ),
    );
  },
  series_iir: ([value, numerators, denominators]) => {
    const [x, forward, back] = [numbers(value), numbers(numerators), numbers(denominators)];
    const first = back?.[0];
    if (x === null || forward === null || back === null || first === undefined || first === 0) return null;
    const y: number[] = [];
    for (const index of x.keys()) {
      const fed = forward.reduce((total, weight, lag) => total + weight * (x[index - lag] ?? 0), 0);
      const returned = back.reduce((total, weight, lag) => (lag === 0 ? 0 : total + weight * (y[index - lag] ?? 0)), 0);
      y.push((fed - returned) / first);
    }
    return reals(y);
  },
};

function numbers(value: unknown): number[] | null {
  const series = seriesOf(value);
  return series === null ? null : finiteValues(series);
}
