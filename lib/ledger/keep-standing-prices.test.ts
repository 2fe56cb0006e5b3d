import { afterEach, describe, expect, test } from "vitest";
import type { Charge } from "../attribution/charge.ts";
import { toDecimal } from "../money/money.ts";
import { unitPrice } from "../money/unit-price.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceUsage, pricingOf } from "../pricing/price-usage.ts";
import { period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { batchOf, capacityCharge, TEST_LINE, usageCharge } from "./ledger.testing.ts";
import { type OpenedLedger, openLedger } from "./open-ledger.ts";

const opened: OpenedLedger[] = [];
afterEach(() => {
  for (const ledger of opened.splice(0)) ledger.close();
});

async function emptyLedger(): Promise<OpenedLedger> {
  const ledger = await openLedger({ path: ":memory:", zones: [], questions: () => [] });
  opened.push(ledger);
  return ledger;
}

const LIST = loadBundledCatalogue();
/** From 1 October everything is 10 % less; the catalogue says 2 and 8 USD per million tokens of gpt-4.1. */
const LESS_TEN: PriceBook = {
  ...LIST,
  version: "less ten",
  negotiated: [
    {
      id: "a",
      about: {},
      terms: { kind: "discount", percent: "10" },
      validFrom: toInstant("2026-10-01"),
      validTo: null,
      source: "entered",
    },
  ],
};

const AT = "2026-11-20T10:00:00Z";
const NEXT = "2026-11-20T10:15:00Z";

function priced(book: PriceBook, at: string, given: Parameters<typeof usageCharge>[1] = {}): Charge {
  const { fact, owner } = usageCharge(at, { tokens: 1_000_000n, ...given });
  return { kind: "usage", fact, owner, pricing: priceUsage(fact, book) };
}

async function costs(ledger: OpenedLedger, groupBy: readonly "team"[] = []) {
  const rows = await ledger.sumCharges({
    sees: { kind: "everything" },
    period: period(toInstant("2026-11-01"), toInstant("2026-12-01")),
    zone: UTC,
    grain: "total",
    groupBy,
    filter: {},
  });
  return rows.map((row) => [row.keys.team, toDecimal(row.contractedCost)].filter(Boolean).join(" "));
}

describe("a quarter hour that is read again under another price book", () => {
  test("stands unchanged when its content is the same", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(batchOf([priced(LIST, AT), priced(LIST, AT, { tokenKind: "output" })]));
    const again = batchOf([priced(LESS_TEN, AT), priced(LESS_TEN, AT, { tokenKind: "output" })]);
    expect(await ledger.replaceBuckets(again)).toEqual({ changed: 0, unchanged: 1 });
    expect(await costs(ledger)).toEqual(["10"]);
  });

  test("late tokens of a price key that stands there get its price, whoever used them", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(batchOf([priced(LIST, AT)]));
    await ledger.replaceBuckets(
      batchOf([priced(LESS_TEN, AT, { tokens: 1_500_000n }), priced(LESS_TEN, AT, { team: "search" })]),
    );
    expect(await costs(ledger, ["team"])).toEqual(["checkout 3", "search 2"]);
  });

  test("a price key that is new there, and a quarter hour that is new, are priced by the book of now", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(batchOf([priced(LIST, AT)]));
    await ledger.replaceBuckets(
      batchOf([priced(LESS_TEN, AT), priced(LESS_TEN, AT, { tokenKind: "output", team: "search" })]),
    );
    await ledger.replaceBuckets(batchOf([priced(LESS_TEN, NEXT, { team: "billing" })]));
    expect(await costs(ledger, ["team"])).toEqual(["search 7.2", "checkout 2", "billing 1.8"]);
  });

  test("what had no price stays without one until it is priced again by an act", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(batchOf([priced({ ...LIST, rows: [] }, AT)]));
    expect(await ledger.replaceBuckets(batchOf([priced(LIST, AT)]))).toEqual({ changed: 0, unchanged: 1 });
    const standing = await ledger.standingKeys(period(toInstant(AT), toInstant(NEXT)));
    expect(standing.map(({ terms }) => terms.pricing)).toEqual(["unpriced"]);
  });

  test("a range keeps both of its ends", async () => {
    const ledger = await emptyLedger();
    const unsplit = { source: "metric", confidence: "metric_only", cachedShareUnknown: true } as const;
    await ledger.replaceBuckets(batchOf([priced(LIST, AT, unsplit)]));
    const before = await costs(ledger);
    const again = batchOf([priced(LESS_TEN, AT, { ...unsplit, tokens: 2_000_000n })]);
    expect(await ledger.replaceBuckets(again)).toEqual({ changed: 1, unchanged: 0 });
    expect(await costs(ledger)).toEqual([toDecimal((BigInt(Number(before[0]) * 1e12) * 2n) as never)]);
  });

  test("a model that gets context bands by a later book keeps the price that it stands by", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(batchOf([priced(LIST, AT)]));
    await ledger.replaceBuckets(batchOf([priced(LESS_TEN, AT, { contextBand: "short" })]));
    expect(await costs(ledger)).toEqual(["2"]);
  });

  test("capacity is split anew at the hourly price that stands", async () => {
    const ledger = await emptyLedger();
    const at = (part: "used" | "idle", minutes: bigint, hourly: string) => ({
      ...capacityCharge(AT, part, 0n),
      unitMinutes: minutes,
      pricing: pricingOf(
        minutes,
        {
          kind: "one",
          line: { ...TEST_LINE, listUnitPrice: unitPrice(hourly, 1n), contractedUnitPrice: unitPrice(hourly, 1n) },
        },
        { per: 60n },
      ),
    });
    // 750 unit minutes at 1 USD an hour are 12.50 USD, however they are split.
    await ledger.replaceBuckets(batchOf([at("used", 300n, "1"), at("idle", 450n, "1")]));
    expect(await costs(ledger)).toEqual(["12.5"]);
    await ledger.replaceBuckets(batchOf([at("used", 500n, "2"), at("idle", 250n, "2")]));
    expect(await costs(ledger)).toEqual(["12.5"]);
  });

  test("a team that shares a deployment's capacity later gets its share of the total, not its minutes at the price", async () => {
    const ledger = await emptyLedger();
    // 3 unit minutes cost 100 picodollars together; the shares were allocated by largest remainder.
    const share = (team: string, minutes: bigint, pico: bigint) => {
      const charge = capacityCharge(AT, "used", pico);
      return { ...charge, unitMinutes: minutes, owner: { ...charge.owner, team } };
    };
    await ledger.replaceBuckets(batchOf([share("checkout", 3n, 100n)]));
    await ledger.replaceBuckets(batchOf([share("checkout", 2n, 67n), share("search", 1n, 33n)]));
    expect(await costs(ledger, ["team"])).toEqual(["checkout 0.000000000067", "search 0.000000000033"]);
  });

  test("tokens that became part of provisioned capacity follow the inventory, not the old price", async () => {
    const ledger = await emptyLedger();
    await ledger.replaceBuckets(batchOf([priced(LIST, AT)]));
    await ledger.replaceBuckets(batchOf([{ ...priced(LIST, AT), pricing: { pricing: "included" } } as Charge]));
    expect(await costs(ledger)).toEqual(["0"]);
  });
});
