/** A UTC instant in whole milliseconds since 1970-01-01. */
export type Instant = number & { readonly __brand: "Instant" };

/** A half-open stretch of time: `start` is inside, `end` is not. */
export type Period = { readonly start: Instant; readonly end: Instant };

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const QUARTER_HOUR_MS = 900_000;
export const HOUR_MS = 3_600_000;

/** Reads an ISO 8601 text, a Date or epoch milliseconds; throws a RangeError when it is none of them. */
export function toInstant(value: string | number | Date): Instant {
  const ms = typeof value === "number" ? value : value instanceof Date ? value.getTime() : Date.parse(value);
  if (!Number.isSafeInteger(ms)) throw new RangeError(`Not an instant: ${String(value)}`);
  return ms as Instant;
}

/** ISO 8601 in UTC with milliseconds, as `2026-11-21T09:15:00.000Z`. */
export function toIso(at: Instant): string {
  return new Date(at).toISOString();
}

/** The start of the UTC quarter hour that holds `at`; facts and charges are stored under it. */
export function quarterHourOf(at: Instant): Instant {
  return (Math.floor(at / QUARTER_HOUR_MS) * QUARTER_HOUR_MS) as Instant;
}

/** The start of the UTC minute that holds `at`. */
export function minuteOf(at: Instant): Instant {
  return (Math.floor(at / MINUTE_MS) * MINUTE_MS) as Instant;
}

/** `at` moved by an exact number of milliseconds; calendar steps belong to `zone.ts`. */
export function addMs(at: Instant, ms: number): Instant {
  return (at + ms) as Instant;
}

/** A period; throws a RangeError unless `start` is before or at `end`. */
export function period(start: Instant, end: Instant): Period {
  if (start > end) throw new RangeError(`A period must not end before it starts: ${toIso(start)} to ${toIso(end)}`);
  return { start, end };
}

/** Whether `at` lies in the half-open period. */
export function contains(within: Period, at: Instant): boolean {
  return at >= within.start && at < within.end;
}
