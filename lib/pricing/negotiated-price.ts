import { discounted, type UnitPrice } from "../money/unit-price.ts";
import { contains, type Instant } from "../time/instant.ts";
import type { Scope, TokenKind } from "../usage/price-key.ts";
import type { PriceRow } from "./price-row.ts";

/** What a negotiated price is about: every part that is present must match; no part at all means every meter. */
export type NegotiatedScope = {
  readonly meterId?: string;
  readonly meterName?: string;
  readonly model?: string;
  readonly scope?: Scope;
  readonly region?: string;
  readonly tokenKind?: TokenKind;
};

/** A price or discount that the customer agreed with Microsoft, valid from `validFrom` (inside) to `validTo` (outside). */
export type NegotiatedPrice = {
  readonly id: string;
  readonly about: NegotiatedScope;
  readonly terms:
    | { readonly kind: "price"; readonly price: UnitPrice }
    | { readonly kind: "discount"; readonly percent: string };
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
  readonly source: string;
};

/** The agreement that applies to a list price row on an instant: the most specific one, then the latest; undefined for none. */
export function negotiatedFor(
  row: PriceRow,
  region: string,
  at: Instant,
  agreements: readonly NegotiatedPrice[],
): NegotiatedPrice | undefined {
  let best: NegotiatedPrice | undefined;
  for (const agreement of agreements) {
    if (!isValidAt(agreement, at) || !isAbout(agreement.about, row, region)) continue;
    if (
      !best ||
      rank(agreement) > rank(best) ||
      (rank(agreement) === rank(best) && agreement.validFrom > best.validFrom)
    ) {
      best = agreement;
    }
  }
  return best;
}

/** The unit price after an agreement. */
export function contractedPrice(list: UnitPrice, agreement: NegotiatedPrice | undefined): UnitPrice {
  if (!agreement) return list;
  return agreement.terms.kind === "price" ? agreement.terms.price : discounted(list, agreement.terms.percent);
}

function isValidAt(agreement: NegotiatedPrice, at: Instant): boolean {
  return agreement.validTo === null
    ? at >= agreement.validFrom
    : contains({ start: agreement.validFrom, end: agreement.validTo }, at);
}

function isAbout(about: NegotiatedScope, row: PriceRow, region: string): boolean {
  return coversList(about, row) && (about.region === undefined || about.region === region);
}

/** Whether an agreement is about a list price, in whatever region. */
export function coversList(about: NegotiatedScope, row: PriceRow): boolean {
  return (
    isMeter(about, row) &&
    (about.model === undefined || about.model === row.model) &&
    (about.scope === undefined || about.scope === row.scope) &&
    (about.tokenKind === undefined || (row.measure === "token" && about.tokenKind === row.tokenKind))
  );
}

/** A meter id decides where both sides have one; the bundled catalogue has none, so there the name decides. */
function isMeter(about: NegotiatedScope, row: PriceRow): boolean {
  if (about.meterId !== undefined && row.meterId !== null) return about.meterId === row.meterId;
  if (about.meterName !== undefined) return about.meterName === row.meterName;
  return about.meterId === undefined;
}

/** A meter beats a model, a model beats a scope, a scope beats everything; more parts beat fewer. */
function rank(agreement: NegotiatedPrice): number {
  const { meterId, meterName, model, scope, region, tokenKind } = agreement.about;
  return (
    (meterId === undefined ? 0 : 64) +
    (meterName === undefined ? 0 : 32) +
    (model === undefined ? 0 : 16) +
    (tokenKind === undefined ? 0 : 8) +
    (region === undefined ? 0 : 4) +
    (scope === undefined ? 0 : 2)
  );
}
