import type { ReconciliationDocument } from "./reconciliation-document.ts";

/** A negotiated price that an invoice implies, with its evidence; `input` is what the price book is given when somebody adopts it. */
export type OfferedOverride = {
  readonly id: string;
  readonly label: string;
  readonly evidence: string;
  readonly input: Readonly<Record<string, unknown>>;
};

/**
 * One discount for everything where the invoice shows it, and one price for each meter that it does not fit. `from` is the
 * first day of the invoice and the day from which an adopted price holds; `source` names where the invoice came from.
 */
export function offeredOverrides(
  { contract, currency }: Pick<ReconciliationDocument, "contract" | "currency">,
  { from, source }: { readonly from: string; readonly source: string },
): OfferedOverride[] {
  const validFrom = `${from}T00:00:00Z`;
  const { discountPercent, meters } = contract;
  const fitting = meters.filter((meter) => meter.discountPercent === discountPercent).length;
  const whole: OfferedOverride[] =
    discountPercent === null || discountPercent === "0"
      ? []
      : [
          {
            id: `reconciled-discount-${from}`,
            label: `${discountPercent} % off every meter`,
            evidence: `fits ${fitting} of ${meters.length} meters`,
            input: {
              id: `reconciled-discount-${from}`,
              about: {},
              terms: { kind: "discount", percent: discountPercent },
              validFrom,
              reason: `Implied by ${source}: ${discountPercent} % fits ${fitting} of ${meters.length} meters.`,
            },
          },
        ];
  const single = meters
    .filter((meter) => meter.listPrice !== null && meter.discountPercent !== discountPercent)
    .map((meter): OfferedOverride => {
      const id = `reconciled-${meter.meterName.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${from}`;
      const lines = `${meter.invoiceLines} invoice ${meter.invoiceLines === 1 ? "line" : "lines"}`;
      return {
        id,
        label:
          meter.discountPercent === null
            ? `${shortPrice(meter.impliedPrice)} ${currency} ${unitWords(meter.perUnits)} for ${meter.meterName}`
            : `${meter.discountPercent} % off ${meter.meterName}`,
        evidence: lines,
        input: {
          id,
          about: { meterName: meter.meterName },
          terms:
            meter.discountPercent === null
              ? { kind: "price", price: meter.impliedPrice, perUnits: meter.perUnits }
              : { kind: "discount", percent: meter.discountPercent },
          validFrom,
          reason: `Implied by ${source}: ${lines}.`,
        },
      };
    });
  return [...whole, ...single];
}

/** What a price of a meter is for: capacity counts hours, tokens go by the million. */
export function unitWords(perUnits: string): string {
  return perUnits === "1" ? "per hour" : "per million tokens";
}

/** Six decimals are enough to read; the exact text stands in the override. */
export function shortPrice(text: string): string {
  return text.replace(/(\.\d{6})\d+$/, "$1");
}
