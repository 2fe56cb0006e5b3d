import { z } from "zod";
import { type UnitPrice, unitPrice } from "../money/unit-price.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { SCOPES, TOKEN_KINDS } from "../usage/price-key.ts";
import { coversList, type NegotiatedPrice, type NegotiatedScope } from "./negotiated-price.ts";
import { isFar } from "./plausibility.ts";
import type { PriceBook } from "./price-book.ts";

/** A negotiated price as people and stores write it: what it is about, and a price for a number of units or a discount in percent. */
const agreementSchema = z.object({
  about: z
    .object({
      meterId: z.string().optional(),
      meterName: z.string().optional(),
      model: z.string().optional(),
      scope: z.enum(SCOPES).optional(),
      region: z.string().optional(),
      tokenKind: z.enum(TOKEN_KINDS).optional(),
    })
    .default({}),
  terms: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("price"), price: z.string(), perUnits: z.string() }),
    z.object({ kind: z.literal("discount"), percent: z.string() }),
  ]),
  /** Left out, it is the currency of the price book. */
  currency: z.string().optional(),
  reason: z.string().default("entered"),
});
export type Agreement = z.input<typeof agreementSchema>;

/** Why an agreement cannot be used, with its place in the list, from 1 (or its line in the file). */
export type Refusal = { readonly row: number; readonly reason: string };

/** All agreements, or all reasons: nothing is half applied. */
export type ReadAgreements =
  | { readonly kind: "accepted"; readonly agreements: readonly NegotiatedPrice[] }
  | { readonly kind: "refused"; readonly refusals: readonly Refusal[] };

/** An agreement with the name that it is kept under, the row that it came from, and its validity as ISO 8601 text. */
export type AgreementRow = {
  readonly id: string;
  readonly row: number;
  readonly definition: unknown;
  readonly validFrom: string;
  readonly validTo: string | null;
};

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

function readAgreement(
  { id, definition, validFrom, validTo }: AgreementRow,
  book: PriceBook,
): NegotiatedPrice | string {
  const parsed = agreementSchema.safeParse(definition);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `${issue?.path.join(".") || "the agreement"}: ${issue?.message ?? "not readable"}`;
  }
  const { about, terms, currency, reason } = parsed.data;
  if (currency !== undefined && currency !== book.currency) {
    return `the currency is ${currency || "not told"}, the price book is in ${book.currency}`;
  }
  const from = readInstant(validFrom);
  const to = validTo === null ? null : readInstant(validTo);
  if (from === undefined || to === undefined) return "the validity is not a date such as 2026-09-01";
  if (to !== null && to <= from) return "the validity ends before it starts";
  const agreed = readTerms(terms);
  if (typeof agreed === "string") return agreed;
  const agreement = { id, about: withoutGaps(about), terms: agreed, validFrom: from, validTo: to, source: reason };
  if (agreed.kind === "price") {
    const { meterId, meterName, model, tokenKind } = about;
    if (!meterId && !meterName && !(model && tokenKind)) {
      return "a price needs the meter, or the model and the kind of token, that it is for; only a discount may cover more";
    }
    const far = book.rows.find((row) => coversList(agreement.about, row) && isFar(row.price, agreed.price));
    if (far) return `the price is far from the list price of ${far.meterName}: is it per 1K or per 1M?`;
  }
  return agreement;
}

function readTerms(terms: z.infer<typeof agreementSchema>["terms"]): NegotiatedPrice["terms"] | string {
  if (terms.kind === "discount") {
    const { percent } = terms;
    return /^\d{1,3}(\.\d+)?$/.test(percent) && Number(percent) <= 100
      ? { kind: "discount", percent }
      : `the discount "${percent}" is not a percentage from 0 to 100`;
  }
  if (terms.price.trim().startsWith("-")) return "the price is negative";
  if (!/^[1-9]\d*$/.test(terms.perUnits))
    return `"${terms.perUnits}" is not the number of units that the price pays for`;
  const price = readPrice(terms.price, BigInt(terms.perUnits));
  return price ? { kind: "price", price } : `"${terms.price}" is not a price`;
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
