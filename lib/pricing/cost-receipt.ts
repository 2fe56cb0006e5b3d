import { createHash } from "node:crypto";
import { type Money, toDecimal } from "../money/money.ts";
import { priceDecimal } from "../money/unit-price.ts";
import { type Instant, toIso } from "../time/instant.ts";
import type { PriceLine } from "./priced-usage.ts";

/** One line of a receipt: how many units at which price. `units` are tokens, or PTU × minutes at a price per hour. */
export type ReceiptLine = { readonly line: PriceLine; readonly units: bigint; readonly cost: Money };

/** What a cost is made of, as far as the caller knows it. */
export type ReceiptFacts = {
  readonly subject: string;
  readonly currency: string;
  readonly bookVersion: string;
  readonly lines: readonly ReceiptLine[];
  readonly unpricedTokens: bigint;
  readonly rowsCounted: bigint;
  readonly duplicatesDropped: bigint;
  readonly kql: string;
  /** Up to which instant the data is complete. */
  readonly watermark: Instant | null;
};

/** A receipt as JSON that can be copied, and its hash: the same facts give the same hash whenever it is computed again. */
export type CostReceipt = { readonly document: Readonly<Record<string, unknown>>; readonly hash: string };

/** Writes the receipt of a cost. Lines are sorted, so their order of arrival does not matter. */
export function costReceipt(facts: ReceiptFacts): CostReceipt {
  const lines = facts.lines.map(lineDocument).toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  const document = {
    subject: facts.subject,
    currency: facts.currency,
    priceBook: facts.bookVersion,
    cost: toDecimal(facts.lines.reduce((total, { cost }) => (total + cost) as Money, 0n as Money)),
    isAtLeast: facts.unpricedTokens > 0n,
    unpricedTokens: `${facts.unpricedTokens}`,
    lines,
    rowsCounted: `${facts.rowsCounted}`,
    duplicatesDropped: `${facts.duplicatesDropped}`,
    kql: facts.kql,
    watermark: facts.watermark === null ? null : toIso(facts.watermark),
  };
  return { document, hash: hashOf(document) };
}

/** SHA-256 of the canonical JSON of a document, in hex. */
export function hashOf(document: unknown): string {
  return createHash("sha256").update(canonicalJson(document)).digest("hex");
}

/** JSON with sorted keys and no spaces; big integers as decimal text, undefined members left out. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "bigint") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

function lineDocument({ line, units, cost }: ReceiptLine): Readonly<Record<string, unknown>> {
  const perUnit = /hour/i.test(line.unitOfMeasure) ? 1n : 1_000_000n;
  return {
    meterName: line.meterName,
    meterId: line.meterId,
    unitOfMeasure: line.unitOfMeasure,
    units: `${units}`,
    listPrice: priceDecimal(line.listUnitPrice, perUnit),
    contractedPrice: priceDecimal(line.contractedUnitPrice, perUnit),
    pricePer: perUnit === 1n ? "hour" : "1M tokens",
    validFrom: toIso(line.validFrom),
    validTo: line.validTo === null ? null : toIso(line.validTo),
    layer: line.layer,
    source: line.source,
    cost: toDecimal(cost),
  };
}
