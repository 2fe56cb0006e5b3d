import { createHash } from "node:crypto";
import type { Instant } from "../time/instant.ts";
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
 * The version is the hash of what decides any price: a sync that finds the same prices at another time changes nothing.
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
  const parts = [bundled.version, synced ? [metersText(synced), bundledAfter(bundled, synced.syncedAt)] : null, terms];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** Every synced price without where and when it was read, in one order. */
function metersText({ meters }: StoredPrices): string[] {
  return meters
    .map((meter) =>
      JSON.stringify([
        meter.productName,
        meter.meterName,
        meter.meterId,
        meter.unitOfMeasure,
        meter.price,
        meter.currency,
        meter.regions.toSorted(),
        meter.validFrom,
        meter.validTo,
        meter.type,
        meter.reservationTerm,
        meter.tierMinimumUnits,
      ]),
    )
    .toSorted();
}

/** When a list was read decides one thing: a bundled price that begins later was not known to it and goes before it. */
function bundledAfter({ rows }: PriceBook, syncedAt: Instant): Instant | null {
  return rows.reduce<Instant | null>(
    (first, { validFrom }) => (validFrom > syncedAt && (first === null || validFrom < first) ? validFrom : first),
    null,
  );
}
