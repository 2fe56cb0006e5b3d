import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, sum, toDecimal } from "../money/money.ts";
import { priceDecimal, unitPrice } from "../money/unit-price.ts";
import { toInstant, toIso } from "../time/instant.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import { costBridge } from "./cost-bridge.ts";
import type { NegotiatedPrice } from "./negotiated-price.ts";
import { diffPrices, priceDrift, priceHistory } from "./price-changes.ts";
import { priceUsage } from "./price-usage.ts";
import { usageFact } from "./testing/usage-fact.ts";

const book = loadBundledCatalogue();
const sol = usageFact({ model: "gpt-5.6-sol", region: "swedencentral" });

describe("diffPrices", () => {
  const changes = diffPrices(book, toInstant("2026-08-31"), toInstant("2026-09-01"));
  test("the cut of 1 September touched six prices of gpt-5.6-sol and nothing else", () =>
    expect(
      changes.map(({ key, before, after, basisPoints }) => [
        key.model,
        key.scope,
        key.tokenKind,
        before && priceDecimal(before.listUnitPrice, 1_000_000n),
        after && priceDecimal(after.listUnitPrice, 1_000_000n),
        basisPoints,
      ]),
    ).toEqual([
      ["gpt-5.6-sol", "DataZone", "cached_input", "0.55", "0.44", -2_000n],
      ["gpt-5.6-sol", "DataZone", "input", "5.5", "4.4", -2_000n],
      ["gpt-5.6-sol", "DataZone", "output", "33", "22", -3_333n],
      ["gpt-5.6-sol", "Global", "cached_input", "0.5", "0.4", -2_000n],
      ["gpt-5.6-sol", "Global", "input", "5", "4", -2_000n],
      ["gpt-5.6-sol", "Global", "output", "30", "20", -3_333n],
    ]));
  test("two days without a change have no difference", () =>
    expect(diffPrices(book, toInstant("2026-09-01"), toInstant("2026-11-21"))).toEqual([]));
  test("at 340,000,000 input tokens a month the cut saves 340 a month", () => {
    const drift = priceDrift(changes, [
      { key: sol, tokens: 340_000_000n },
      { key: usageFact({}), tokens: 1n },
    ]);
    expect(drift.map(({ region, monthly }) => [region, toDecimal(monthly)])).toEqual([["swedencentral", "-340"]]);
  });
  test("an agreement that begins is a change of every contracted price", () => {
    const agreement: NegotiatedPrice = {
      id: "a",
      about: { model: "gpt-4.1", tokenKind: "input" },
      terms: { kind: "discount", percent: "12" },
      validFrom: toInstant("2026-12-01"),
      validTo: null,
      source: "entered",
    };
    const begun = diffPrices({ ...book, negotiated: [agreement] }, toInstant("2026-11-30"), toInstant("2026-12-01"));
    expect(new Set(begun.map(({ key, basisPoints }) => `${key.model} ${key.tokenKind} ${basisPoints}`))).toEqual(
      new Set(["gpt-4.1 input -1200", "gpt-4.1.ft- input -1200"]),
    );
  });
});

test("a price's history is steps", () =>
  expect(
    priceHistory({ ...sol, contextBand: "short" }, book).map(({ from, line }) => [
      toIso(from).slice(0, 10),
      line && priceDecimal(line.listUnitPrice, 1_000_000n),
    ]),
  ).toEqual([
    ["2026-07-01", "5"],
    ["2026-09-01", "4"],
  ]));

describe("costBridge", () => {
  const meter = (quantity0: bigint, price0: bigint, quantity1: bigint, price1: bigint) => ({
    quantity0,
    cost0: money(quantity0 * price0),
    quantity1,
    cost1: money(quantity1 * price1),
    listCost1: null,
  });
  test("the example of the finops reference: +400 volume, +100 mix, -100 price", () =>
    expect(costBridge([meter(100n, 2n, 150n, 2n), meter(50n, 8n, 100n, 7n)])).toEqual({
      before: 600n,
      after: 1_000n,
      volume: 400n,
      mix: 100n,
      price: -100n,
    }));
  test("a new meter has no price effect", () =>
    expect(costBridge([meter(100n, 2n, 100n, 2n), meter(0n, 0n, 100n, 4n)])).toMatchObject({ price: 0n }));
  test("the parts always sum to the change", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(...Array.from({ length: 4 }, () => fc.bigInt({ min: 0n, max: 10n ** 12n })))),
        (rows) => {
          const bridge = costBridge(rows.map(([q0 = 0n, p0 = 0n, q1 = 0n, p1 = 0n]) => meter(q0, p0, q1, p1)));
          expect(sum([bridge.volume, bridge.mix, bridge.price])).toBe(bridge.after - bridge.before);
        },
      ),
    ));
});

test("an agreement at 100 % off costs nothing and stays priced", () => {
  const free: NegotiatedPrice = {
    id: "f",
    about: {},
    terms: { kind: "price", price: unitPrice("0", 1n) },
    validFrom: toInstant("2026-01-01"),
    validTo: null,
    source: "entered",
  };
  expect(priceUsage(usageFact({}), { ...book, negotiated: [free] })).toMatchObject({
    pricing: "priced",
    contractedCost: 0n,
    listCost: 2_000_000_000_000n,
  });
});
