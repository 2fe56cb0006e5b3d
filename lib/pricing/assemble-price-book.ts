import { createHash } from "node:crypto";
import { toIso } from "../time/instant.ts";
import { datedMeters, priceRowsOf, type UnreadMeter } from "./dated-meters.ts";
import type { NegotiatedPrice } from "./negotiated-price.ts";
import { implausibleRows } from "./plausibility.ts";
import type { PriceBook } from "./price-book.ts";
import { listOf, type StoredPrices } from "./price-store.ts";

/** The layers of a price book, the first match winning: negotiated over synced over bundled. */
export type PriceLayers = {
  readonly bundled: PriceBook;
  readonly synced: StoredPrices | undefined;
  readonly negotiated: readonly NegotiatedPrice[];
};

/** A price book, and the synced meters that price nothing with the reason. */
export type AssembledPriceBook = { readonly book: PriceBook; readonly unread: readonly UnreadMeter[] };

/**
 * One price book out of its layers. Synced prices in another currency than the bundled ones replace them: currency belongs
 * to the billing account, and two currencies never meet. Implausible synced rows are left out and named.
 * The version is the hash of what decides any price, so the same layers always have the same version.
 */
export function assemblePriceBook({ bundled, synced, negotiated }: PriceLayers): AssembledPriceBook {
  const version = versionOf(bundled, synced, negotiated);
  if (!synced) return { book: { ...bundled, version, negotiated }, unread: [] };
  const dated = datedMeters(listOf(synced));
  const currency = synced.meters[0]?.currency ?? bundled.currency;
  const rows = priceRowsOf(dated.meters, { layer: "synced", source: synced.source, readAt: synced.syncedAt });
  const implausible = new Map(implausibleRows(rows).map(({ row, reason }) => [row, reason]));
  const kept = rows.filter((row) => !implausible.has(row));
  return {
    book: { version, currency, rows: currency === bundled.currency ? [...kept, ...bundled.rows] : kept, negotiated },
    unread: [...dated.unread, ...[...implausible].map(([row, reason]) => ({ ...row, reason }))],
  };
}

function versionOf(
  bundled: PriceBook,
  synced: StoredPrices | undefined,
  negotiated: readonly NegotiatedPrice[],
): string {
  const terms = negotiated.map(({ id, about, terms: agreed, validFrom, validTo }) => [
    id,
    Object.entries(about).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    agreed.kind === "price" ? `${agreed.price.numerator}/${agreed.price.denominator}` : `-${agreed.percent}%`,
    validFrom,
    validTo,
  ]);
  const parts = [bundled.version, synced ? toIso(synced.syncedAt) : null, synced?.meters.length ?? 0, terms];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
