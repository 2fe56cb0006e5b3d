import { finiteValues, real, reals, type Script, seriesOf } from "./script-values.ts";
import { mean } from "./series-stats.ts";

/** A least-squares line; x counts from 1, as the service's does. */
export type Line = {
  readonly rsquare: number;
  readonly slope: number;
  readonly variance: number;
  readonly residualVariance: number;
  readonly interception: number;
  readonly fit: readonly number[];
};

/** Regression over a series. */
export const seriesFitScripts: Readonly<Record<string, Script>> = {
  series_fit_line: ([value]) => {
    const line = lineOf(value);
    if (line === null) return Array.from({ length: 6 }, () => null);
    const { rsquare, slope, variance, residualVariance, interception, fit } = line;
    return [...reals([rsquare, slope, variance, residualVariance, interception]), reals(fit)];
  },
  series_fit_line_dynamic: ([value]) => {
    const line = lineOf(value);
    return line === null ? null : bagOf(line, true);
  },
};

export function fitLine(values: readonly number[]): Line {
  const size = values.length;
  const [meanX, meanY] = [(size + 1) / 2, mean(values)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [index, y] of values.entries()) {
    const x = index + 1 - meanX;
    xx += x * x;
    xy += x * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  const slope = xx === 0 ? 0 : xy / xx;
  const interception = meanY - slope * meanX;
  const fit = values.map((_, index) => interception + slope * (index + 1));
  const residual = values.reduce((sum, y, index) => sum + (y - (fit[index] ?? 0)) ** 2, 0);
  const degrees = Math.max(1, size - 1);
  return {
    rsquare: yy === 0 ? 1 : 1 - residual / yy,
    slope,
    variance: yy / degrees,
    residualVariance: residual / degrees,
    interception,
    fit,
  };
}

function lineOf(value: unknown): Line | null {
  const series = seriesOf(value);
  const values = series === null ? null : finiteValues(series);
  return values === null || values.length === 0 ? null : fitLine(values);
}

function bagOf(
  { rsquare, slope, variance, residualVariance, interception, fit }: Line,
  hasFit: boolean,
): Record<string, unknown> {
  return {
    rsquare: real(rsquare),
    slope: real(slope),
    variance: real(variance),
    rvariance: real(residualVariance),
    interception: real(interception),
    ...(hasFit ? { line_fit: reals(fit) } : {}),
  };
}
