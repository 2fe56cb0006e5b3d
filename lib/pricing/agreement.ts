import { z } from "zod";
import { type UnitPrice, unitPrice } from "../money/unit-price.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { SCOPES, TOKEN_KINDS } from "../usage/price-key.ts";
import { coversList, type NegotiatedPrice, type NegotiatedScope } from "./negotiated-price.ts";
import { isFar } from "./plausibility.ts";
import type { PriceBook } from "./price-book.ts";
import { unitSizeOf } from "./unit-of-measure.ts";

/** A negotiated price as people and stores write it: a price per unit of measure, or a discount in percent, never both. */
export const agreementSchema = z.object({
  meterId: z.string().optional(),
  meterName: z.string().optional(),
  model: z.string().optional(),
  scope: z.enum(SCOPES).optional(),
  region: z.string().optional(),
  tokenKind: z.enum(TOKEN_KINDS).optional(),
  price: z.string().optional(),
  unitOfMeasure: z.string().optional(),
  discountPercent: z.string().optional(),
  currency: z.string(),
  validFrom: z.string(),
  validTo: z.string().nullable().default(null),
  source: z.string().default("entered"),
});
export type Agreement = z.input<typeof agreementSchema>;

/** Why an agreement cannot be used, with its place in the list, from 1 (or its line in the file). */
export type Refusal = { readonly row: number; readonly reason: string };

/** All agreements, or all reasons: nothing is half applied. */
export type ReadAgreements =
  | { readonly kind: "accepted"; readonly agreements: readonly NegotiatedPrice[] }
  | { readonly kind: "refused"; readonly refusals: readonly Refusal[] };

/** An agreement with the name that it is kept under and the row that it came from. */
export type AgreementRow = { readonly id: string; readonly row: number; readonly definition: unknown };

/**
 * Checks agreements together with those already in force: a price is not negative, a discount lies from 0 to 100, the
 * currency is the book's, the validity does not end before it starts and does not overlap another one about the same,
 * and a price is not a thousand times its list price (1K read as 1M).
 */
export function readAgreements(
  rows: readonly AgreementRow[],
  inForce: readonly NegotiatedPrice[],
  book: PriceBook,
): ReadAgreements {
  const read = rows.map((row) => ({ row: row.row, result: readAgreement(row, book) }));
  const refusals = read.flatMap(({ row, result }) => (typeof result === "string" ? [{ row, reason: result }] : []));
  const good = read.flatMap(({ row, result }) => (typeof result === "string" ? [] : [{ row, agreement: result }]));
  for (const [index, { row, agreement }] of good.entries()) {
    const others = [
      ...inForce.filter(({ id }) => id !== agreement.id),
      ...good.slice(0, index).map((one) => one.agreement),
    ];
    const clash = others.find(
      (other) => aboutText(other.about) === aboutText(agreement.about) && overlaps(other, agreement),
    );
    if (clash) refusals.push({ row, reason: `the validity overlaps that of ${clash.id}, which is about the same` });
  }
  return refusals.length > 0
    ? { kind: "refused", refusals: refusals.toSorted((a, b) => a.row - b.row) }
    : { kind: "accepted", agreements: good.map(({ agreement }) => agreement) };
}

function readAgreement({ id, definition }: AgreementRow, book: PriceBook): NegotiatedPrice | string {
  const parsed = agreementSchema.safeParse(definition);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `${issue?.path.join(".") || "the agreement"}: ${issue?.message ?? "not readable"}`;
  }
  const { price, unitOfMeasure, discountPercent, currency, validFrom, validTo, source, ...about } = parsed.data;
  if (currency !== book.currency) return `the currency is ${currency}, the price book is in ${book.currency}`;
  const from = readInstant(validFrom);
  const to = validTo === null ? null : readInstant(validTo);
  if (from === undefined || to === undefined) return "the validity is not a date such as 2026-09-01";
  if (to !== null && to <= from) return "the validity ends before it starts";
  const terms = readTerms(price, unitOfMeasure, discountPercent);
  if (typeof terms === "string") return terms;
  const agreement: NegotiatedPrice = { id, about: withoutGaps(about), terms, validFrom: from, validTo: to, source };
  if (terms.kind === "price") {
    const far = book.rows.find((row) => coversList(agreement.about, row) && isFar(row.price, terms.price));
    if (far) return `the price is far from the list price of ${far.meterName}: is it per 1K or per 1M?`;
  }
  return agreement;
}

function readTerms(
  price: string | undefined,
  unitOfMeasure: string | undefined,
  discountPercent: string | undefined,
): NegotiatedPrice["terms"] | string {
  if ((price === undefined) === (discountPercent === undefined)) return "give either a price or a discountPercent";
  if (discountPercent !== undefined) {
    return /^\d{1,3}(\.\d+)?$/.test(discountPercent) && Number(discountPercent) <= 100
      ? { kind: "discount", percent: discountPercent }
      : `the discount "${discountPercent}" is not a percentage from 0 to 100`;
  }
  if (price?.trim().startsWith("-")) return "the price is negative";
  const size = unitSizeOf(unitOfMeasure ?? "");
  if (size === undefined) return `the unit of measure "${unitOfMeasure ?? ""}" is not known`;
  const read = readPrice(price ?? "", size);
  return read ? { kind: "price", price: read } : `"${price}" is not a price`;
}

function readPrice(text: string, size: bigint): UnitPrice | undefined {
  try {
    return unitPrice(text, size);
  } catch {
    return undefined;
  }
}

function readInstant(text: string): Instant | undefined {
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? toInstant(ms) : undefined;
}

function withoutGaps(about: NegotiatedScope): NegotiatedScope {
  return Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
}

function aboutText(about: NegotiatedScope): string {
  return Object.entries(about)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function overlaps(a: NegotiatedPrice, b: NegotiatedPrice): boolean {
  return (a.validTo === null || a.validTo > b.validFrom) && (b.validTo === null || b.validTo > a.validFrom);
}
