import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { money, sum, toDecimal } from "../money/money.ts";
import { costOf } from "../money/unit-price.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { NegotiatedPrice } from "../pricing/negotiated-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceUsage } from "../pricing/price-usage.ts";
import { keyRepricings } from "../pricing/reprice.ts";
import { addMs, period, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import { UTC, type ZoneId } from "../time/zone.ts";
import type { TokenKind } from "../usage/price-key.ts";
import type { ChargeQuery } from "./charge-query.ts";
import { batchOf, capacityCharge, pricedAt, usageCharge } from "./ledger.testing.ts";
import { type OpenedLedger, openLedger } from "./open-ledger.ts";

const opened: OpenedLedger[] = [];
afterEach(() => {
  for (const ledger of opened.splice(0)) ledger.close();
});

async function emptyLedger(zones: readonly string[] = []): Promise<OpenedLedger> {
  // The names are zones that the runtime knows.
  const ledger = await openLedger({ path: ":memory:", zones: zones as ZoneId[], questions: () => [] });
  opened.push(ledger);
  return ledger;
}

const LIST = loadBundledCatalogue();

function bookWith(percent: string, validFrom: string, version = `less ${percent}`): PriceBook {
  const discount: NegotiatedPrice = {
    id: "a",
    about: {},
    terms: { kind: "discount", percent },
    validFrom: toInstant(validFrom),
    validTo: null,
    source: "entered",
  };
  return { ...LIST, version, negotiated: [discount] };
}

const WITHIN = period(toInstant("2026-09-01"), toInstant("2026-12-01"));

function charge(at: string, given: Parameters<typeof usageCharge>[1] = {}) {
  const { fact, owner } = usageCharge(at, given);
  return { kind: "usage" as const, fact, owner, pricing: priceUsage(fact, LIST) };
}

function query(given: Partial<ChargeQuery> = {}): ChargeQuery {
  const sees = { kind: "everything" } as const;
  return { sees, period: WITHIN, zone: UTC, grain: "total", groupBy: [], filter: {}, ...given };
}

async function apply(ledger: OpenedLedger, book: PriceBook, closed: Parameters<typeof keyRepricings>[2] = []) {
  const changes = keyRepricings(await ledger.standingKeys(WITHIN), book, closed);
  return ledger.repriceCharges(changes, WITHIN, "test");
}

async function costs(ledger: OpenedLedger, given: Partial<ChargeQuery> = {}) {
  const rows = await ledger.sumCharges(query(given));
  return rows.map((row) => `${row.bucket ?? ""} ${toDecimal(row.listCost)} ${toDecimal(row.contractedCost)}`.trim());
}

describe("repriceCharges", () => {
  test("moves what the agreement covers, from its first instant, and the daily sums of every zone with it", async () => {
    const ledger = await emptyLedger(["Asia/Kolkata"]);
    await ledger.replaceBuckets(
      batchOf([
        charge("2026-09-30T23:45:00Z", { tokens: 1_000_000n }),
        charge("2026-10-01T00:00:00Z", { tokens: 1_000_000n }),
        charge("2026-10-01T00:00:00Z", { tokens: 1_000_000n, tokenKind: "output", team: "search" }),
      ]),
    );
    expect(await apply(ledger, bookWith("8.63", "2026-10-01"))).toBe(2);
    expect(await costs(ledger, { grain: "day" })).toEqual(["2026-09-30 2 2", "2026-10-01 10 9.137"]);
    const india = await costs(ledger, { grain: "day", zone: "Asia/Kolkata" as ZoneId });
    expect(india).toEqual(["2026-10-01 12 11.137"]);
    const { lines } = await ledger.receipt(query());
    expect(lines.map(({ line }) => line?.layer).toSorted()).toEqual(["bundled", "negotiated", "negotiated"]);
  });

  test("does nothing the second time, and the old book gives the old figures back", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(batchOf([charge("2026-10-05T10:00:00Z", { tokens: 333n })]));
    const before = await ledger.receipt(query());
    expect(await apply(ledger, bookWith("8.63", "2026-10-01"))).toBe(1);
    expect(await apply(ledger, bookWith("8.63", "2026-10-01"))).toBe(0);
    expect((await ledger.receipt(query())).hash).not.toBe(before.hash);
    expect(await apply(ledger, LIST)).toBe(1);
    expect((await ledger.receipt(query())).lines).toEqual(before.lines);
  });

  test("a quarter hour that is read again with the old prices stays as it was priced again", async () => {
    const ledger = await emptyLedger();
    const batch = batchOf([charge("2026-10-05T10:00:00Z", { tokens: 1_000_000n })]);
    await ledger.replaceBuckets(batch);
    await apply(ledger, bookWith("10", "2026-10-01"));
    await ledger.replaceBuckets(batch);
    expect(await costs(ledger)).toEqual(["2 1.8"]);
    expect(await ledger.replaceBuckets(batch)).toEqual({ changed: 0, unchanged: 1 });
  });

  test("closed months never move", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(
      batchOf([
        charge("2026-09-30T23:45:00Z", { tokens: 1_000_000n }),
        charge("2026-10-01T00:00:00Z", { tokens: 1_000_000n }),
      ]),
    );
    const september = period(toInstant("2026-09-01"), toInstant("2026-10-01"));
    expect(await apply(ledger, bookWith("10", "2026-09-01"), [september])).toBe(1);
    expect(await costs(ledger, { grain: "day" })).toEqual(["2026-09-30 2 2", "2026-10-01 2 1.8"]);
  });

  test("what had no price gets one, and what loses it keeps its tokens", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(
      batchOf([charge("2026-10-05T10:00:00Z", { tokens: 5n, model: "gpt-x" }), charge("2026-10-05T10:00:00Z")]),
    );
    const row = LIST.rows.find((one) => one.meterName === "gpt 4.1 Inp glbl Tokens");
    if (!row) throw new Error("The catalogue has the meter.");
    await apply(ledger, { ...LIST, version: "x", rows: [{ ...row, model: "gpt-x" }] });
    const lines = (await ledger.receipt(query())).lines.map(({ model, pricing, quantity, contractedCost }) => [
      model,
      pricing,
      quantity,
      toDecimal(contractedCost),
    ]);
    expect(lines).toEqual([
      ["gpt-x", "priced", 5n, "0.00001"],
      ["gpt-4.1", "unpriced", 100n, "0"],
    ]);
  });

  test("a prompt whose cached part nobody told stays a range at its dear end", async () => {
    const ledger = await emptyLedger();
    const asked = { source: "metric" as const, cachedShareUnknown: true, tokens: 1_000_000n };
    await ledger.replaceBuckets(batchOf([charge("2026-10-05T10:00:00Z", asked)]));
    await apply(ledger, bookWith("10", "2026-10-01"));
    const [line] = (await ledger.receipt(query())).lines;
    expect([line?.pricing, line?.note, toDecimal(line?.contractedCost ?? money(0n))]).toEqual([
      "range",
      "cachedShare",
      "1.8",
    ]);
    expect(toDecimal(line?.contractedCostUpper ?? money(0n))).toBe("1.8");
    expect(toDecimal(line?.contractedCostLower ?? money(0n))).toBe("0.45");
  });

  test("capacity is priced as a whole and split as it was; the unused part of a reservation stands", async () => {
    const ledger = await emptyLedger();
    // 50 + 50 + 50 units × 15 minutes at 1 USD an hour are 37.5 USD.
    const parts = (["used", "idle", "unused"] as const).map((part, index) => ({
      ...capacityCharge("2026-10-05T10:00:00Z", part, 0n),
      pricing: { ...pricedAt(BigInt(index + 1) * 6_250_000_000_001n), line: ptuLine() },
    }));
    await ledger.replaceBuckets(batchOf(parts));
    await apply(ledger, bookWith("7.5", "2026-10-01"));
    const rows = await ledger.sumCharges(query({ groupBy: ["part"] }));
    const byPart = Object.fromEntries(rows.map(({ keys, contractedCost }) => [keys.part, contractedCost]));
    // 1,500 unit-minutes at 0.925 an hour are 23.125, over 1 : 2.
    expect(sum([byPart.used ?? money(0n), byPart.idle ?? money(0n)])).toBe(23_125_000_000_000n);
    expect(byPart.used).toBe(7_708_333_333_333n);
    expect(byPart.unused).toBe(18_750_000_000_003n);
  });

  test("repricedSums says beforehand what repriceCharges does, by month and team", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(
      batchOf([
        charge("2026-09-30T23:45:00Z", { tokens: 1_000_000n }),
        charge("2026-10-01T00:00:00Z", { tokens: 1_000_000n }),
        charge("2026-10-02T00:00:00Z", { tokens: 1_000_000n, tokenKind: "output", team: "search" }),
        charge("2026-10-02T00:00:00Z", { tokens: 7n, model: "mystery", team: "search" }),
      ]),
    );
    const changes = keyRepricings(await ledger.standingKeys(WITHIN), bookWith("8.63", "2026-10-01"));
    const month = (label: string, to: string) => ({ label, within: period(toInstant(`${label}-01`), toInstant(to)) });
    const told = await ledger.repricedSums(changes, [month("2026-09", "2026-10-01"), month("2026-10", "2026-11-01")]);
    const row = (
      label: string,
      team: string,
      before: bigint,
      after: bigint,
      counts: readonly [number, number, number],
    ) => ({
      label,
      team,
      before,
      after,
      charges: counts[0],
      changed: counts[1],
      unpricedAfter: counts[2],
    });
    expect(told).toEqual([
      row("2026-09", "checkout", 2_000_000_000_000n, 2_000_000_000_000n, [1, 0, 0]),
      row("2026-10", "checkout", 2_000_000_000_000n, 1_827_400_000_000n, [1, 1, 0]),
      row("2026-10", "search", 8_000_000_000_000n, 7_309_600_000_000n, [2, 1, 1]),
    ]);
    await ledger.repriceCharges(changes, WITHIN, "test");
    expect(await costs(ledger)).toEqual(["12 11.137"]);
  });
});

test("charges priced again are the charges that the same book would have made", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          day: fc.integer({ min: 1, max: 60 }),
          quarter: fc.integer({ min: 0, max: 95 }),
          tokens: fc.bigInt({ min: 0n, max: 10n ** 11n }),
          tokenKind: fc.constantFrom<TokenKind>("input", "cached_input", "output"),
          model: fc.constantFrom("gpt-4.1", "gpt-5.4", "gpt-5.6-sol", "o4-mini", "mystery"),
          scope: fc.constantFrom("Global", "DataZone", "unknown"),
          source: fc.constantFrom("usage_log", "metric"),
        }),
        { minLength: 1, maxLength: 25 },
      ),
      fc.constantFrom("8.63", "7.5", "33.333333333", "100", "0"),
      fc.constantFrom("2026-01-01", "2026-10-01", "2026-10-15T10:07:00Z"),
      async (drawn, percent, from) => {
        const book = bookWith(percent, from);
        const facts = drawn.map(({ day, quarter, source, scope, ...given }, index) => {
          const at = addMs(toInstant("2026-09-01"), (day * 96 + quarter) * QUARTER_HOUR_MS);
          const cachedShareUnknown = source === "metric" && given.tokenKind === "input";
          return usageCharge(at, {
            ...given,
            // Only values of the vocabularies are drawn.
            scope: scope as "Global",
            source: source as "metric",
            cachedShareUnknown,
            operation: `o${index}`,
          });
        });
        const priced = (by: PriceBook) => facts.map((one) => ({ ...one, pricing: priceUsage(one.fact, by) }));
        const [repriced, fresh] = [await emptyLedger(["Asia/Kathmandu"]), await emptyLedger(["Asia/Kathmandu"])];
        await repriced.replaceBuckets(batchOf(priced(LIST)));
        await fresh.replaceBuckets(batchOf(priced(book)));
        await apply(repriced, book);
        for (const zone of ["UTC", "Asia/Kathmandu"] as ZoneId[]) {
          const by = query({ grain: "day", zone, groupBy: ["model", "scope", "tokenKind"] });
          expect(await repriced.sumCharges(by)).toEqual(await fresh.sumCharges(by));
        }
        expect((await repriced.receipt(query())).lines.length).toBe((await fresh.receipt(query())).lines.length);
        for (const ledger of opened.splice(0)) ledger.close();
      },
    ),
    { numRuns: 8 },
  ));

test("a price of many decimals stays exact beside the largest quarter hour", async () => {
  const ledger = await emptyLedger();
  const tokens = 10n ** 11n;
  await ledger.replaceBuckets(batchOf([charge("2026-10-05T10:00:00Z", { tokens })]));
  const book = bookWith("8.6312345678", "2026-10-01");
  await apply(ledger, book);
  const standing = priceUsage(usageCharge("2026-10-05T10:00:00Z", { tokens }).fact, book);
  if (standing.pricing !== "priced") throw new Error("priced");
  expect(await costs(ledger)).toEqual([`200000 ${toDecimal(costOf(tokens, standing.line.contractedUnitPrice))}`]);
});

function ptuLine() {
  const row = LIST.rows.find((one) => one.meterName === "Provisioned Managed Global Unit");
  if (!row) throw new Error("The catalogue has the meter.");
  const { meterName, meterId, unitOfMeasure, validFrom, validTo, layer, source, price } = row;
  return {
    meterName,
    meterId,
    unitOfMeasure,
    validFrom,
    validTo,
    layer,
    source,
    listUnitPrice: price,
    contractedUnitPrice: price,
  };
}
