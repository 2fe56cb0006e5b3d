import { Temporal } from "temporal-polyfill";
import { type Instant, type Period, period, QUARTER_HOUR_MS, toInstant } from "./instant.ts";

/** An IANA time zone name that the runtime knows. */
export type ZoneId = string & { readonly __brand: "ZoneId" };

/** A calendar day as `2026-11-21`, in a zone named beside it. */
export type LocalDay = string & { readonly __brand: "LocalDay" };

/** A month and day on which a fiscal year starts, as `04-01`; a day past the month's end means its last day. */
export type FiscalStart = string & { readonly __brand: "FiscalStart" };

const DAY_MS = 86_400_000;

export const UTC = "UTC" as ZoneId;

/** A zone id, or undefined when the runtime does not know the name. */
export function parseZone(text: string): ZoneId | undefined {
  try {
    return Temporal.Now.zonedDateTimeISO(text).timeZoneId as ZoneId;
  } catch {
    return undefined;
  }
}

/** A calendar day, or undefined when the text is not a real `YYYY-MM-DD`. */
export function parseLocalDay(text: string): LocalDay | undefined {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text)
      ? (Temporal.PlainDate.from(text, { overflow: "reject" }).toString() as LocalDay)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A fiscal start, or undefined when the text is not `MM-DD`. */
export function parseFiscalStart(text: string): FiscalStart | undefined {
  const match = /^(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [month, day] = [Number(match[1]), Number(match[2])];
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? (text as FiscalStart) : undefined;
}

/** The calendar day that holds `at` in `zone`. */
export function dayOf(at: Instant, zone: ZoneId): LocalDay {
  // Every zone's offset is a whole number of quarter hours, so one quarter hour lies in one day.
  const quarterHour = Math.floor(at / QUARTER_HOUR_MS);
  return remembered(daysKnown, zone, quarterHour, () => zoned(at, zone).toPlainDate().toString() as LocalDay);
}

/** The first instant of `day` in `zone`, also where the day does not begin at 00:00. */
export function startOfDay(day: LocalDay, zone: ZoneId): Instant {
  return remembered(startsKnown, zone, day, () =>
    toInstant(Temporal.PlainDate.from(day).toZonedDateTime(zone).startOfDay().epochMilliseconds),
  );
}

/** `day` moved by a number of calendar days. */
export function addDays(day: LocalDay, days: number): LocalDay {
  // A calendar without zone has days of equal length.
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10) as LocalDay;
}

/** `day` moved by calendar months; a day past the month's end becomes its last day. */
export function addMonths(day: LocalDay, months: number): LocalDay {
  return Temporal.PlainDate.from(day).add({ months }, { overflow: "constrain" }).toString() as LocalDay;
}

/** Days from `from` (inside) to `to` (outside). */
export function daysBetween(from: LocalDay, to: LocalDay): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** 1 for Monday to 7 for Sunday. */
export function weekdayOf(day: LocalDay): number {
  return new Date(Date.parse(day)).getUTCDay() || 7;
}

/** The half-open UTC period from the start of `from` to the start of `to` in `zone`. */
export function periodOfDays(from: LocalDay, to: LocalDay, zone: ZoneId): Period {
  return period(startOfDay(from, zone), startOfDay(to, zone));
}

/** The period of the calendar day that holds `at`. */
export function dayContaining(at: Instant, zone: ZoneId): Period {
  const day = dayOf(at, zone);
  return periodOfDays(day, addDays(day, 1), zone);
}

/** The period of the calendar month that holds `at`. */
export function monthContaining(at: Instant, zone: ZoneId): Period {
  const first = firstOfMonth(dayOf(at, zone));
  return periodOfDays(first, addMonths(first, 1), zone);
}

/** The first day of the month that holds `day`. */
export function firstOfMonth(day: LocalDay): LocalDay {
  return `${day.slice(0, 8)}01` as LocalDay;
}

/** The fiscal quarter (three months counted from the fiscal start) that holds `at`. */
export function quarterContaining(at: Instant, zone: ZoneId, fiscalStart: FiscalStart): Period {
  const day = dayOf(at, zone);
  const year = fiscalYearStart(day, fiscalStart);
  const starts = [0, 3, 6, 9, 12].map((months) => fiscalMonthStart(year, months, fiscalStart));
  const index = starts.findLastIndex((start) => start <= day);
  return periodOfDays(starts[index] ?? year, starts[index + 1] ?? year, zone);
}

/** The fiscal year that holds `at`. */
export function yearContaining(at: Instant, zone: ZoneId, fiscalStart: FiscalStart): Period {
  const start = fiscalYearStart(dayOf(at, zone), fiscalStart);
  return periodOfDays(start, fiscalMonthStart(start, 12, fiscalStart), zone);
}

/** Every calendar day that a period touches in `zone`, in order; the first and last may be cut by the period. */
export function daysIn(within: Period, zone: ZoneId): LocalDay[] {
  if (within.start >= within.end) return [];
  const last = dayOf(toInstant(within.end - 1), zone);
  const days: LocalDay[] = [];
  for (let day = dayOf(within.start, zone); day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** Instants that were worked out before, per zone: a page asks for the same days many times. */
const daysKnown = new Map<ZoneId, Map<number, LocalDay>>();
const startsKnown = new Map<ZoneId, Map<LocalDay, Instant>>();
const MOST_KNOWN = 50_000;

function remembered<Key, Value>(
  known: Map<ZoneId, Map<Key, Value>>,
  zone: ZoneId,
  key: Key,
  workOut: () => Value,
): Value {
  let ofZone = known.get(zone);
  if (!ofZone || ofZone.size >= MOST_KNOWN) {
    ofZone = new Map();
    known.set(zone, ofZone);
  }
  let value = ofZone.get(key);
  if (value === undefined) {
    value = workOut();
    ofZone.set(key, value);
  }
  return value;
}

function zoned(at: Instant, zone: ZoneId): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

function fiscalYearStart(day: LocalDay, fiscalStart: FiscalStart): LocalDay {
  const year = Temporal.PlainDate.from(day).year;
  const thisYear = startInYear(year, 0, fiscalStart);
  return thisYear <= day ? thisYear : startInYear(year - 1, 0, fiscalStart);
}

function fiscalMonthStart(yearStart: LocalDay, months: number, fiscalStart: FiscalStart): LocalDay {
  return startInYear(Temporal.PlainDate.from(yearStart).year, months, fiscalStart);
}

function startInYear(year: number, months: number, fiscalStart: FiscalStart): LocalDay {
  const month = Temporal.PlainYearMonth.from({ year, month: Number(fiscalStart.slice(0, 2)) }).add({ months });
  const day = Math.min(Number(fiscalStart.slice(3)), month.daysInMonth);
  return month.toPlainDate({ day }).toString() as LocalDay;
}
