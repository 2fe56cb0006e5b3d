import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, sum } from "../../money/money.ts";
import { QUARTER_HOUR_MS, toInstant } from "../../time/instant.ts";
import { amortisedSlice, coverCapacity } from "./cover-capacity.ts";
import { amortise, type Reservation } from "./reservations.ts";

const slice = { start: toInstant("2026-11-05T10:00:00Z"), ms: QUARTER_HOUR_MS };

/** 100 PTU for November, 2,880 quarter hours, at 28.80 in all: 0.01 a quarter hour. */
function reservation(parts: Partial<Reservation> = {}): Reservation {
  return {
    id: "r",
    scope: "Global",
    region: "",
    units: 100n,
    term: { start: toInstant("2026-11-01"), end: toInstant("2026-12-01") },
    total: money(28_800_000_000_000n),
    ...parts,
  };
}

describe("coverCapacity", () => {
  test.each([
    ["everything bought is deployed", [1_500n], [[1_500n, 10_000_000_000n, 0n]], 0n],
    ["half of it is unused", [750n], [[750n, 5_000_000_000n, 0n]], 5_000_000_000n],
    ["nothing is deployed", [], [], 10_000_000_000n],
    ["more is deployed than bought: the rest by the hour", [2_000n], [[1_500n, 10_000_000_000n, 500n]], 0n],
    [
      "two deployments share in proportion",
      [2_000n, 1_000n],
      [
        [1_000n, 6_666_666_667n, 1_000n],
        [500n, 3_333_333_333n, 500n],
      ],
      0n,
    ],
  ])("%s", (_name, unitMinutes, expected, unused) => {
    const covered = coverCapacity(
      unitMinutes.map((minutes, key) => ({ key, unitMinutes: minutes })),
      [reservation()],
      slice,
    );
    expect(
      covered.deployments.map((one) => [one.reservedUnitMinutes, one.reservedCost, one.hourlyUnitMinutes]),
    ).toEqual(expected);
    expect(covered.unusedCost).toBe(unused);
  });

  test("before and after its term a reservation covers nothing", () => {
    const ended = reservation({ term: { start: toInstant("2026-10-01"), end: toInstant("2026-11-01") } });
    expect(coverCapacity([{ key: "d", unitMinutes: 15n }], [ended], slice)).toEqual({
      deployments: [{ key: "d", reservedUnitMinutes: 0n, reservedCost: 0n, hourlyUnitMinutes: 15n }],
      unusedCost: 0n,
    });
  });

  test("reserved and unused costs sum to the slice, and no minute is lost or paid twice", () =>
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 6n }), { maxLength: 8 }),
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.bigInt({ min: 0n, max: 500n }),
        (unitMinutes, total, units) => {
          const bought = reservation({ total: money(total), units });
          const covered = coverCapacity(
            unitMinutes.map((minutes, key) => ({ key, unitMinutes: minutes })),
            [bought],
            slice,
          );
          const cost = units === 0n ? 0n : amortisedSlice(bought, slice.start, slice.ms);
          expect(sum([...covered.deployments.map(({ reservedCost }) => reservedCost), covered.unusedCost])).toBe(cost);
          for (const { key, reservedUnitMinutes, hourlyUnitMinutes } of covered.deployments) {
            expect(reservedUnitMinutes + hourlyUnitMinutes).toBe(unitMinutes[key]);
            expect(hourlyUnitMinutes).toBeGreaterThanOrEqual(0n);
          }
        },
      ),
    ));
});

test("one slice costs what the spread of the whole term says", () => {
  const bought = reservation({ total: money(28_800_000_000_007n) });
  const spread = amortise(bought, QUARTER_HOUR_MS);
  expect([...spread.keys()].every((at) => amortisedSlice(bought, at, QUARTER_HOUR_MS) === spread.get(at))).toBe(true);
  expect(sum(spread.values())).toBe(bought.total);
});
