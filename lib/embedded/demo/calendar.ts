export const MINUTE_MS = 60_000;
export const QUARTER_MS = 15 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * The start of the quarter hour that holds an instant. Changes of a deployment happen at such a start, so that no quarter
 * hour has two of them.
 */
export function quarterOf(at: number): number {
  return Math.floor(at / QUARTER_MS) * QUARTER_MS;
}

/** When a workload is busy: by hour of day and weekday where its people are. */
export type DemandProfile = "office" | "consumer" | "always" | "night";

/**
 * How busy a workload is at an instant, 1 on average over a week; `offsetHours` is where its people are, east of UTC.
 * A fixed offset keeps the demo free of time-zone rules, which may differ between machines.
 */
export function demandAt(profile: DemandProfile, at: number, offsetHours: number): number {
  const local = at + offsetHours * HOUR_MS;
  const day = Math.floor(local / DAY_MS);
  const hour = Math.floor((local - day * DAY_MS) / HOUR_MS);
  const isWeekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6;
  const shape = SHAPES[profile];
  return ((shape.hours[hour] ?? 0) * (isWeekend ? shape.weekend : 1)) / shape.mean;
}

type Shape = { readonly hours: readonly number[]; readonly weekend: number; readonly mean: number };

const SHAPES: Readonly<Record<DemandProfile, Shape>> = {
  office: shape([1, 1, 1, 1, 1, 2, 4, 10, 22, 30, 32, 31, 26, 29, 32, 30, 26, 18, 9, 5, 4, 3, 2, 1], 0.12),
  consumer: shape([6, 4, 3, 2, 2, 3, 5, 9, 13, 15, 16, 17, 18, 17, 16, 16, 17, 19, 22, 24, 23, 19, 13, 9], 1.25),
  always: shape(Array<number>(24).fill(1), 1),
  night: shape([20, 26, 28, 26, 18, 8, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 5, 9, 14], 0.8),
};

function shape(hours: readonly number[], weekend: number): Shape {
  const perDay = hours.reduce((sum, hour) => sum + hour, 0);
  return { hours, weekend, mean: (perDay * (5 + 2 * weekend)) / 7 / 24 };
}
