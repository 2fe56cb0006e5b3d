import { describe, expect, test } from "vitest";
import type { PeriodForecast } from "../forecast/forecast-period-end.ts";
import { type Money, money, parseMoney } from "../money/money.ts";
import { toInstant } from "../time/instant.ts";
import type { FiscalStart, LocalDay, ZoneId } from "../time/zone.ts";
import type { Budget, BudgetId, ThresholdBasis, ThresholdId } from "./budget.ts";
import { budgetPeriodAt } from "./budget-period.ts";
import { evaluateBudget } from "./evaluate-budget.ts";

const PERIOD = { start: toInstant("2026-11-01T00:00:00Z"), end: toInstant("2026-12-01T00:00:00Z") };
const HALF_WAY = toInstant("2026-11-16T00:00:00Z");

function budget(parts: Partial<Budget> = {}): Budget {
  return {
    id: "b" as BudgetId,
    name: "Search",
    scope: { kind: "everything" },
    amount: parseMoney("100"),
    currency: "USD",
    period: "month",
    zone: "UTC" as ZoneId,
    fiscalStart: "01-01" as FiscalStart,
    basis: "contracted_amortised",
    thresholds: [threshold("actual", 57n)],
    revision: 1,
    createdAt: PERIOD.start,
    updatedAt: PERIOD.start,
    ...parts,
  };
}

function threshold(basis: ThresholdBasis, percent: bigint) {
  return { id: `${basis}-${percent}` as ThresholdId, basis, percent, recipients: null };
}

function spend(amount: string, upper = amount, unpricedTokens = 0n, atMost = "0") {
  return {
    contractedCost: parseMoney(amount),
    contractedCostUpper: parseMoney(upper),
    contractedCostAtMost: parseMoney(atMost),
    unpricedTokens,
  };
}

function forecast(parts: Partial<PeriodForecast>): PeriodForecast {
  return {
    total: parseMoney("90"),
    lower: null,
    upper: null,
    days: [],
    method: "median_of_four",
    confidence: "normal",
    completeDays: 15,
    errors: [],
    ...parts,
  };
}

describe("evaluateBudget", () => {
  test.each([
    ["one picodollar under the line is not there yet", "56.999999999999", false],
    ["exactly on the line is reached (0.57 × 100 in floating point is not)", "57", true],
    ["one picodollar over the line is reached", "57.000000000001", true],
  ])("%s", (_name, spent, isReached) => {
    expect(evaluateBudget(budget(), PERIOD, spend(spent), null, HALF_WAY).thresholds[0]?.isReached).toBe(isReached);
  });

  test.each([
    ["under the forecast line", "99.999999999999", false],
    ["on the forecast line", "100", true],
    ["over the forecast line", "100.000000000001", true],
  ])("%s", (_name, total, isReached) => {
    const watched = budget({ thresholds: [threshold("forecast", 100n)] });
    const status = evaluateBudget(watched, PERIOD, spend("1"), forecast({ total: parseMoney(total) }), HALF_WAY);
    expect(status.thresholds[0]?.isReached).toBe(isReached);
  });

  test("a forecast that does not exist reaches nothing", () => {
    const watched = budget({ thresholds: [threshold("forecast", 1n)] });
    const status = evaluateBudget(watched, PERIOD, spend("1000"), null, HALF_WAY);
    expect(status.thresholds[0]).toMatchObject({ value: null, isReached: false });
  });

  test("says what is left, how much is used and how fast", () => {
    const status = evaluateBudget(budget(), PERIOD, spend("25"), null, HALF_WAY);
    expect(status).toMatchObject({ remaining: parseMoney("75"), used: 0.25, elapsed: 0.5, pace: 0.5, state: "ok" });
  });

  test.each([
    ["one picodollar under the amount warns", "99.999999999999", "warning"],
    ["the amount itself is over", "100", "over"],
    ["under every line is ok", "56.999999999999", "ok"],
  ])("%s", (_name, spent, state) => {
    expect(evaluateBudget(budget(), PERIOD, spend(spent), null, HALF_WAY).state).toBe(state);
  });

  test.each([
    ["tokens without a price", spend("10", "10", 1n), [true, false]],
    ["a price that is a range", spend("10", "10.000000000001"), [true, false]],
    ["a part at its dearest", spend("10", "10", 0n, "0.000000000001"), [false, true]],
    ["both", spend("10", "10", 1n, "0.000000000001"), [true, true]],
    ["every price known", spend("10"), [false, false]],
  ])("%s: may be more, may be less = %o", (_name, spent, expected) => {
    const { mayBeMore, mayBeLess } = evaluateBudget(budget(), PERIOD, spent, null, HALF_WAY);
    expect([mayBeMore, mayBeLess]).toEqual(expected);
  });

  test("names the day on which the amount is passed", () => {
    const day = (text: string, total: string) => ({
      day: text as LocalDay,
      cost: money(0n),
      total: parseMoney(total),
      lower: null,
      upper: null,
    });
    const days = [day("2026-11-16", "99.999999999999"), day("2026-11-17", "100"), day("2026-11-18", "101")];
    const at = (spent: string) =>
      evaluateBudget(budget(), PERIOD, spend(spent), forecast({ days }), HALF_WAY).exhaustedOn;
    expect(at("90")).toBe("2026-11-17");
    expect(at("100")).toBe("already");
    expect(evaluateBudget(budget(), PERIOD, spend("1"), forecast({}), HALF_WAY).exhaustedOn).toBeNull();
  });

  test("counts the chance to pass from how past forecasts missed", () => {
    const errors = ["9", "10", "11", "-5"].map((text) => parseMoney(text)) as Money[];
    const chance = (spent: string, misses: Money[]) =>
      evaluateBudget(budget(), PERIOD, spend(spent), forecast({ errors: misses }), HALF_WAY).overrunChance;
    expect(chance("50", errors)).toBe(0.5);
    expect(chance("100", errors)).toBe(1);
    expect(chance("50", [])).toBeNull();
  });
});

describe("budgetPeriodAt", () => {
  test.each([
    [
      "a month in New York with the autumn night has 721 hours",
      "month",
      "America/New_York",
      "01-01",
      "2026-11-10T00:00:00Z",
      "2026-11-01T04:00:00Z",
      "2026-12-01T05:00:00Z",
    ],
    [
      "the last millisecond of a month belongs to it",
      "month",
      "Asia/Kathmandu",
      "01-01",
      "2026-11-30T18:14:59.999Z",
      "2026-10-31T18:15:00Z",
      "2026-11-30T18:15:00Z",
    ],
    [
      "the next millisecond is the next month",
      "month",
      "Asia/Kathmandu",
      "01-01",
      "2026-11-30T18:15:00Z",
      "2026-11-30T18:15:00Z",
      "2026-12-31T18:15:00Z",
    ],
    [
      "a quarter follows the fiscal start",
      "quarter",
      "UTC",
      "02-01",
      "2026-11-21T00:00:00Z",
      "2026-11-01T00:00:00Z",
      "2027-02-01T00:00:00Z",
    ],
    [
      "a quarter begins on the fiscal day and the day before belongs to the old one",
      "quarter",
      "UTC",
      "02-01",
      "2026-10-31T23:59:59Z",
      "2026-08-01T00:00:00Z",
      "2026-11-01T00:00:00Z",
    ],
    [
      "a fiscal year may begin on the 31st, which is the last day of a shorter month",
      "quarter",
      "UTC",
      "05-31",
      "2026-11-30T00:00:00Z",
      "2026-11-30T00:00:00Z",
      "2027-02-28T00:00:00Z",
    ],
    [
      "a fiscal year in Berlin",
      "year",
      "Europe/Berlin",
      "04-01",
      "2026-03-31T21:59:59Z",
      "2025-03-31T22:00:00Z",
      "2026-03-31T22:00:00Z",
    ],
    [
      "a fiscal year that begins on 29 February begins on the 28th in other years",
      "year",
      "UTC",
      "02-29",
      "2027-03-01T00:00:00Z",
      "2027-02-28T00:00:00Z",
      "2028-02-29T00:00:00Z",
    ],
  ] as const)("%s", (_name, period, zone, fiscalStart, at, start, end) => {
    const watched = budget({ period, zone: zone as ZoneId, fiscalStart: fiscalStart as FiscalStart });
    expect(budgetPeriodAt(watched, toInstant(at))).toEqual({ start: toInstant(start), end: toInstant(end) });
  });
});
