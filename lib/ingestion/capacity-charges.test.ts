import { describe, expect, test } from "vitest";
import type { Owner, UsageCharge } from "../attribution/charge.ts";
import { usageCharge } from "../ledger/ledger.testing.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { INCLUDED } from "../pricing/price-usage.ts";
import { toInstant } from "../time/instant.ts";
import type { CapacityFact } from "../usage/capacity-fact.ts";
import { ALPHA } from "../usage/usage.testing.ts";
import type { DeploymentName } from "../usage/usage-fact.ts";
import { capacityCharges } from "./capacity-charges.ts";

const TEN = toInstant("2026-11-18T10:00:00Z");
const context = { rules: [], book: loadBundledCatalogue() };

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
