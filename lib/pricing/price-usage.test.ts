import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, sum, toDecimal } from "../money/money.ts";
import { costOf, unitPrice } from "../money/unit-price.ts";
import { addMs, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import type { CapacityFact } from "../usage/capacity-fact.ts";
import type { AccountId, DeploymentName, UsageFact } from "../usage/usage-fact.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import type { NegotiatedPrice } from "./negotiated-price.ts";
import type { PriceBook } from "./price-book.ts";
import { priceCapacity } from "./price-capacity.ts";
import type { PriceRow } from "./price-row.ts";
import { priceUsage } from "./price-usage.ts";
import { usageFact } from "./testing/usage-fact.ts";

const book = loadBundledCatalogue();

function agreement(id: string, parts: Partial<NegotiatedPrice>): NegotiatedPrice {
  return {
    id,
    about: {},
    terms: { kind: "discount", percent: "10" },
    validFrom: toInstant("2026-01-01"),
    validTo: null,
    source: "entered",
    ...parts,
  };
}

function withAgreements(...negotiated: NegotiatedPrice[]): PriceBook {
  return { ...book, negotiated };
}

function costs(fact: UsageFact, of: PriceBook): { list: bigint; contracted: bigint; layer: string } {
  const pricing = priceUsage(fact, of);
  if (pricing.pricing !== "priced") throw new Error(`not priced: ${pricing.pricing}`);
  return { list: pricing.listCost, contracted: pricing.contractedCost, layer: pricing.line.layer };
}

function capacity(parts: Partial<CapacityFact>): CapacityFact {
  return {
    account: "a" as AccountId,
    deployment: "d" as DeploymentName,
    kind: "ptu",
    scope: "Regional",
    region: "eastus",
    model: "gpt-4.1",
    version: "",
    units: 300n,
    from: toInstant("2026-09-01T00:00:00Z"),
    to: toInstant("2026-10-01T00:00:00Z"),
    ...parts,
  };
}

function capacityCost(fact: CapacityFact, from: string, to: string): string {
  const parts = priceCapacity(fact, { start: toInstant(from), end: toInstant(to) }, book);
  return toDecimal(
    sum(parts.map(({ pricing }) => (pricing.pricing === "priced" ? pricing.contractedCost : money(0n)))),
  );
}

describe("provisioned and hosted capacity", () => {
  test.each([
    ["8. 300 PTU Regional East US for 15 minutes", capacity({}), "2026-09-10T00:00:00Z", "2026-09-10T00:15:00Z", "150"],
    [
      "half of the stretch before the deployment existed",
      capacity({ from: toInstant("2026-09-10T00:10:00Z") }),
      "2026-09-10T00:00:00Z",
      "2026-09-10T00:15:00Z",
      "50",
    ],
    [
      "nothing after it was deleted",
      capacity({ to: toInstant("2026-09-09T00:00:00Z") }),
      "2026-09-10T00:00:00Z",
      "2026-09-10T00:15:00Z",
      "0",
    ],
    [
      "Global costs 1 an hour",
      capacity({ scope: "Global", units: 50n }),
      "2026-09-10T00:00:00Z",
      "2026-09-10T01:00:00Z",
      "50",
    ],
    [
      "7. 720 hours of hosting a fine-tuned o4-mini",
      capacity({ kind: "finetune_hosting", model: "o4-mini", scope: "Global", units: 1n }),
      "2026-09-01T00:00:00Z",
      "2026-10-01T00:00:00Z",
      "1224",
    ],
  ])("%s", (_name, fact, from, to, expected) => expect(capacityCost(fact, from, to)).toBe(expected));

  test("7. with 20M in and 40M out of the fine-tuned model: 1,422", () => {
    const model = "o4-mini.ft-0123";
    const input = costs(usageFact({ model, tokens: 20_000_000n }), book).list;
    const output = costs(usageFact({ model, tokenKind: "output", tokens: 40_000_000n }), book).list;
    expect([toDecimal(money(input)), toDecimal(money(output))]).toEqual(["22", "176"]);
    const hosting = 1_224_000_000_000_000n;
    expect(toDecimal(money(hosting + input + output))).toBe("1422");
  });

  test("an unknown scope is the range over the scopes of the region", () => {
    const parts = priceCapacity(
      capacity({ scope: "unknown", units: 10n }),
      { start: toInstant("2026-09-10T00:00:00Z"), end: toInstant("2026-09-10T01:00:00Z") },
      book,
    );
    expect(parts).toMatchObject([
      {
        unitMinutes: 600n,
        pricing: {
          pricing: "range",
          contractedCost: 10_000_000_000_000n,
          contractedCostUpper: 20_000_000_000_000n,
          unknownPart: "scope",
        },
      },
    ]);
  });

  test("the cost of a stretch is the sum of its quarter hours", () => {
    const fact = capacity({ units: 7n, scope: "DataZone", region: "swedencentral" });
    const start = toInstant("2026-09-10T00:00:00Z");
    const quarters = Array.from({ length: 96 }, (_, index) => {
      const from = addMs(start, index * QUARTER_HOUR_MS);
      return priceCapacity(fact, { start: from, end: addMs(from, QUARTER_HOUR_MS) }, book).map(({ pricing }) =>
        pricing.pricing === "priced" ? pricing.contractedCost : money(0n),
      );
    });
    expect(toDecimal(sum(quarters.flat()))).toBe(capacityCost(fact, "2026-09-10T00:00:00Z", "2026-09-11T00:00:00Z"));
  });
});

describe("negotiated prices lie over list prices", () => {
  const fact = usageFact({ tokens: 1_000_000n });
  test.each<[string, NegotiatedPrice[], string, string]>([
    ["7.5 % off everything", [agreement("a", { terms: { kind: "discount", percent: "7.5" } })], "1.85", "negotiated"],
    [
      "8.63 % off everything",
      [agreement("a", { terms: { kind: "discount", percent: "8.63" } })],
      "1.8274",
      "negotiated",
    ],
    [
      "a price per meter beats a discount",
      [
        agreement("a", {}),
        agreement("b", {
          about: { meterName: "gpt 4.1 Inp glbl Tokens" },
          terms: { kind: "price", price: unitPrice("1.5", 1_000_000n) },
        }),
      ],
      "1.5",
      "negotiated",
    ],
    [
      "a model beats a scope",
      [
        agreement("a", { about: { scope: "Global" }, terms: { kind: "discount", percent: "50" } }),
        agreement("b", { about: { model: "gpt-4.1" } }),
      ],
      "1.8",
      "negotiated",
    ],
    ["another model is not touched", [agreement("a", { about: { model: "gpt-5" } })], "2", "bundled"],
    ["not before it begins", [agreement("a", { validFrom: toInstant("2026-10-01") })], "2", "bundled"],
    ["not from its end on", [agreement("a", { validTo: toInstant("2026-09-15T09:15:00Z") })], "2", "bundled"],
  ])("%s", (_name, agreements, expected, layer) => {
    const priced = costs(fact, withAgreements(...agreements));
    expect([toDecimal(money(priced.contracted)), toDecimal(money(priced.list)), priced.layer]).toEqual([
      expected,
      "2",
      layer,
    ]);
  });
});

test("a price change at midnight splits exactly there", () => {
  const on = (quarterHour: string) =>
    toDecimal(money(costs(usageFact({ model: "gpt-5.6-sol", quarterHour: toInstant(quarterHour) }), book).list));
  expect([on("2026-08-31T23:45:00Z"), on("2026-09-01T00:00:00Z")]).toEqual(["5", "4"]);
});

describe("layers", () => {
  const row = (parts: Partial<PriceRow>): PriceRow => {
    const found = book.rows.find(({ meterName }) => meterName === "gpt 4.1 Inp glbl Tokens");
    if (found?.measure !== "token") throw new Error("the catalogue has no gpt-4.1");
    return { ...found, regions: "everywhere", validTo: null, ...parts, measure: "token" };
  };
  const list = (rows: PriceRow[]) => toDecimal(money(costs(usageFact({}), { ...book, rows }).list));
  const bundled = row({
    price: unitPrice("2", 1_000_000n),
    validFrom: toInstant("2026-01-01"),
    readAt: toInstant("2026-07-31"),
  });
  const synced = row({
    price: unitPrice("1.9", 1_000_000n),
    validFrom: toInstant("2026-01-01"),
    readAt: toInstant("2026-08-31"),
    layer: "synced",
  });
  test("a synced row beats a bundled one", () => expect(list([bundled, synced])).toBe("1.9"));
  test("a Global price synced for one region is the price of all, and of a region nobody tells", () => {
    const here = { ...synced, regions: new Set(["westus"]) };
    const there = { ...bundled, regions: new Set(["eastus2", "swedencentral"]) };
    const costIn = (region: string) =>
      toDecimal(money(costs(usageFact({ region }), { ...book, rows: [here, there] }).list));
    expect(["westus", "eastus2", "brazilsouth", ""].map(costIn)).toEqual(["1.9", "1.9", "1.9", "1.9"]);
  });
  test("but not one that began after the sync could know it", () =>
    expect(
      list([bundled, synced, { ...bundled, price: unitPrice("1.5", 1_000_000n), validFrom: toInstant("2026-09-10") }]),
    ).toBe("1.5"));
  test("within a layer the greatest valid-from that is not after the day answers; a future row waits", () =>
    expect(
      list([
        synced,
        { ...synced, price: unitPrice("1.7", 1_000_000n), validFrom: toInstant("2026-09-01") },
        { ...synced, price: unitPrice("1", 1_000_000n), validFrom: toInstant("2026-10-01") },
      ]),
    ).toBe("1.7"));
});

describe("laws", () => {
  const facts = fc.record({
    model: fc.constantFrom("gpt-4.1", "gpt-5", "gpt-5.4", "o4-mini", "gpt-4o-mini", "text-embedding-3-small"),
    scope: fc.constantFrom("Global", "DataZone", "unknown") as fc.Arbitrary<UsageFact["scope"]>,
    mode: fc.constantFrom("standard", "batch", "unknown") as fc.Arbitrary<UsageFact["mode"]>,
    tokenKind: fc.constantFrom("input", "output", "cached_input") as fc.Arbitrary<UsageFact["tokenKind"]>,
    contextBand: fc.constantFrom("short", "long", "unknown") as fc.Arbitrary<UsageFact["contextBand"]>,
    tokens: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    on: fc.constantFrom("2026-07-01T00:00:00Z", "2026-08-31T23:45:00Z", "2026-09-01T00:00:00Z"),
  });
  const percents = fc.constantFrom("0", "7.5", "8.63", "33.333", "100");

  test("cost is additive over any split of the tokens, exactly before the one rounding", () =>
    fc.assert(
      fc.property(facts, percents, fc.bigInt({ min: 0n, max: 10n ** 12n }), (parts, percent, other) => {
        const discounted = withAgreements(agreement("a", { terms: { kind: "discount", percent } }));
        const cost = (tokens: bigint) => {
          const pricing = priceUsage(usageFact({ ...parts, tokens }), discounted);
          return "contractedCost" in pricing ? pricing.contractedCost : 0n;
        };
        const difference = cost(parts.tokens + other) - (cost(parts.tokens) + cost(other));
        expect(difference >= -1n && difference <= 1n).toBe(true);
      }),
    ));

  test("list prices of tokens are whole picodollars, so splits of list cost add up to the picodollar", () =>
    fc.assert(
      fc.property(facts, fc.bigInt({ min: 0n, max: 10n ** 12n }), (parts, other) => {
        const cost = (tokens: bigint) => {
          const pricing = priceUsage(usageFact({ ...parts, tokens }), book);
          return "listCost" in pricing ? pricing.listCost : 0n;
        };
        expect(cost(parts.tokens + other)).toBe(cost(parts.tokens) + cost(other));
      }),
    ));

  test("cost is never negative, more tokens never cost less, and the contract never costs more than the list at a discount", () =>
    fc.assert(
      fc.property(facts, percents, fc.bigInt({ min: 0n, max: 10n ** 6n }), (parts, percent, more) => {
        const discounted = withAgreements(agreement("a", { terms: { kind: "discount", percent } }));
        const small = priceUsage(usageFact(parts), discounted);
        const large = priceUsage(usageFact({ ...parts, tokens: parts.tokens + more }), discounted);
        if (!("contractedCost" in small) || !("contractedCost" in large)) return;
        expect(small.contractedCost).toBeGreaterThanOrEqual(0n);
        expect(large.contractedCost).toBeGreaterThanOrEqual(small.contractedCost);
        expect(small.contractedCost).toBeLessThanOrEqual(small.listCost);
        if (small.pricing === "range") expect(small.contractedCostUpper).toBeGreaterThanOrEqual(small.contractedCost);
      }),
    ));

  test.each(["7.5", "8.63"])(
    "%s %% off is exact in total: pricing by day equals pricing by quarter hour",
    (percent) => {
      const discounted = withAgreements(agreement("a", { terms: { kind: "discount", percent } }));
      const line = priceUsage(usageFact({}), discounted);
      if (line.pricing !== "priced") throw new Error("not priced");
      const day = costOf(96n * 1_000_000n, line.line.contractedUnitPrice);
      const start = toInstant("2026-09-15T00:00:00Z");
      const quarters = Array.from(
        { length: 96 },
        (_, index) => costs(usageFact({ quarterHour: addMs(start, index * QUARTER_HOUR_MS) }), discounted).contracted,
      );
      expect(quarters.reduce((a, b) => a + b, 0n)).toBe(day);
    },
  );
});
