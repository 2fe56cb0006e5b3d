import { likeSource, numberOf, type Script, type Series, seriesOf } from "./script-values.ts";

/** Functions that fill what is missing: nulls, or the elements equal to a placeholder. */
export const seriesFillScripts: Readonly<Record<string, Script>> = {
  series_fill_const: ([value, constant = 0, placeholder]) => {
    const series = seriesOf(value);
    if (series === null || !Array.isArray(value)) return null;
    const missing = missingTest(placeholder);
    return value.map((item: unknown, index) => (missing(series.values[index] ?? null) ? constant : item));
  },
  series_fill_forward: ([value, placeholder]) => carried(value, placeholder, false),
  series_fill_backward: ([value, placeholder]) => carried(value, placeholder, true),
  series_fill_linear: ([value, placeholder, edges = true, constant = 0]) => {
    const series = seriesOf(value);
    if (series === null) return null;
    const missing = missingTest(placeholder);
    if (series.values.every(missing)) {
      const filler = numberOf(constant);
      return likeSource(
        series.values.map((item) => filler ?? item),
        false,
      );
    }
    return likeSource(interpolated(series, missing, edges === true), series.isWhole);
  },
};

function missingTest(placeholder: unknown): (value: number | null) => boolean {
  const wanted = placeholder === undefined ? null : numberOf(placeholder);
  return (value) =>
    wanted !== null && Number.isNaN(wanted) ? value !== null && Number.isNaN(value) : value === wanted;
}

function carried(value: unknown, placeholder: unknown, isBackward: boolean): unknown {
  const series = seriesOf(value);
  if (series === null || !Array.isArray(value)) return null;
  const missing = missingTest(placeholder);
  const indexes = value.map((_, index) => (isBackward ? value.length - 1 - index : index));
  const filled: unknown[] = [...value];
  let last: unknown;
  for (const index of indexes) {
    if (!missing(series.values[index] ?? null)) last = value[index];
    else if (last !== undefined) filled[index] = last;
  }
  return filled;
}

function interpolated(
  series: Series,
  missing: (value: number | null) => boolean,
  fillsEdges: boolean,
): (number | null)[] {
  const { values, isWhole } = series;
  const filled = [...values];
  let before = -1;
  for (let index = 0; index <= values.length; index += 1) {
    if (index < values.length && missing(values[index] ?? null)) continue;
    const left = values[before] ?? null;
    const right = values[index] ?? null;
    for (let gap = before + 1; gap < index; gap += 1) {
      if (left !== null && right !== null) {
        const value = left + ((right - left) * (gap - before)) / (index - before);
        filled[gap] = isWhole ? Math.trunc(value) : value;
      } else if (fillsEdges) filled[gap] = left ?? right;
    }
    before = index;
  }
  return filled;
}
