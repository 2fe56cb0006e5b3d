import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, sum } from "../../money/money.ts";
import { toInstant } from "../../time/instant.ts";
import type { CapacityFact } from "../../usage/capacity-fact.ts";
import { coverCapacity } from "./cover-capacity.ts";
import { amortisedBetween, type Reservation } from "./reservations.ts";

const SLICE = { start: toInstant("2026-11-05T10:00:00Z"), end: toInstant("2026-11-05T10:15:00Z") };
const SUBSCRIPTION = "/subscriptions/aaa";

/** 100 PTU for November, 43,200 minutes, at 43.20 in all: 0.015 a quarter hour. */
function reservation(parts: Partial<Reservation> = {}): Reservation {
  return {
    id: "r",
    name: "r",
    scope: "Global",
    region: "",
    units: 100n,
    term: { start: toInstant("2026-11-01"), end: toInstant("2026-12-01") },
    total: money(43_200_000_000_000n),
    appliedTo: "shared",
    source: "test",
    ...parts,
  };
}

function deployed(units: bigint, parts: Partial<CapacityFact> = {}): CapacityFact {
  return {
    account: `${SUBSCRIPTION}/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/east`,
    deployment: `d${units}`,
    kind: "ptu",
    scope: "Global",
    region: "eastus2",
    model: "gpt-4.1",
    version: "",
    units,
    from: SLICE.start,
    to: SLICE.end,
    ...parts,
  } as CapacityFact;
}

describe("coverCapacity", () => {
  test.each([
    ["everything bought is deployed", [100n], [[1_500n, 15_000_000_000n, 0n]], []],
    ["half of it is unused", [50n], [[750n, 7_500_000_000n, 0n]], [[750n, 7_500_000_000n]]],
    ["nothing is deployed", [], [], [[1_500n, 15_000_000_000n]]],
    ["one unit less is deployed than bought", [99n], [[1_485n, 14_850_000_000n, 0n]], [[15n, 150_000_000n]]],
    ["one unit more is deployed than bought: it is paid by the hour", [101n], [[1_500n, 15_000_000_000n, 15n]], []],
    [
      "two deployments share in proportion",
      [200n, 100n],
      [
        [1_000n, 10_000_000_000n, 2_000n],
        [500n, 5_000_000_000n, 1_000n],
      ],
      [],
    ],
  ])("%s", (_name, units, expected, unused) => {
    const covered = coverCapacity(
      units.map((one) => deployed(one)),
      [reservation()],
      SLICE,
    );
    expect(
      covered.deployments.map(({ reserved, hourlyUnitMinutes }) => [
        reserved[0]?.unitMinutes ?? 0n,
        reserved[0]?.cost ?? 0n,
        hourlyUnitMinutes,
      ]),
    ).toEqual(expected);
    expect(covered.unused.map(({ unitMinutes, cost }) => [unitMinutes, cost])).toEqual(unused);
  });

  test.each([
    ["its scope", reservation({ scope: "Regional" }), false],
    ["its region", reservation({ region: "swedencentral" }), false],
    ["its region, however it is written", reservation({ region: "East US 2" }), true],
    ["another subscription", reservation({ appliedTo: ["/subscriptions/aaab"] }), false],
    ["its subscription", reservation({ appliedTo: [SUBSCRIPTION] }), true],
    ["its resource group", reservation({ appliedTo: [`${SUBSCRIPTION}/resourcegroups/g`] }), true],
    ["a term that has ended", reservation({ term: { start: toInstant("2026-10-01"), end: SLICE.start } }), undefined],
    ["a term that has not begun", reservation({ term: { start: SLICE.end, end: toInstant("2027-01-01") } }), undefined],
  ])("a reservation goes by %s", (_name, bought, isCovered) => {
    const { deployments, unused } = coverCapacity([deployed(100n)], [bought], SLICE);
    expect(deployments[0]?.reserved.length).toBe(isCovered ? 1 : 0);
    expect(unused.length).toBe(isCovered === false ? 1 : 0);
  });

  test("the narrower reservation is used up before the shared one, which keeps what is left for others", () => {
    const shared = reservation({ id: "a", name: "shared" });
    const own = reservation({ id: "b", name: "own", units: 60n, appliedTo: [SUBSCRIPTION] });
    const { deployments, unused } = coverCapacity([deployed(100n)], [shared, own], SLICE);
    expect(deployments[0]?.reserved.map((part) => [part.reservation.name, part.unitMinutes])).toEqual([
      ["own", 900n],
      ["shared", 600n],
    ]);
    expect(unused.map((part) => [part.reservation.name, part.unitMinutes])).toEqual([["shared", 900n]]);
  });

  test("reserved and unused costs sum to what the slice costs, and no minute is lost or paid twice", () =>
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 6n }), { maxLength: 8 }),
        fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.bigInt({ min: 1n, max: 500n })), {
          maxLength: 4,
        }),
        (units, bought) => {
          const facts = units.map((one, index) => deployed(one, { deployment: `d${index}` } as never));
          const reservations = bought.map(([total, ptu], index) =>
            reservation({ id: `r${index}`, total: money(total), units: ptu }),
          );
          const { deployments, unused } = coverCapacity(facts, reservations, SLICE);
          const parts = [...deployments.flatMap(({ reserved }) => reserved), ...unused];
          expect(sum(parts.map(({ cost }) => cost))).toBe(
            sum(reservations.map((one) => amortisedBetween(one, SLICE.start, SLICE.end))),
          );
          expect(parts.reduce((total, { unitMinutes }) => total + unitMinutes, 0n)).toBe(
            reservations.reduce((total, one) => total + one.units * 15n, 0n),
          );
          for (const { capacity, reserved, hourlyUnitMinutes } of deployments) {
            const covered = reserved.reduce((total, { unitMinutes }) => total + unitMinutes, 0n);
            expect(covered + hourlyUnitMinutes).toBe(capacity.units * 15n);
            expect(hourlyUnitMinutes).toBeGreaterThanOrEqual(0n);
          }
        },
      ),
    ));
});
