import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, parseMoney, sum } from "../money/money.ts";
import { toInstant } from "../time/instant.ts";
import { addDays, type LocalDay, periodOfDays, UTC, type ZoneId } from "../time/zone.ts";
import { forecastDaily } from "./forecast-daily.ts";
import { forecastPeriodEnd } from "./forecast-period-end.ts";

const WEEK = [100, 110, 105, 100, 90, 40, 30];

function weeks(count: number, factor: (day: number) => number = () => 1): number[] {
  return Array.from({ length: count * 7 }, (_, day) => (WEEK[day % 7] ?? 0) * factor(day));
}

const total = (values: readonly number[] | undefined) => (values ?? []).reduce((a, b) => a + b, 0);

describe("forecastDaily", () => {
  test.each([
    ["no history says nothing", [], null],
    [
      "one day is repeated, with low confidence",
      [10],
      { daily: [10, 10, 10], method: "mean_of_days", confidence: "low" },
    ],
    [
      "six days are averaged, with low confidence",
      [0, 6, 0, 6, 0, 6],
      { daily: [3, 3, 3], method: "mean_of_days", confidence: "low" },
    ],
    [
      "seven days repeat their weekdays",
      WEEK,
      { daily: [100, 110, 105], method: "same_weekday_mean", confidence: "normal" },
    ],
    [
      "twenty days still do",
      weeks(3).slice(1),
      { daily: [100, 110, 105], method: "same_weekday_mean", confidence: "normal" },
    ],
    ["twenty-one days use all four methods", weeks(3), { method: "median_of_four", confidence: "normal" }],
  ] as const)("%s", (_name, history, expected) => {
    const forecast = forecastDaily(history, 3);
    if (expected === null) expect(forecast).toBeNull();
    else expect(forecast).toMatchObject(expected);
  });

  test("repeats a steady week to within a per cent, and is sure of it", () => {
    const forecast = forecastDaily(weeks(8), 14);
    for (const [day, value] of (forecast?.daily ?? []).entries()) {
      const expected = WEEK[day % 7] ?? 0;
      expect(Math.abs(value - expected)).toBeLessThan(1.5);
    }
    expect(forecast?.halfWidth?.at(-1)).toBeLessThan(0.02 * 2 * total(WEEK));
  });

  test("follows growth better than the straight line of the month so far", () => {
    const grown = Array.from({ length: 140 }, (_, day) => 100 + day);
    const known = grown.slice(0, 110);
    const month = total(grown.slice(100, 130));
    const forecast = total(grown.slice(100, 110)) + total(forecastDaily(known, 20)?.daily);
    const runRate = (total(grown.slice(100, 110)) / 10) * 30;
    expect(Math.abs(forecast - month)).toBeLessThan(Math.abs(runRate - month) / 2);
  });

  test("widens with every day ahead, never falls below zero and gives the same answer again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 31 }),
        (history, horizon) => {
          const forecast = forecastDaily(history, horizon);
          expect(forecast?.daily).toHaveLength(horizon);
          expect(forecast?.daily.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
          const widths = forecast?.halfWidth ?? [];
          expect(widths.every((width, day) => day === 0 || width >= (widths[day - 1] ?? 0))).toBe(true);
          expect(forecastDaily(history, horizon)).toEqual(forecast);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("beats the straight-line run rate by a tenth on flat, growing, falling and stepping spend, and its interval covers", () => {
    const random = generator(7);
    const kinds = [
      () => 1,
      (d: number) => 1 + d * 0.01,
      (d: number) => Math.exp(-d * 0.003),
      (d: number) => (d < 200 ? 1 : 1.6),
    ];
    const errors = { method: 0, runRate: 0, covered: 0, count: 0 };
    for (const kind of kinds)
      for (let series = 0; series < 3; series += 1) {
        const days = weeks(61, (day) => kind(day) * (1 + 0.25 * (random() + random() + random() - 1.5)));
        for (let start = 120; start + 30 <= 390; start += 60)
          for (const at of [7, 14, 21]) {
            const actual = total(days.slice(start, start + 30));
            const spent = total(days.slice(start, start + at));
            const forecast = forecastDaily(days.slice(0, start + at), 30 - at);
            const end = spent + total(forecast?.daily);
            errors.method += Math.abs(end / actual - 1);
            errors.runRate += Math.abs(((spent / at) * 30) / actual - 1);
            errors.covered += Math.abs(end - actual) <= (forecast?.halfWidth?.at(-1) ?? 0) ? 1 : 0;
            errors.count += 1;
          }
      }
    expect(errors.method).toBeLessThan(0.9 * errors.runRate);
    expect(errors.covered / errors.count).toBeGreaterThan(0.65);
    expect(errors.covered / errors.count).toBeLessThan(0.92);
  });

  test("takes under 20 ms for a series of 400 days", () => {
    const history = weeks(58).slice(0, 400);
    forecastDaily(history, 25);
    const started = performance.now();
    for (let run = 0; run < 5; run += 1) forecastDaily(history, 25);
    // Five runs, with room for a busy machine.
    expect((performance.now() - started) / 5).toBeLessThan(60);
  });
});

describe("forecastPeriodEnd", () => {
  const november = periodOfDays("2026-11-01" as LocalDay, "2026-12-01" as LocalDay, UTC);
  const steady = (from: string, days: number, cost: string) =>
    Array.from({ length: days }, (_, day) => ({ day: addDays(from as LocalDay, day), cost: parseMoney(cost) }));

  test("adds what was spent, the rest of today and the days to come", () => {
    // 20 complete days at 4, half of the 21st gone with 3 spent: 80 + 3 + 2 + 9 × 4.
    const daily = [...steady("2026-11-01", 20, "4"), ...steady("2026-11-21", 1, "3")];
    const forecast = forecastPeriodEnd({
      daily,
      spent: sum(daily.map(({ cost }) => cost)),
      period: november,
      zone: UTC,
      now: toInstant("2026-11-21T12:00:00Z"),
    });
    expect(forecast).toMatchObject({ total: parseMoney("121"), completeDays: 20, method: "same_weekday_mean" });
    expect(forecast?.days.map(({ day }) => day)).toEqual(Array.from({ length: 10 }, (_, n) => `2026-11-${21 + n}`));
    expect(forecast?.days.at(-1)?.total).toBe(forecast?.total);
  });

  test("on a 23-hour day the rest of the day is a part of 23 hours", () => {
    const zone = "America/New_York" as ZoneId;
    const march = periodOfDays("2027-03-01" as LocalDay, "2027-04-01" as LocalDay, zone);
    // 14 March 2027 has 23 hours; at 11:00 EDT (15:00 UTC) ten of them are gone. 13 days at 23 spent, 13 of 23 hours to come.
    const daily = steady("2027-03-01", 13, "23");
    const forecast = forecastPeriodEnd({
      daily,
      spent: sum(daily.map(({ cost }) => cost)),
      period: march,
      zone,
      now: toInstant("2027-03-14T15:00:00Z"),
    });
    expect(forecast?.days[0]?.cost).toBe(parseMoney("13"));
  });

  test("the lower bound is never under what is spent already", () => {
    const daily = [...steady("2026-09-01", 60, "0.01"), ...steady("2026-10-31", 20, "10")];
    const spent = parseMoney("190");
    const forecast = forecastPeriodEnd({
      daily,
      spent,
      period: november,
      zone: UTC,
      now: toInstant("2026-11-20T00:00:00Z"),
    });
    expect(forecast?.days.every(({ lower }) => lower === null || lower >= spent)).toBe(true);
  });

  test.each([
    ["before the period", "2026-10-31T23:59:59Z"],
    ["after the period", "2026-12-01T00:00:00Z"],
  ])("says nothing %s", (_name, now) => {
    const daily = steady("2026-11-01", 20, "4");
    expect(forecastPeriodEnd({ daily, spent: money(0n), period: november, zone: UTC, now: toInstant(now) })).toBeNull();
  });

  test("says nothing before the first complete day with a cost", () => {
    const today = { day: "2026-11-21" as LocalDay, cost: parseMoney("5") };
    const now = toInstant("2026-11-21T12:00:00Z");
    expect(forecastPeriodEnd({ daily: [today], spent: today.cost, period: november, zone: UTC, now })).toBeNull();
  });
});

/** Numbers in [0, 1) that are the same in every run (Numerical Recipes' linear congruence). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
