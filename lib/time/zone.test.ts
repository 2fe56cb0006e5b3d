import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { HOUR_MS, toInstant, toIso } from "./instant.ts";
import {
  addDays,
  dayOf,
  daysBetween,
  daysIn,
  type FiscalStart,
  type LocalDay,
  monthContaining,
  parseFiscalStart,
  parseLocalDay,
  parseZone,
  periodOfDays,
  quarterContaining,
  startOfDay,
  weekdayOf,
  yearContaining,
  type ZoneId,
} from "./zone.ts";

const zone = (name: string): ZoneId => parseZone(name) ?? expect.fail(`unknown zone ${name}`);
const day = (text: string): LocalDay => parseLocalDay(text) ?? expect.fail(`not a day ${text}`);
const fiscal = (text: string): FiscalStart => parseFiscalStart(text) ?? expect.fail(`not a start ${text}`);

describe("startOfDay", () => {
  test.each([
    ["UTC", "2026-11-21", "2026-11-21T00:00:00.000Z"],
    ["Asia/Kolkata", "2026-11-21", "2026-11-20T18:30:00.000Z"],
    ["Asia/Kathmandu", "2026-11-21", "2026-11-20T18:15:00.000Z"],
    ["America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z"],
    ["America/New_York", "2026-11-02", "2026-11-02T05:00:00.000Z"],
    ["Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00.000Z"],
    ["Australia/Lord_Howe", "2026-10-05", "2026-10-04T13:00:00.000Z"],
    ["Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00.000Z"],
  ])("%s %s", (name, text, expected) => expect(toIso(startOfDay(day(text), zone(name)))).toBe(expected));
});

describe("months of a zone with daylight saving", () => {
  test.each([
    ["2027-03-15T12:00:00Z", 743],
    ["2026-11-15T12:00:00Z", 721],
    ["2026-12-15T12:00:00Z", 744],
  ])("the New York month of %s has %d hours", (at, hours) => {
    const month = monthContaining(toInstant(at), zone("America/New_York"));
    expect((month.end - month.start) / HOUR_MS).toBe(hours);
  });
});

describe("fiscal periods", () => {
  test.each([
    ["01-01", "2026-11-21T00:00:00Z", "2026-01-01", "2027-01-01"],
    ["04-01", "2026-03-31T23:59:59Z", "2025-04-01", "2026-04-01"],
    ["04-01", "2026-04-01T00:00:00Z", "2026-04-01", "2027-04-01"],
    ["02-31", "2028-02-29T00:00:00Z", "2028-02-29", "2029-02-28"],
  ])("the year from %s that holds %s", (start, at, from, to) => {
    expect(yearContaining(toInstant(at), zone("UTC"), fiscal(start))).toEqual(
      periodOfDays(day(from), day(to), zone("UTC")),
    );
  });
  test.each([
    ["01-01", "2026-11-21T00:00:00Z", "2026-10-01", "2027-01-01"],
    ["04-06", "2026-07-05T23:59:59Z", "2026-04-06", "2026-07-06"],
    ["04-06", "2026-07-06T00:00:00Z", "2026-07-06", "2026-10-06"],
    ["01-31", "2026-04-30T00:00:00Z", "2026-04-30", "2026-07-31"],
  ])("the quarter from %s that holds %s", (start, at, from, to) => {
    expect(quarterContaining(toInstant(at), zone("UTC"), fiscal(start))).toEqual(
      periodOfDays(day(from), day(to), zone("UTC")),
    );
  });
});

test("daysIn names each day that a period touches", () => {
  const within = periodOfDays(day("2026-10-31"), day("2026-11-03"), zone("America/New_York"));
  expect(daysIn(within, zone("America/New_York"))).toEqual(["2026-10-31", "2026-11-01", "2026-11-02"]);
  expect(dayOf(within.end, zone("America/New_York"))).toBe("2026-11-03");
});

test.each(["2026-02-30", "2026-13-01", "21 Nov", ""])("parseLocalDay refuses %j", (text) =>
  expect(parseLocalDay(text)).toBeUndefined(),
);
test.each(["Mars/Olympus", "", "UTC+25"])("parseZone refuses %j", (text) => expect(parseZone(text)).toBeUndefined());

describe("the calendar against an independent one", () => {
  const ZONES = [
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
  ];
  const instants = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });

  test("the day of an instant, and the instant lies in that day", () =>
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instants, (name, ms) => {
        const at = toInstant(ms);
        const expected = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name).toPlainDate().toString();
        expect(dayOf(at, zone(name))).toBe(expected);
        expect(startOfDay(day(expected), zone(name))).toBeLessThanOrEqual(ms);
        expect(startOfDay(addDays(day(expected), 1), zone(name))).toBeGreaterThan(ms);
      }),
    ));

  test("days added, counted and named", () =>
    fc.assert(
      fc.property(instants, fc.integer({ min: -4_000, max: 4_000 }), (ms, days) => {
        const from = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("UTC").toPlainDate();
        const to = from.add({ days });
        expect(addDays(day(from.toString()), days)).toBe(to.toString());
        expect(daysBetween(day(from.toString()), day(to.toString()))).toBe(days);
        expect(weekdayOf(day(to.toString()))).toBe(to.dayOfWeek);
      }),
    ));
});
