import { expect, test } from "vitest";
import type { StandingRow } from "../ledger/ledger.ts";
import { parseMoney } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { repricedRows } from "./prices-reprice.ts";

const book = loadBundledCatalogue();
const discounted = {
  ...book,
  version: "v2",
  negotiated: [
    {
      id: "a",
      about: {},
      terms: { kind: "discount" as const, percent: "10" },
      validFrom: toInstant("2026-10-01"),
      validTo: null,
      source: "entered",
    },
  ],
};

/** A million tokens of gpt-4.1, Global, at 2 USD per million. */
const ROW: StandingRow = {
  quarterHour: toInstant("2026-10-31T23:45:00Z"),
  part: "usage",
  team: "search",
  key: {
    model: "gpt-4.1",
    version: "2025-04-14",
    scope: "Global",
    region: "eastus2",
    mode: "standard",
    contextBand: "any",
    tokenKind: "input",
    modality: "text",
  },
  source: "usage_log",
  pricing: "priced",
  note: "",
  meter: "gpt 4.1 Inp glbl Tokens",
  quantity: 1_000_000n,
  contractedCost: parseMoney("2"),
  charges: 3,
};

test.each<[string, Partial<StandingRow>, string, number]>([
  ["tokens at a discount", {}, "1.8", 3],
  ["before the agreement began", { quarterHour: toInstant("2026-09-30T23:45:00Z") }, "2", 0],
  // Nobody told the cached part: at least everything at the cached price of 0.5 per million, less 10 %.
  [
    "a prompt from the metric",
    { source: "metric", pricing: "range", note: "cachedShare", contractedCost: parseMoney("0.5") },
    "0.45",
    3,
  ],
  ["tokens of provisioned capacity", { pricing: "included", contractedCost: parseMoney("0") }, "0", 0],
  // 15 units for 15 minutes at 1 USD an hour are 3.75 USD.
  [
    "capacity",
    { part: "idle", meter: "Provisioned Managed Global Unit", quantity: 225n, contractedCost: parseMoney("3.75") },
    "3.375",
    3,
  ],
  ["the unused part of a reservation", { part: "unused", contractedCost: parseMoney("4") }, "4", 0],
])("%s", (_name, parts, after, changed) => {
  const row = { ...ROW, ...parts };
  const [repriced] = repricedRows([row], discounted, UTC);
  expect(repriced).toMatchObject({ before: row.contractedCost, after: parseMoney(after), charges: 3, changed });
});

test("months are those of the zone that is asked for", () => {
  const [kolkata] = repricedRows([ROW], book, "Asia/Kolkata" as typeof UTC);
  expect(kolkata).toMatchObject({ month: "2026-11", team: "search", changed: 0, after: parseMoney("2") });
});
