import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHARGE_DIMENSIONS, type ChargeFilter } from "../ledger/charge-query.ts";
import { toInstant } from "../time/instant.ts";
import { addDays, type LocalDay, UTC, type ZoneId } from "../time/zone.ts";
import {
  COMPARISONS,
  comparedDays,
  DEFAULT_PARAMS,
  daysOf,
  type PeriodChoice,
  parseReportParams,
  type ReportParams,
  stepPeriod,
  toggleFilter,
  toHref,
  toSearchParams,
} from "./report-params.ts";

const day = (text: string) => text as LocalDay;
const now = toInstant("2026-11-21T09:15:00Z");

const days = fc.integer({ min: 0, max: 3_000 }).map((count) => addDays(day("2021-01-01"), count));
const choices: fc.Arbitrary<PeriodChoice> = fc.oneof(
  fc.constant<PeriodChoice>({ kind: "thisMonth" }),
  days.map((from): PeriodChoice => ({ kind: "month", month: from.slice(0, 7) })),
  fc
    .tuple(days, fc.integer({ min: 0, max: 800 }))
    .map(([from, length]): PeriodChoice => ({ kind: "days", from, last: addDays(from, length) })),
  fc.integer({ min: 1, max: 1_000 }).map((count): PeriodChoice => ({ kind: "last", days: count })),
);
const values = fc.uniqueArray(fc.string({ minLength: 1, unit: "grapheme" }), { minLength: 1, maxLength: 5 });
const filters: fc.Arbitrary<ChargeFilter> = fc
  .array(fc.tuple(fc.constantFrom(...CHARGE_DIMENSIONS), fc.option(values), fc.option(values)), { maxLength: 4 })
  .map((rules) =>
    Object.fromEntries(
      rules
        .filter(([, include, exclude]) => include || exclude)
        .map(([dimension, include, exclude]) => [
          dimension,
          { ...(include ? { include } : {}), ...(exclude ? { exclude } : {}) },
        ]),
    ),
  );
const params: fc.Arbitrary<ReportParams> = fc.record({
  period: choices,
  zone: fc.constantFrom(undefined, "UTC" as ZoneId, "Asia/Kathmandu" as ZoneId, "America/New_York" as ZoneId),
  compare: fc.constantFrom(...COMPARISONS),
  filter: filters,
  by: fc.constantFrom(undefined, ...CHARGE_DIMENSIONS),
  isWall: fc.boolean(),
});

describe("the URL is the state", () => {
  test("a state survives its URL", () => {
    fc.assert(
      fc.property(params, (state) => {
        expect(parseReportParams(toSearchParams(state))).toEqual(state);
      }),
    );
  });

  test("a state survives a link as text", () => {
    fc.assert(
      fc.property(params, (state) => {
        const url = new URL(toHref("/deployments", state), "http://localhost");
        expect(parseReportParams(url.searchParams)).toEqual(state);
      }),
    );
  });

  test("any text is read without throwing, and reading again what was read changes nothing", () => {
    const names = fc.constantFrom("period", "zone", "compare", "by", "wall", "team", "not.team", "model", "x");
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom("2026-13", "0000-00", "9d", "99999d", "2026-02-30..2026-03-01", "..", "__proto__"),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(names, texts)), (pairs) => {
        const state = parseReportParams(new URLSearchParams(pairs));
        expect(parseReportParams(toSearchParams(state))).toEqual(state);
      }),
    );
  });

  test("a value that makes no sense becomes its default", () => {
    expect(
      parseReportParams({ period: "2026-11-31..2026-12-01", zone: "Mars/Base", compare: "never", by: "colour" }),
    ).toEqual(DEFAULT_PARAMS);
    expect(parseReportParams({ period: "2026-11-05..2026-11-01" }).period).toEqual({ kind: "thisMonth" });
  });

  test("Next.js arrays and single values are both read", () => {
    expect(parseReportParams({ team: ["search", "support"], "not.model": "gpt-4o" }).filter).toEqual({
      team: { include: ["search", "support"] },
      model: { exclude: ["gpt-4o"] },
    });
  });
});

describe("days", () => {
  test("this month ends with today, a past month with its last day", () => {
    expect(daysOf({ kind: "thisMonth" }, now, UTC)).toEqual({ from: "2026-11-01", to: "2026-11-22" });
    expect(daysOf({ kind: "month", month: "2026-10" }, now, UTC)).toEqual({ from: "2026-10-01", to: "2026-11-01" });
    expect(daysOf({ kind: "last", days: 7 }, now, UTC)).toEqual({ from: "2026-11-15", to: "2026-11-22" });
    expect(daysOf({ kind: "days", from: day("2026-11-03"), last: day("2026-11-03") }, now, UTC)).toEqual({
      from: "2026-11-03",
      to: "2026-11-04",
    });
  });

  test("today is a day of the zone", () => {
    const lateEvening = toInstant("2026-11-30T20:00:00Z");
    expect(daysOf({ kind: "thisMonth" }, lateEvening, "Asia/Kolkata" as ZoneId)).toEqual({
      from: "2026-12-01",
      to: "2026-12-02",
    });
  });

  test("a part of a month is compared with the same days of the month before, cut at its end", () => {
    expect(comparedDays({ kind: "thisMonth" }, "previous", now, UTC)).toEqual({ from: "2026-10-01", to: "2026-10-22" });
    const lastOfMarch = toInstant("2026-03-31T12:00:00Z");
    expect(comparedDays({ kind: "thisMonth" }, "previous", lastOfMarch, UTC)).toEqual({
      from: "2026-02-01",
      to: "2026-03-01",
    });
    expect(comparedDays({ kind: "month", month: "2026-02" }, "previous", now, UTC)).toEqual({
      from: "2026-01-01",
      to: "2026-02-01",
    });
  });

  test("a stretch is compared with the one of equal length before it, or with a year earlier", () => {
    expect(comparedDays({ kind: "last", days: 7 }, "previous", now, UTC)).toEqual({
      from: "2026-11-08",
      to: "2026-11-15",
    });
    expect(comparedDays({ kind: "last", days: 7 }, "year", now, UTC)).toEqual({ from: "2025-11-15", to: "2025-11-22" });
    expect(comparedDays({ kind: "last", days: 7 }, "none", now, UTC)).toBeUndefined();
  });

  test("stepping a month back and forth comes back", () => {
    const october = stepPeriod({ kind: "thisMonth" }, -1, now, UTC);
    expect(october).toEqual({ kind: "month", month: "2026-10" });
    expect(stepPeriod(october, 1, now, UTC)).toEqual({ kind: "thisMonth" });
    expect(stepPeriod({ kind: "last", days: 7 }, -1, now, UTC)).toEqual({
      kind: "days",
      from: "2026-11-08",
      last: "2026-11-14",
    });
  });
});

test("a filter value is added and taken away", () => {
  const one = toggleFilter({ model: { exclude: ["gpt-4o"] } }, "team", "search");
  expect(one).toEqual({ model: { exclude: ["gpt-4o"] }, team: { include: ["search"] } });
  expect(toggleFilter(one, "team", "search")).toEqual({ model: { exclude: ["gpt-4o"] } });
});
