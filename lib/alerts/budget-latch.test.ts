import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Budget, BudgetId, ThresholdBasis, ThresholdId } from "../budgets/budget.ts";
import { evaluateBudget } from "../budgets/evaluate-budget.ts";
import type { PeriodForecast } from "../forecast/forecast-period-end.ts";
import { money, parseMoney } from "../money/money.ts";
import { addMs, toInstant } from "../time/instant.ts";
import type { FiscalStart, LocalDay, ZoneId } from "../time/zone.ts";
import type { BudgetCrossing } from "./alert.ts";
import { type LastLook, type LatchInput, type LatchResult, latchThresholds } from "./budget-latch.ts";
import { groupNotices } from "./notice.ts";

const PERIOD = { start: toInstant("2026-11-01T00:00:00Z"), end: toInstant("2026-12-01T00:00:00Z") };
const NOW = toInstant("2026-11-10T00:00:00Z");
const VERSIONS = { prices: "p1", attribution: "a1" };

const BUDGET: Budget = {
  id: "b" as BudgetId,
  name: "Search",
  scope: { kind: "everything" },
  amount: parseMoney("100"),
  currency: "USD",
  period: "month",
  zone: "UTC" as ZoneId,
  fiscalStart: "01-01" as FiscalStart,
  basis: "contracted_amortised",
  thresholds: [line("actual", 50n), line("actual", 80n), line("actual", 100n), line("forecast", 100n)],
  revision: 1,
  createdAt: PERIOD.start,
  updatedAt: PERIOD.start,
};

function line(basis: ThresholdBasis, percent: bigint) {
  return { id: `${basis}-${percent}` as ThresholdId, basis, percent, recipients: null };
}

type Case = {
  spent: string;
  forecast?: string;
  completeDays?: number;
  crossings?: readonly BudgetCrossing[];
  pending?: readonly string[];
  last?: Partial<LastLook> | null;
  closedSpentNow?: string;
  prices?: string;
  attribution?: string;
  slot?: number;
  budget?: Budget;
};

function latch(given: Case): LatchResult {
  const budget = given.budget ?? BUDGET;
  const spent = parseMoney(given.spent);
  const forecast: PeriodForecast | null =
    given.forecast === undefined
      ? null
      : {
          total: parseMoney(given.forecast),
          lower: null,
          upper: null,
          days: [],
          method: "median_of_four",
          confidence: "normal",
          completeDays: given.completeDays ?? 9,
          errors: [],
        };
  const spend = {
    contractedCost: spent,
    contractedCostUpper: spent,
    contractedCostAtMost: money(0n),
    unpricedTokens: 0n,
  };
  const last: LastLook | null =
    given.last === null || given.last === undefined
      ? null
      : {
          revision: 1,
          slot: 1,
          spent: parseMoney("0"),
          closedThrough: "2026-11-09" as LocalDay,
          closedSpent: parseMoney("0"),
          versions: VERSIONS,
          ...given.last,
        };
  const input: LatchInput = {
    budget,
    status: evaluateBudget(budget, PERIOD, spend, forecast, NOW),
    memory: {
      crossings: given.crossings ?? [],
      pending: new Set((given.pending ?? []).map((id) => id as ThresholdId)),
      last,
    },
    closedSpentNow: parseMoney(given.closedSpentNow ?? "0"),
    versions: { prices: given.prices ?? "p1", attribution: given.attribution ?? "a1" },
    slot: given.slot ?? 2,
    now: NOW,
  };
  return latchThresholds(input);
}

const ids = (result: LatchResult) => result.crossed.map((crossing) => crossing.thresholdId);
const causes = (result: LatchResult) => result.crossed.map((crossing) => crossing.cause);

describe("latchThresholds", () => {
  test.each([
    ["nothing under the first line", "49.999999999999", []],
    ["the first line exactly", "50", ["actual-50"]],
    ["two lines in one look", "80", ["actual-50", "actual-80"]],
    ["every actual line", "100", ["actual-50", "actual-80", "actual-100"]],
  ])("crosses %s", (_name, spent, expected) => {
    expect(ids(latch({ spent }))).toEqual(expected);
  });

  test("does not cross again what is latched, and crosses again in a new revision", () => {
    const { crossed } = latch({ spent: "80" });
    expect(ids(latch({ spent: "80", crossings: crossed }))).toEqual([]);
    const revised = latch({
      spent: "80",
      crossings: crossed,
      budget: { ...BUDGET, revision: 2 },
      last: { revision: 1 },
    });
    expect(ids(revised)).toEqual(["actual-50", "actual-80"]);
    expect(causes(revised)).toEqual(["revision", "revision"]);
  });

  test.each([
    ["the first look only waits", { spent: "1", forecast: "100" }, [], ["forecast-100"]],
    [
      "the second look in a row crosses",
      { spent: "1", forecast: "100", pending: ["forecast-100"], last: {} },
      ["forecast-100"],
      [],
    ],
    [
      "one picodollar under the line starts anew",
      { spent: "1", forecast: "99.999999999999", pending: ["forecast-100"], last: {} },
      [],
      [],
    ],
    [
      "the same slot looked at twice is one look",
      { spent: "1", forecast: "100", pending: ["forecast-100"], last: { slot: 2 } },
      [],
      ["forecast-100"],
    ],
    [
      "a new revision starts anew",
      { spent: "1", forecast: "100", pending: ["forecast-100"], last: { revision: 0 } },
      [],
      ["forecast-100"],
    ],
    [
      "two complete days are too few",
      { spent: "1", forecast: "100", completeDays: 2, pending: ["forecast-100"], last: {} },
      [],
      [],
    ],
    [
      "three complete days are enough",
      { spent: "1", forecast: "100", completeDays: 3, pending: ["forecast-100"], last: {} },
      ["forecast-100"],
      [],
    ],
  ] satisfies readonly (readonly [string, Case, string[], string[]])[])(
    "forecast: %s",
    (_name, given, crossed, pending) => {
      const result = latch(given);
      expect(ids(result)).toEqual(crossed);
      expect(result.pending).toEqual(pending);
    },
  );

  test.each([
    ["spend of the day itself", { spent: "50", last: { spent: parseMoney("49") }, closedSpentNow: "0" }, "spend"],
    [
      "late rows that alone cross the line",
      { spent: "50", last: { spent: parseMoney("45"), closedSpent: parseMoney("40") }, closedSpentNow: "45" },
      "late_data",
    ],
    [
      "late rows that alone do not",
      {
        spent: "50",
        last: { spent: parseMoney("45"), closedSpent: parseMoney("40") },
        closedSpentNow: "44.999999999999",
      },
      "spend",
    ],
    [
      "a new price of earlier days",
      {
        spent: "50",
        prices: "p2",
        last: { spent: parseMoney("45"), closedSpent: parseMoney("40") },
        closedSpentNow: "45",
      },
      "repricing",
    ],
    [
      "a new owner of earlier days",
      {
        spent: "50",
        attribution: "a2",
        last: { spent: parseMoney("45"), closedSpent: parseMoney("40") },
        closedSpentNow: "45",
      },
      "reattribution",
    ],
    ["a new price that changed nothing", { spent: "50", prices: "p2", last: { spent: parseMoney("49") } }, "spend"],
  ] satisfies readonly (readonly [string, Case, string])[])("names the cause: %s", (_name, given, cause) => {
    expect(causes(latch(given))).toEqual([cause]);
  });

  test("marks a crossing as restated when the figure falls, and takes the mark away when it rises; it never un-fires", () => {
    const { crossed } = latch({ spent: "50" });
    const [crossing] = crossed;
    const fallen = latch({ spent: "49", crossings: crossed });
    expect(fallen).toEqual({ crossed: [], pending: [], restated: [{ id: crossing?.id, value: parseMoney("49") }] });
    const marked = crossed.map((c) => ({ ...c, restated: { at: NOW, value: parseMoney("49") } }));
    expect(latch({ spent: "49", crossings: marked }).restated).toEqual([]);
    expect(latch({ spent: "50", crossings: marked })).toEqual({
      crossed: [],
      pending: [],
      restated: [{ id: crossing?.id, value: null }],
    });
  });

  test("latches every line at most once, whatever the figures do and in whatever order slots come (10,000 runs)", () => {
    const look = fc.record({
      spent: fc.integer({ min: 0, max: 150 }),
      forecast: fc.integer({ min: 0, max: 200 }),
      slot: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 12 }), (looks) => {
        const crossings: BudgetCrossing[] = [];
        let pending: readonly string[] = [];
        let last: Partial<LastLook> | null = null;
        let highest = 0;
        for (const { spent, forecast, slot } of looks) {
          const result = latch({ spent: `${spent}`, forecast: `${forecast}`, crossings, pending, last, slot });
          crossings.push(...result.crossed);
          pending = result.pending;
          last = { slot };
          highest = Math.max(highest, spent);
        }
        const latched = crossings.map((crossing) => crossing.thresholdId);
        expect(new Set(latched).size).toBe(latched.length);
        for (const percent of [50, 80, 100])
          expect(latched.includes(`actual-${percent}` as ThresholdId)).toBe(highest >= percent);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("groupNotices", () => {
  const entry = (name: string, percent: bigint, parts: Partial<BudgetCrossing> = {}) => {
    const budget = { ...BUDGET, id: name as BudgetId, name };
    const crossing: BudgetCrossing = {
      id: `${name}-${percent}`,
      budgetId: budget.id,
      thresholdId: `t${percent}` as ThresholdId,
      basis: "actual",
      period: PERIOD,
      revision: 1,
      percent,
      amount: BUDGET.amount,
      value: money(1n),
      valueUpper: money(1n),
      unpricedTokens: 0n,
      cause: "spend",
      slot: 1,
      crossedAt: NOW,
      restated: null,
      ...parts,
    };
    return { budget, crossing };
  };

  test("puts the lines of one budget into one message, the highest first", () => {
    const notices = groupNotices([entry("a", 50n), entry("a", 100n), entry("a", 80n), entry("b", 50n)]);
    expect(notices.map((notice) => notice.entries.map((e) => e.crossing.id))).toEqual([
      ["a-100", "a-80", "a-50"],
      ["b-50"],
    ]);
  });

  test("puts what a new price crossed in many budgets into one restated message that is apart from ordinary spend", () => {
    const notices = groupNotices([
      entry("a", 50n, { cause: "repricing" }),
      entry("b", 50n, { cause: "repricing" }),
      entry("b", 80n),
    ]);
    expect(notices.map((notice) => [notice.kind, notice.entries.length])).toEqual([
      ["budget.restated", 2],
      ["budget.threshold_crossed", 1],
    ]);
  });

  test("names a message the same whatever the order and the time of its entries", () => {
    const [first] = groupNotices([entry("a", 50n), entry("a", 80n)]);
    const [second] = groupNotices([entry("a", 80n, { crossedAt: addMs(NOW, 5), slot: 9 }), entry("a", 50n)]);
    expect([second?.instanceKey, second?.transition]).toEqual([first?.instanceKey, first?.transition]);
  });
});
