const REAL = Symbol("real");

/** A number that is written with a point even when it is whole. */
export type Real = { readonly [REAL]: number };

/** The numbers of a dynamic array; what is no number is null. */
export type Series = { readonly values: readonly (number | null)[]; readonly isWhole: boolean };

/** What a script gives: JSON values, with reals marked; undefined and null become a dynamic null. */
export type Script = (args: readonly unknown[]) => unknown;

export function real(value: number | null): Real | null {
  return value === null ? null : { [REAL]: value };
}

/** An array of reals. */
export function reals(values: readonly (number | null)[]): (Real | null)[] {
  return values.map(real);
}

/** Numbers as they came: whole ones where every number of the source was whole. */
export function likeSource(values: readonly (number | null)[], isWhole: boolean): unknown[] {
  return isWhole ? [...values] : reals(values);
}

/** Reads the arguments' JSON; numbers written with a point or an exponent are marked as reals. */
export function readArguments(json: string): unknown[] {
  const parsed: unknown = JSON.parse(json, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" && /[.eE]/.test(context?.source ?? "") ? real(value) : value,
  );
  return Array.isArray(parsed) ? parsed : [];
}

/** The number in a value; NaN and the infinities are texts inside a dynamic. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
  return isReal(value) ? value[REAL] : null;
}

/** The series in a value; null unless it is an array. */
export function seriesOf(value: unknown): Series | null {
  if (!Array.isArray(value)) return null;
  const numbers = value.filter((item: unknown) => item !== null);
  return {
    values: value.map(numberOf),
    isWhole: numbers.length > 0 && numbers.every((item: unknown) => typeof item === "number"),
  };
}

/** The finite numbers of a series; null when one is missing. */
export function finiteValues(series: Series): number[] | null {
  const values = series.values.filter((value): value is number => value !== null && Number.isFinite(value));
  return values.length === series.values.length ? values : null;
}

export function isReal(value: unknown): value is Real {
  return typeof value === "object" && value !== null && REAL in value;
}

/** JSON as KQL's dynamics are written. */
export function write(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (isReal(value)) return realText(value[REAL]);
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value).toString() : realText(value);
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`)
      .join(",")}}`;
  }
  return JSON.stringify(value);
}

function realText(value: number): string {
  if (Number.isNaN(value)) return '"NaN"';
  if (!Number.isFinite(value)) return value > 0 ? '"Infinity"' : '"-Infinity"';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
