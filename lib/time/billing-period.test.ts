import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  billingPeriodContaining,
  billingPeriodName,
  billingPeriodNamed,
  billingPeriodsOf,
  parseBillingStartDay,
} from "./billing-period.ts";
import { type Period, QUARTER_HOUR_MS, toInstant, toIso } from "./instant.ts";
import type { LocalDay } from "./zone.ts";

function startDay(day: number) {
  const parsed = parseBillingStartDay(day);
  if (parsed === undefined) throw new Error(`${day} is no start day.`);
  return parsed;
}

const days = ({ start, end }: Period) => [start, end].map((at) => toIso(at).replace("T00:00:00.000Z", ""));

describe("the start day of billing periods", () => {
  test.each([
    ["0", undefined],
    ["1", 1],
    ["9", 9],
    ["10", 10],
    ["28", 28],
    ["31", 31],
    ["32", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["01", undefined],
    ["1 ", undefined],
    ["", undefined],
    ["first", undefined],
    [15, 15],
    [15.5, undefined],
    [Number.NaN, undefined],
  ])("%j is %s", (value, day) => expect(parseBillingStartDay(value)).toBe(day));
});

describe("the billing period of an instant, in UTC", () => {
  test.each<[number, string, string, string]>([
    // The 1st: calendar months.
    [1, "2026-09-30T23:59:59.999Z", "2026-09-01", "2026-10-01"],
    [1, "2026-10-01T00:00:00.000Z", "2026-10-01", "2026-11-01"],
    [1, "2026-10-01T00:00:00.001Z", "2026-10-01", "2026-11-01"],
    [1, "2026-12-31T23:59:59.999Z", "2026-12-01", "2027-01-01"],
    [1, "2027-01-01T00:00:00.000Z", "2027-01-01", "2027-02-01"],
    // The 15th.
    [15, "2026-10-14T23:59:59.999Z", "2026-09-15", "2026-10-15"],
    [15, "2026-10-15T00:00:00.000Z", "2026-10-15", "2026-11-15"],
    [15, "2026-10-15T00:00:00.001Z", "2026-10-15", "2026-11-15"],
    [15, "2027-01-14T23:59:59.999Z", "2026-12-15", "2027-01-15"],
    // The 28th is in every month.
    [28, "2026-02-27T23:59:59.999Z", "2026-01-28", "2026-02-28"],
    [28, "2026-02-28T00:00:00.000Z", "2026-02-28", "2026-03-28"],
    [28, "2028-02-28T00:00:00.000Z", "2028-02-28", "2028-03-28"],
    // The 29th: the last day of February where there is none.
    [29, "2026-02-27T23:59:59.999Z", "2026-01-29", "2026-02-28"],
    [29, "2026-02-28T00:00:00.000Z", "2026-02-28", "2026-03-29"],
    [29, "2026-03-28T23:59:59.999Z", "2026-02-28", "2026-03-29"],
    [29, "2026-03-29T00:00:00.000Z", "2026-03-29", "2026-04-29"],
    [29, "2028-02-28T23:59:59.999Z", "2028-01-29", "2028-02-29"],
    [29, "2028-02-29T00:00:00.000Z", "2028-02-29", "2028-03-29"],
    // The 30th.
    [30, "2026-02-27T23:59:59.999Z", "2026-01-30", "2026-02-28"],
    [30, "2026-02-28T00:00:00.000Z", "2026-02-28", "2026-03-30"],
    [30, "2028-02-29T00:00:00.000Z", "2028-02-29", "2028-03-30"],
    [30, "2026-04-29T23:59:59.999Z", "2026-03-30", "2026-04-30"],
    [30, "2026-04-30T00:00:00.000Z", "2026-04-30", "2026-05-30"],
    // The 31st: the last day of every month.
    [31, "2026-01-30T23:59:59.999Z", "2025-12-31", "2026-01-31"],
    [31, "2026-01-31T00:00:00.000Z", "2026-01-31", "2026-02-28"],
    [31, "2026-02-28T00:00:00.000Z", "2026-02-28", "2026-03-31"],
    [31, "2028-02-28T23:59:59.999Z", "2028-01-31", "2028-02-29"],
    [31, "2028-02-29T00:00:00.000Z", "2028-02-29", "2028-03-31"],
    [31, "2026-04-29T23:59:59.999Z", "2026-03-31", "2026-04-30"],
    [31, "2026-04-30T00:00:00.000Z", "2026-04-30", "2026-05-31"],
    // A century without a leap day.
    [29, "2100-02-28T00:00:00.000Z", "2100-02-28", "2100-03-29"],
  ])("from day %i, %s lies in %s to %s", (day, at, start, end) =>
    expect(days(billingPeriodContaining(toInstant(at), startDay(day)))).toEqual([start, end]),
  );

  test("the periods of a start day follow each other without gap or overlap, each named after its own month", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 31 }),
        fc.integer({ min: Date.UTC(2024, 0) / QUARTER_HOUR_MS, max: Date.UTC(2032, 0) / QUARTER_HOUR_MS }),
        (day, quarterHour) => {
          const at = toInstant(quarterHour * QUARTER_HOUR_MS);
          const period = billingPeriodContaining(at, startDay(day));
          expect(period.start <= at && at < period.end).toBe(true);
          expect(billingPeriodContaining(period.start, startDay(day))).toEqual(period);
          const next = billingPeriodContaining(period.end, startDay(day));
          expect(next.start).toBe(period.end);
          expect(billingPeriodName(next)).not.toBe(billingPeriodName(period));
          expect(billingPeriodNamed(billingPeriodName(period), startDay(day))).toEqual(period);
        },
      ),
      { numRuns: 300 },
    ));
});

describe("the billing period of a name", () => {
  test.each<[string, number, string[]]>([
    ["2026-10", 1, ["2026-10-01", "2026-11-01"]],
    ["2026-10", 15, ["2026-10-15", "2026-11-15"]],
    ["2026-12", 31, ["2026-12-31", "2027-01-31"]],
    ["2026-02", 31, ["2026-02-28", "2026-03-31"]],
    ["2028-02", 30, ["2028-02-29", "2028-03-30"]],
  ])("%s from day %i", (name, day, wanted) => {
    const period = billingPeriodNamed(name, startDay(day));
    expect(period && days(period)).toEqual(wanted);
  });

  test.each(["2026-13", "2026-00", "26-10", "2026-10-01", "2026-1", "", "october"])("%j is none", (name) =>
    expect(billingPeriodNamed(name, startDay(1))).toBeUndefined(),
  );
});

test.each<[string, string, string, number, string[]]>([
  ["one day", "2026-10-01", "2026-10-01", 1, ["2026-10"]],
  ["a whole period", "2026-10-15", "2026-11-14", 15, ["2026-10"]],
  ["a day less and a day more", "2026-10-14", "2026-11-15", 15, ["2026-09", "2026-10", "2026-11"]],
  ["a calendar month of another cut", "2026-10-01", "2026-10-31", 15, ["2026-09", "2026-10"]],
  ["no day", "2026-10-02", "2026-10-01", 1, []],
])("billingPeriodsOf %s", (_name, first, last, day, names) =>
  expect(billingPeriodsOf(first as LocalDay, last as LocalDay, startDay(day)).map(billingPeriodName)).toEqual(names),
);
