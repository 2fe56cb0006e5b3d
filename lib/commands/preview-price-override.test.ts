import { afterEach, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { listPriceOverrides } from "../db/price-overrides.ts";
import { writeSettings } from "../db/settings.ts";
import { openState, type State } from "../db/state.ts";
import type { ChargeQuery, ChargeSum } from "../ledger/charge-query.ts";
import { parseMoney } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { type BillingStartDay, FIRST_OF_MONTH } from "../time/billing-period.ts";
import { toInstant } from "../time/instant.ts";
import { type FiscalStart, UTC } from "../time/zone.ts";
import { previewPriceOverride } from "./price-overrides.ts";

const now = toInstant("2026-11-21T12:07:00Z");
const book = loadBundledCatalogue();
const meter = book.rows.find(
  (row) => row.measure === "token" && row.model === "gpt-4.1" && row.scope === "Global" && row.tokenKind === "output",
);
const states: State[] = [];
afterEach(async () => {
  for (const state of states.splice(0)) await state.close();
});

function sumOf(team: string, day: string, cost: string, upper = cost): ChargeSum {
  const keys = { team, meter: meter?.meterName ?? "", scope: "Global", region: "eastus2", tokenKind: "output" };
  return {
    bucket: day,
    keys: { ...keys, part: "usage" },
    inputTokens: 0n,
    cachedInputTokens: 0n,
    cacheWriteTokens: 0n,
    outputTokens: 1_000_000n,
    unpricedTokens: 0n,
    listCost: parseMoney(cost),
    contractedCost: parseMoney(cost),
    contractedCostUpper: parseMoney(upper),
    contractedCostAtMost: parseMoney("0"),
    charges: 1n,
    capacityUnitMinutes: 0n,
  };
}

async function preview(rows: readonly ChargeSum[], input: object, billingStartDay = FIRST_OF_MONTH) {
  const state = await openState({ sqlitePath: ":memory:" });
  states.push(state);
  await state.transaction((tx) => writeSettings(tx, { billingStartDay }, now, "test"));
  const asked: ChargeQuery[] = [];
  const ledger = {
    sumCharges: async (query: ChargeQuery) => {
      asked.push(query);
      return [...rows];
    },
  };
  const defaults = { zone: UTC, fiscalStart: "01-01" as FiscalStart, theme: "system" } as const;
  const answer = await previewPriceOverride(LOCAL_ADMINISTRATOR, { state, now, defaults }, input, ledger, book);
  return { answer, asked, stored: await listPriceOverrides(state.db) };
}

const discount = {
  terms: { kind: "discount", percent: "10" },
  validFrom: "2026-11-10T00:00:00Z",
  reason: "EA 4711",
};

describe("preview of a negotiated price", () => {
  test("tells the month to now by team, from the day that it holds, and saves nothing", async () => {
    const { answer, asked, stored } = await preview(
      [sumOf("search", "2026-11-09", "8"), sumOf("search", "2026-11-10", "8"), sumOf("", "2026-11-11", "4")],
      discount,
    );
    expect(answer.teams).toMatchObject([
      { team: "search", before: { shown: "$16.00" }, after: { shown: "$15.20" }, difference: { shown: "-$0.80" } },
      { team: "(nobody)", before: { shown: "$4.00" }, after: { shown: "$3.60" } },
    ]);
    expect(answer.total.after.exact).toBe(parseMoney("18.8").toString());
    expect([answer.month, answer.meters, answer.isAtLeast]).toEqual(["November 2026, UTC", 1, false]);
    expect(asked[0]?.period).toEqual({
      start: toInstant("2026-11-01T00:00:00Z"),
      end: toInstant("2026-11-21T12:00:00Z"),
    });
    expect(stored).toEqual([]);
  });

  test("tells the billing period where it starts on another day", async () => {
    const { answer, asked } = await preview([sumOf("search", "2026-11-16", "8")], discount, 15 as BillingStartDay);
    expect([answer.month, asked[0]?.period.start]).toEqual(["15 Nov – 14 Dec 2026, UTC", toInstant("2026-11-15")]);
  });

  test("a range stands as it was charged, and the total says so", async () => {
    const { answer } = await preview([sumOf("search", "2026-11-12", "8", "9")], discount);
    expect([answer.total.after.shown, answer.isAtLeast]).toEqual(["$8.00", true]);
  });

  test.each([
    ["terms.percent", { ...discount, terms: { kind: "discount", percent: "110" } }],
    ["validTo", { ...discount, validTo: "2026-11-01T00:00:00Z" }],
    ["reason", { ...discount, reason: " " }],
    [
      "terms",
      {
        ...discount,
        terms: { kind: "price", price: "8", perUnits: "1000" },
        about: { model: "gpt-4.1", tokenKind: "output" },
      },
    ],
  ])("what saving would refuse is refused by its field: %s", async (field, input) => {
    await expect(preview([], input)).rejects.toMatchObject({ fields: { [field]: expect.any(String) } });
  });
});
