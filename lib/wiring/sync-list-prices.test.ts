import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openSyncedPrices, syncedPricesPath } from "../db/synced-prices.ts";
import { type RawPriceList, readPriceList } from "../pricing/raw-meter.ts";
import { toInstant } from "../time/instant.ts";
import { mixedUpUnits, storeListPrices } from "./sync-list-prices.ts";

const root = mkdtempSync(join(tmpdir(), "synced-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function listOf(...prices: readonly (readonly [meterName: string, retailPrice: number, currencyCode?: string])[]) {
  const items = prices.map(([meterName, retailPrice, currencyCode = "USD"]) => ({
    currencyCode,
    retailPrice,
    armRegionName: "eastus2",
    effectiveStartDate: "2026-09-01T00:00:00Z",
    meterName,
    productName: "Azure OpenAI",
    unitOfMeasure: "1K",
  }));
  return readPriceList({ Items: items, NextPageLink: null }, "test", toInstant("2026-11-21"));
}

const GOOD = ["gpt 4.1 Inp glbl Tokens", 0.0021] as const;

describe("storeListPrices", () => {
  test.each<[string, RawPriceList, string]>([
    [
      "a negative price among good ones",
      listOf(GOOD, ["gpt 4.1 Outp glbl Tokens", -1]),
      "row 2: retailPrice: the price is negative",
    ],
    [
      "a currency that is none",
      listOf(GOOD, ["gpt 4.1 Outp glbl Tokens", 1, "dollars"]),
      "row 2: currencyCode: the currency is not an ISO 4217 code",
    ],
    ["two currencies", listOf(GOOD, ["gpt 4.1 Outp glbl Tokens", 0.008, "EUR"]), "mixes currencies (USD, EUR)"],
  ])("%s changes nothing", async (name, list, reason) => {
    const dataDir = join(root, name);
    await expect(storeListPrices({ dataDir }, list)).rejects.toThrow(reason);
    expect(existsSync(syncedPricesPath(dataDir))).toBe(false);
  });

  test("a list that is refused leaves the last one in use", async () => {
    const dataDir = join(root, "kept");
    await storeListPrices({ dataDir }, listOf(GOOD));
    await expect(storeListPrices({ dataDir }, listOf(["gpt 4.1 Inp glbl Tokens", -1], GOOD))).rejects.toThrow("row 1");
    const stored = await openSyncedPrices(dataDir).load();
    expect(stored?.meters.map(({ price, validTo }) => [price, validTo])).toEqual([["0.0021", null]]);
  });

  test("prices kept before rows named their own list keep the last list's name, also through the next sync", async () => {
    const dataDir = join(root, "older");
    await storeListPrices({ dataDir }, listOf(GOOD));
    const path = syncedPricesPath(dataDir);
    const { meters, ...file } = JSON.parse(readFileSync(path, "utf8"));
    const older = meters.map((meter: object) => ({ ...meter, source: undefined }));
    writeFileSync(path, JSON.stringify({ ...file, source: "the list of before", meters: older }));
    await storeListPrices({ dataDir }, listOf(GOOD));
    expect((await openSyncedPrices(dataDir).load())?.meters.map(({ source }) => source)).toEqual([
      "the list of before",
    ]);
  });
});

test.each<[string, readonly (readonly [string, number])[], number]>([
  ["a price near its others", [GOOD], 0],
  ["a price per 1M that says per 1K", [["gpt 4.1 Inp glbl Tokens", 2]], 1],
  ["a price per 1K that was divided twice", [["gpt 4.1 Inp glbl Tokens", 0.000002]], 1],
  ["a model that nothing is known of", [["gpt 9.9 Inp glbl Tokens", 2]], 0],
  [
    "a new model at fifty times its input for output",
    [
      ["gpt 9.9 Inp glbl Tokens", 0.002],
      ["gpt 9.9 Outp glbl Tokens", 0.1],
    ],
    0,
  ],
  [
    "a new model with input per 1K and output per 1M",
    [
      ["gpt 9.9 Inp glbl Tokens", 0.002],
      ["gpt 9.9 Outp glbl Tokens", 8],
    ],
    2,
  ],
])("mixedUpUnits: %s", (_name, prices, found) => expect(mixedUpUnits(listOf(...prices))).toHaveLength(found));
