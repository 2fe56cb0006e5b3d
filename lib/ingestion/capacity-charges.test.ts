import { describe, expect, test } from "vitest";
import type { Owner, UsageCharge } from "../attribution/charge.ts";
import { usageCharge } from "../ledger/ledger.testing.ts";
import { parseMoney, toDecimal } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { INCLUDED } from "../pricing/price-usage.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import { toInstant } from "../time/instant.ts";
import type { CapacityFact } from "../usage/capacity-fact.ts";
import { ALPHA } from "../usage/usage.testing.ts";
import type { DeploymentName } from "../usage/usage-fact.ts";
import { capacityCharges } from "./capacity-charges.ts";

const TEN = toInstant("2026-11-18T10:00:00Z");
const context = { rules: [], book: loadBundledCatalogue(), reservations: [], now: toInstant("2026-11-21T12:00:00Z") };

/** 50 PTU of gpt-4.1, Global at one dollar an hour: $12.50 a quarter hour, room for 50 × 3,000 × 15 = 2,250,000 tokens. */
const CORE: CapacityFact = {
  account: ALPHA,
  deployment: "core" as DeploymentName,
  kind: "ptu",
  scope: "Global",
  region: "eastus2",
  model: "gpt-4.1",
  version: "2025-04-14",
  units: 50n,
  from: toInstant("2026-11-01T00:00:00Z"),
  to: toInstant("2026-12-01T00:00:00Z"),
};

function served(team: string, tokenKind: "input" | "cached_input" | "output", tokens: bigint): UsageCharge {
  const charge = usageCharge(TEN, {
    account: ALPHA,
    deployment: CORE.deployment,
    tokenKind,
    tokens,
    pricing: INCLUDED,
  });
  const owner: Owner = { team, application: "", rule: team, confidence: "exact" };
  return { ...charge, owner };
}

/** 30 PTU for a year of 365 days, 525,600 minutes, at 15,768 dollars in all: 0.001 a PTU-minute, 0.45 a quarter hour. */
function reserved(parts: Partial<Reservation> = {}): Reservation {
  return {
    id: "0001",
    name: "core-2026",
    scope: "Global",
    region: "",
    units: 30n,
    term: { start: toInstant("2026-06-01"), end: toInstant("2027-06-01") },
    total: parseMoney("15768"),
    appliedTo: "shared",
    source: "reservations.yaml",
    ...parts,
  };
}

function paid(usage: readonly UsageCharge[], reservations: readonly Reservation[], at = TEN, facts = [CORE]) {
  return capacityCharges(facts, [at], usage, { ...context, reservations }).map(
    ({ part, paidBy, owner, unitMinutes, pricing }) => [
      part,
      paidBy,
      owner.team,
      unitMinutes,
      pricing.pricing === "priced" ? toDecimal(pricing.contractedCost) : pricing.pricing,
    ],
  );
}

function shown(usage: readonly UsageCharge[], fact = CORE) {
  return capacityCharges([fact], [TEN], usage, context).map(({ part, owner, unitMinutes, pricing }) => [
    part,
    owner.team,
    unitMinutes,
    pricing.pricing === "priced" ? pricing.contractedCost : pricing.pricing,
  ]);
}

describe("capacityCharges", () => {
  test("cost money without any traffic, through a hole in the logs", () => {
    expect(shown([])).toEqual([["idle", "unattributed", 750n, 12_500_000_000_000n]]);
  });

  test("split the used part by equivalent tokens: input, four times output, nothing for cached", () => {
    // 450,000 and 4 × 56,250 = 225,000 of 2,250,000: a fifth and a tenth of $12.50.
    const usage = [
      served("a", "input", 450_000n),
      served("b", "output", 56_250n),
      served("b", "cached_input", 999_999n),
    ];
    expect(shown(usage)).toEqual([
      ["used", "a", 150n, 2_500_000_000_000n],
      ["used", "b", 75n, 1_250_000_000_000n],
      ["idle", "unattributed", 525n, 8_750_000_000_000n],
    ]);
  });

  test("have no idle part when the tokens are more than the capacity", () => {
    expect(shown([served("a", "input", 2_250_001n)])).toEqual([["used", "a", 750n, 12_500_000_000_000n]]);
  });

  test("begin and end with the minute of the resize", () => {
    expect(shown([], { ...CORE, to: toInstant("2026-11-18T10:05:00Z") })).toEqual([
      ["idle", "unattributed", 250n, 4_166_666_666_667n],
    ]);
    expect(shown([], { ...CORE, to: TEN })).toEqual([]);
  });

  test("have no idle part that nobody can know, for a model without documented throughput", () => {
    expect(shown([served("a", "input", 1n)], { ...CORE, model: "o9" })).toEqual([
      ["used", "a", 750n, 12_500_000_000_000n],
    ]);
  });
});

describe("capacity that is reserved in part", () => {
  test("is paid by the reservation first and by the hour beyond, each split into used and idle", () => {
    // 450,000 of 2,250,000 tokens: a fifth is used. 30 PTU cost 0.45, the other 20 PTU 5.00 a quarter hour.
    expect(paid([served("a", "input", 450_000n)], [reserved()])).toEqual([
      ["used", "reservation", "a", 90n, "0.09"],
      ["idle", "reservation", "unattributed", 360n, "0.36"],
      ["used", "hour", "a", 60n, "1"],
      ["idle", "hour", "unattributed", 240n, "4"],
    ]);
  });

  test("leaves unused what nobody deployed: a third line, of nobody and of no deployment", () => {
    expect(paid([], [reserved({ units: 60n })])).toEqual([
      ["idle", "reservation", "unattributed", 750n, "0.375"],
      ["unused", "reservation", "unattributed", 150n, "0.075"],
    ]);
    expect(paid([], [reserved()], TEN, [])).toEqual([["unused", "reservation", "unattributed", 450n, "0.45"]]);
  });

  test("begins and ends with the minute of the reservation, in the middle of a quarter hour", () => {
    const term = { start: toInstant("2026-11-18T10:05:00Z"), end: toInstant("2027-11-18T10:05:00Z") };
    expect(paid([], [reserved({ term })])).toEqual([
      ["idle", "hour", "unattributed", 250n, "4.166666666667"],
      ["idle", "reservation", "unattributed", 300n, "0.3"],
      ["idle", "hour", "unattributed", 200n, "3.333333333333"],
    ]);
  });

  test("is paid by the hour where the reservation is for another scope, and that one is lost", () => {
    expect(paid([], [reserved({ scope: "Regional" })])).toEqual([
      ["idle", "hour", "unattributed", 750n, "12.5"],
      ["unused", "reservation", "unattributed", 450n, "0.45"],
    ]);
  });

  test("costs nothing yet for minutes that have not come", () => {
    const now = toInstant("2026-11-18T10:05:00Z");
    const charges = capacityCharges([], [TEN], [], { ...context, reservations: [reserved()], now });
    expect(charges.map(({ unitMinutes }) => unitMinutes)).toEqual([150n]);
    expect(capacityCharges([], [TEN], [], { ...context, reservations: [reserved()], now: TEN })).toEqual([]);
  });

  test("names the reservation in its price line, beside the list price of the hour", () => {
    const [charge] = capacityCharges([CORE], [TEN], [], { ...context, reservations: [reserved()] });
    expect(charge?.pricing).toMatchObject({
      pricing: "priced",
      listCost: parseMoney("7.5"),
      line: {
        meterName: "Provisioned Managed Global Unit",
        layer: "reservation",
        source: "reservation core-2026 (0001), reservations.yaml",
        validFrom: toInstant("2026-06-01"),
        validTo: toInstant("2027-06-01"),
      },
    });
  });
});
