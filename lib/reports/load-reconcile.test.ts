import { afterEach, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { adoptOffer } from "../commands/adopt-offer.ts";
import { saveReconciliation } from "../db/reconciliations.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { BillingStartDay } from "../time/billing-period.ts";
import { toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { parseReportParams } from "../url/report-params.ts";
import { loadReconcile, periodText, readingOf } from "./load-reconcile.ts";
import { inMemoryLedger } from "./testing/in-memory-ledger.ts";
import { reportSources } from "./testing/report-sources.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const DOCUMENT = {
  basis: "actual",
  currency: "USD",
  invoice: "913.7",
  estimate: "1000",
  residual: "0",
  light: "green",
  differences: [
    { kind: "quantity", amount: "6.67" },
    { kind: "contract", amount: "-92.97" },
  ],
  rows: [
    {
      kind: "quantity",
      day: "2026-10-16",
      account: "ai-east",
      deployment: "chat",
      meterName: "gpt 4.1 Outp glbl Tokens",
      amount: "6.67",
      units: "730000",
    },
  ],
  contract: {
    discountPercent: "8.63",
    meters: [
      {
        meterName: "gpt 4.1 Inp glbl Tokens",
        discountPercent: "8.63",
        listPrice: "2",
        impliedPrice: "1.8274",
        perUnits: "1000000",
        invoiceLines: 31,
      },
      {
        meterName: "gpt 4.1 Outp glbl Tokens",
        discountPercent: "5",
        listPrice: "8",
        impliedPrice: "7.6",
        perUnits: "1000000",
        invoiceLines: 1,
      },
    ],
  },
};

test.each<[string, string, number, string]>([
  ["2026-10-01", "2026-10-31", 1, "Billing period October 2026 (UTC)"],
  ["2026-10-01", "2026-10-30", 1, "1–30 Oct 2026 of the billing period October 2026 (UTC)"],
  ["2026-10-02", "2026-10-31", 1, "2–31 Oct 2026 of the billing period October 2026 (UTC)"],
  ["2026-10-01", "2026-11-01", 1, "1 Oct – 1 Nov 2026 (UTC), in 2 billing periods"],
  ["2026-10-15", "2026-11-14", 15, "Billing period 15 Oct – 14 Nov 2026 (UTC)"],
  ["2026-10-15", "2026-11-15", 15, "15 Oct – 15 Nov 2026 (UTC), in 2 billing periods"],
  ["2026-10-14", "2026-11-14", 15, "14 Oct – 14 Nov 2026 (UTC), in 2 billing periods"],
  ["2026-10-01", "2026-10-31", 15, "1–31 Oct 2026 (UTC), in 2 billing periods"],
  ["2026-12-15", "2027-01-14", 15, "Billing period 15 Dec 2026 – 14 Jan 2027 (UTC)"],
  ["", "", 1, "no day"],
])("the days %s to %s from start day %i are %j", (first, last, day, text) =>
  expect(periodText(first, last, day as BillingStartDay)).toBe(text),
);

async function sources() {
  const opened = await reportSources(inMemoryLedger({ now, charges: [] }), now);
  closers.push(opened.close);
  return opened;
}

test("before the first load there is nothing to show", async () => {
  const report = await loadReconcile(LOCAL_ADMINISTRATOR, parseReportParams({}), undefined, await sources());
  expect([report.view, report.isForAll]).toEqual([null, true]);
});

test("the newest load is shown to those who see all cost, with prices that can be entered as they are offered", async () => {
  const given = await sources();
  const days = [{ day: "2026-10-16", invoice: "913.7", estimate: "1000", coverage: "1", drift: "0.094451" }];
  await given.state.transaction((tx) =>
    saveReconciliation(tx, {
      id: "r1",
      loadedAt: now,
      basis: "actual",
      files: ["october.csv"],
      document: DOCUMENT,
      days,
    }),
  );
  const { view } = await loadReconcile(LOCAL_ADMINISTRATOR, parseReportParams({}), undefined, given);
  expect(view).toMatchObject({
    period: "16 Oct 2026 of the billing period October 2026 (UTC)",
    periodNote: null,
    invoice: { text: "$913.70" },
    estimate: { text: "$1,000.00" },
    residual: { text: "$0.00" },
    coverage: { text: "100.00 %", state: "ok" },
    discountPercent: "8.63",
  });
  expect(view?.chart.points.map(({ key, values }) => [key, values.map(({ exact }) => exact)])).toEqual([
    ["2026-10-16", ["913700000000000", "1000000000000000"]],
  ]);
  expect(view?.differences.map(({ id }) => id)).toEqual(["contract", "quantity"]);
  expect(view?.byDay[0]?.cells.drift?.text).toBe("+9.45 %");
  expect(view?.offers.map(({ label }) => label)).toEqual([
    "8.63 % off every meter",
    "5 % off gpt 4.1 Outp glbl Tokens",
  ]);
  const context = { state: given.state, now } as Parameters<typeof adoptOffer>[1];
  for (const { id } of view?.offers ?? []) {
    const saved = await adoptOffer(LOCAL_ADMINISTRATOR, context, "r1", { offer: id }, loadBundledCatalogue());
    expect(saved.validFrom).toBe(toInstant("2026-10-16T00:00:00Z"));
  }
  const adopted = await loadReconcile(LOCAL_ADMINISTRATOR, parseReportParams({}), undefined, given);
  expect(adopted.view?.offers.map(({ isAdopted }) => isAdopted)).toEqual([true, true]);
  await expect(
    adoptOffer(LOCAL_ADMINISTRATOR, context, "r1", { offer: "made-up" }, loadBundledCatalogue()),
  ).rejects.toThrow("does not offer that price");

  const team = { ...LOCAL_ADMINISTRATOR, sees: { kind: "teams", teams: ["search"] } } as const;
  const hidden = await loadReconcile(team, parseReportParams({}), undefined, given);
  expect([hidden.view, hidden.isForAll]).toEqual([null, false]);
});

test.each([
  ["ok", "ok", "Cost Management read 21 Nov 2026 04:41"],
  ["no_right", "watch", "Cost Management may not be read 21 Nov 2026 04:41"],
  ["throttled", "late", "Cost Management was throttled 21 Nov 2026 04:41"],
  ["failed", "watch", "Cost Management could not be read 21 Nov 2026 04:41"],
] as const)("how the bill was last read: %s", (state, shown, text) => {
  const reading = readingOf({ state, at: "2026-11-21T04:41:00Z", message: "m.", next: "do." }, { zone: UTC });
  expect([reading.state, reading.text.startsWith(text), reading.next]).toEqual([shown, true, "do."]);
});
