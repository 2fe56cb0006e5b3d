import { expect, test } from "vitest";
import { estimateOf } from "../commands/load-invoice.ts";
import { readDemoTruth } from "../embedded/demo/truth/demo-truth.ts";
import { openDemoPipe } from "../ingestion/demo-pipe.testing.ts";
import { money, parseMoney, sum, toDecimal } from "../money/money.ts";
import { readInvoice } from "../pricing/reconcile/invoice-lines.ts";
import { reconcile } from "../pricing/reconcile/reconcile.ts";
import { toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";

test("the demo's own invoice: every planted difference is named to the picodollar, the contract is found, nothing is left", {
  timeout: 120_000,
}, async () => {
  const createdAt = toInstant("2026-11-01T06:00:00Z");
  const pipe = await openDemoPipe({ createdAt, days: 9, requestsPerDay: 360, zones: [UTC] });
  const { ledger, ingestion } = await pipe.openFresh();
  expect((await ingestion.runCycle(createdAt)).failures).toEqual([]);
  await ingestion.readBack(createdAt, () => {});
  const truth = await readDemoTruth(pipe.workspace.database, {
    groups: ["total"],
    sources: ["all"],
    zones: ["UTC"],
    from: "2026-10-01",
    to: "2026-11-01",
    hasInvoice: true,
  });
  if (!truth?.invoice) throw new Error("The demo has usage in October, so it has an invoice.");
  const planted = truth.invoice.planted;
  // Without the contract and what was planted, the invoice is what really happened.
  const happened = truth.lines.reduce((total, { picodollars }) => total + BigInt(picodollars.lower), 0n);
  expect(truth.invoice.listTotal).toBe(toDecimal(money(happened)));
  expect(planted.map(({ kind }) => kind)).toEqual([
    "missing_in_logs",
    "price",
    "quantity",
    "timing",
    "ptu",
    "hosting",
    "router",
  ]);

  for (const format of ["actual", "focus"] as const) {
    const csv = await pipe.workspace.demoInvoice("2026-10", format);
    const file = readInvoice([...(csv ?? [])].join(""));
    expect([file.refused, file.otherLines, file.lines.length]).toEqual([[], 0, truth.invoice.lines]);
    const estimate = await estimateOf(file.lines, ledger);
    const result = reconcile(estimate, file.lines, "USD");
    expect(toDecimal(result.invoice)).toBe(truth.invoice.total);
    expect(result.contract.discountPercent).toBe("8.63");
    expect([result.residual, result.light]).toEqual([0n, "green"]);
    for (const plant of planted) {
      const named = result.differences.filter(
        ({ kind, account, deployment, meterName, day }) =>
          kind === plant.kind &&
          account === plant.account &&
          deployment === plant.deployment &&
          meterName === plant.meterName &&
          day >= plant.from &&
          day <= plant.to,
      );
      expect(toDecimal(money(sum(named.map(({ amount }) => amount)))), plant.kind).toBe(
        toDecimal(parseMoney(plant.amount)),
      );
      expect(named.length, plant.kind).toBeGreaterThan(0);
    }
    // Nothing else has the name of a planted difference.
    const amountOf = (kind: string) => planted.find((plant) => plant.kind === kind)?.amount;
    for (const kind of ["missing_in_logs", "price", "quantity", "ptu", "hosting", "router"] as const) {
      expect(toDecimal(result.byKind[kind] ?? money(0n)), kind).toBe(amountOf(kind));
    }
  }
  ledger.close();
  await pipe.close();
});
