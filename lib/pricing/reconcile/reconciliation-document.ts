import { z } from "zod";
import { money, toDecimal } from "../../money/money.ts";
import { priceDecimal } from "../../money/unit-price.ts";
import type { ImpliedContract } from "./implied-prices.ts";
import type { InvoiceBasis } from "./invoice-lines.ts";
import type { Reconciliation } from "./reconcile.ts";

/** A reconciliation as JSON: what `npm run reconcile` prints, state keeps and the page reads. Amounts are decimal texts. */
export const reconciliationDocumentSchema = z.object({
  basis: z.string(),
  otherLines: z.number().default(0),
  /** On which UTC days the export says that its billing periods start; empty where it does not say. */
  billingStarts: z.array(z.string()).default([]),
  currency: z.string(),
  invoice: z.string(),
  estimate: z.string(),
  residual: z.string(),
  unexplainedSize: z.string().default("0"),
  light: z.enum(["green", "amber", "red"]),
  differences: z.array(z.object({ kind: z.string(), amount: z.string() })),
  rows: z.array(
    z.object({
      kind: z.string(),
      reason: z.string().optional(),
      day: z.string(),
      account: z.string(),
      deployment: z.string(),
      meterName: z.string(),
      amount: z.string(),
      units: z.string(),
    }),
  ),
  contract: z.object({
    discountPercent: z.string().nullable(),
    meters: z.array(
      z.object({
        meterName: z.string(),
        meterId: z.string().nullable().default(null),
        discountPercent: z.string().nullable(),
        listPrice: z.string().nullable(),
        impliedPrice: z.string(),
        perUnits: z.string(),
        invoiceLines: z.number(),
      }),
    ),
  }),
});
export type ReconciliationDocument = z.infer<typeof reconciliationDocumentSchema>;

/** Writes a reconciliation with what is known of the invoice that it is of; `otherLines` are those of other services. */
export function reconciliationDocument(
  result: Reconciliation,
  {
    basis,
    otherLines,
    billingStarts,
  }: { readonly basis: InvoiceBasis; readonly otherLines: number; readonly billingStarts: readonly string[] },
): ReconciliationDocument {
  const { currency, invoice, estimate, byKind, residual, light, contract, differences, unexplained, unexplainedSize } =
    result;
  return {
    basis,
    otherLines,
    billingStarts: [...billingStarts],
    currency,
    invoice: toDecimal(invoice),
    estimate: toDecimal(estimate),
    differences: Object.entries(byKind).map(([kind, amount]) => ({ kind, amount: toDecimal(amount) })),
    residual: toDecimal(residual),
    unexplainedSize: toDecimal(unexplainedSize),
    light,
    contract: contractReport(contract),
    rows: [...differences, ...unexplained.map((row) => ({ ...row, kind: "unexplained" as const }))]
      // Both stand on almost every line, and their sums say all of it.
      .filter(({ kind }) => kind !== "contract" && kind !== "rounding")
      .toSorted((a, b) => Number(magnitude(b) - magnitude(a)))
      .map(({ amount, microUnits, ...place }) => ({
        ...place,
        amount: toDecimal(amount),
        units: unitsText(microUnits),
      })),
  };
}

/** The contract as overrides that can be entered, each with the lines that show it. */
function contractReport({ discountPercent, prices }: ImpliedContract) {
  return {
    discountPercent,
    meters: prices.map((price) => {
      // Capacity and hosting are priced by the hour, tokens by the million.
      const perUnits = /\bunit$/i.test(price.meterName) ? 1n : 1_000_000n;
      return {
        meterName: price.meterName,
        meterId: price.meterId,
        discountPercent: price.discountPercent,
        listPrice: price.listUnitPrice && priceDecimal(price.listUnitPrice, perUnits),
        impliedPrice: priceDecimal(price.contractedUnitPrice, perUnits),
        perUnits: String(perUnits),
        invoiceLines: price.lines,
      };
    }),
  };
}

function magnitude({ amount }: { readonly amount: bigint }): bigint {
  return amount < 0n ? -amount : amount;
}

function unitsText(microUnits: bigint): string {
  return toDecimal(money(microUnits * 1_000_000n));
}
