import { addMs, type Instant, type Period, QUARTER_HOUR_MS, toInstant, toIso } from "../time/instant.ts";
import {
  addDays,
  dayOf,
  daysIn,
  firstOfMonth,
  type LocalDay,
  startOfDay,
  weekdayOf,
  type ZoneId,
} from "../time/zone.ts";
import type { Grain } from "./charge-query.ts";

/** A stretch of quarter hours (`from` inside, `to` outside) that belongs to one bucket; `label` is null for a total. */
export type BucketStretch = { readonly label: string | null; readonly from: number; readonly to: number };

/** The buckets of a period: whole local days that daily sums answer, and stretches that quarter hours answer. */
export type BucketPlan = {
  readonly days: readonly { readonly label: string | null; readonly day: number }[];
  readonly stretches: readonly BucketStretch[];
};

/** The longest period that may be summed by hour (rules of the project, section 5). */
export const MAX_HOURLY_DAYS = 31;

/** Cuts a period into buckets. `hasDays` says whether daily sums of the zone are kept. */
export function bucketPlan(within: Period, zone: ZoneId, grain: Grain, hasDays: boolean): BucketPlan {
  if (within.start >= within.end) return { days: [], stretches: [] };
  if (grain === "hour") return { days: [], stretches: hours(within, zone) };
  const days: { label: string | null; day: number }[] = [];
  const stretches: BucketStretch[] = [];
  for (const day of daysIn(within, zone)) {
    const label = labelOf(day, grain);
    const start = startOfDay(day, zone);
    const end = startOfDay(addDays(day, 1), zone);
    if (hasDays && start >= within.start && end <= within.end) days.push({ label, day: dayNumber(day) });
    else
      stretches.push({
        label,
        from: floorQuarter(later(start, within.start)),
        to: ceilQuarter(earlier(end, within.end)),
      });
  }
  return { days, stretches };
}

/** The number of a calendar day: days since 1970-01-01 on the calendar. */
export function dayNumber(day: LocalDay): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
}

/** Quarter hours since 1970 of an instant, rounded down. */
export function floorQuarter(at: Instant): number {
  return Math.floor(at / QUARTER_HOUR_MS);
}

/** Quarter hours since 1970 of an instant, rounded up. */
export function ceilQuarter(at: Instant): number {
  return Math.ceil(at / QUARTER_HOUR_MS);
}

/** The instant at which a numbered quarter hour begins. */
export function quarterInstant(quarter: number): Instant {
  return toInstant(quarter * QUARTER_HOUR_MS);
}

function labelOf(day: LocalDay, grain: Exclude<Grain, "hour">): string | null {
  switch (grain) {
    case "total":
      return null;
    case "day":
      return day;
    case "week":
      return addDays(day, 1 - weekdayOf(day));
    case "month":
      return firstOfMonth(day);
  }
}

/** Hours are counted from the start of the local day, so that a zone at half past the hour has whole local hours. */
function hours(within: Period, zone: ZoneId): BucketStretch[] {
  const days = daysIn(within, zone);
  if (days.length > MAX_HOURLY_DAYS + 1) {
    throw new RangeError(`Sums by hour cover at most ${MAX_HOURLY_DAYS} days, not ${days.length}; ask by day instead.`);
  }
  const stretches: BucketStretch[] = [];
  for (const day of days) {
    const end = earlier(startOfDay(addDays(day, 1), zone), within.end);
    for (let start = startOfDay(day, zone); start < end; start = addMs(start, 4 * QUARTER_HOUR_MS)) {
      const to = earlier(addMs(start, 4 * QUARTER_HOUR_MS), end);
      if (to > within.start) {
        stretches.push({ label: toIso(start), from: floorQuarter(later(start, within.start)), to: ceilQuarter(to) });
      }
    }
  }
  return stretches;
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

/** The local days (with their quarter hours) that some quarter hours touch in a zone. */
export function daysTouched(quarters: Iterable<number>, zone: ZoneId): { day: number; from: number; to: number }[] {
  const days = new Map<LocalDay, { day: number; from: number; to: number }>();
  let known: { from: number; to: number } | undefined;
  for (const quarter of quarters) {
    if (known && quarter >= known.from && quarter < known.to) continue;
    const day = dayOf(quarterInstant(quarter), zone);
    const found = days.get(day) ?? {
      day: dayNumber(day),
      from: floorQuarter(startOfDay(day, zone)),
      to: floorQuarter(startOfDay(addDays(day, 1), zone)),
    };
    days.set(day, found);
    known = found;
  }
  return [...days.values()];
}
