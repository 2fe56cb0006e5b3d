import type { Instant } from "../time/instant.ts";
import { toInstant } from "../time/instant.ts";
import type { RawMeter, RawPriceList } from "./raw-meter.ts";

/** A synced meter price as it is kept: the raw row, the list that first told it, and when this product first and last saw it. */
export type StoredMeter = RawMeter & {
  readonly source: string;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
};

/** Everything synced so far. `syncedAt` is when the last complete list was read. */
export type StoredPrices = {
  readonly source: string;
  readonly syncedAt: Instant;
  readonly meters: readonly StoredMeter[];
};

/** Where synced prices are kept; a save replaces everything at once or nothing. */
export type PriceStore = {
  readonly load: () => Promise<StoredPrices | undefined>;
  readonly save: (prices: StoredPrices) => Promise<void>;
};

/**
 * Adds a complete list to what is stored: rows seen again keep their first sighting and the list that told it, and rows that the
 * list no longer has stay as history, ending where the list was read.
 */
export function mergePrices(stored: StoredPrices | undefined, list: RawPriceList): StoredPrices {
  const known = new Map((stored?.meters ?? []).map((meter) => [identity(meter), meter]));
  const merged = new Map<string, StoredMeter>();
  for (const meter of list.meters) {
    const id = identity(meter);
    const before = known.get(id) ?? merged.get(id);
    merged.set(id, {
      ...meter,
      regions: [...new Set([...(merged.get(id)?.regions ?? []), ...meter.regions])],
      source: before?.source ?? list.source,
      firstSeen: before?.firstSeen ?? list.readAt,
      lastSeen: list.readAt,
    });
  }
  const regions = new Set(list.meters.flatMap((meter) => meter.regions));
  for (const [id, meter] of known) {
    if (merged.has(id)) continue;
    const isAsked = meter.regions.every((region) => regions.has(region));
    const validTo =
      isAsked && meter.validTo === null ? toInstant(Math.max(list.readAt, meter.validFrom)) : meter.validTo;
    merged.set(id, { ...meter, validTo });
  }
  return { source: list.source, syncedAt: list.readAt, meters: [...merged.values()] };
}

/** The stored prices as a list, ready for `datedMeters`. */
export function listOf(stored: StoredPrices): RawPriceList {
  return { meters: stored.meters, refused: [], source: stored.source, readAt: stored.syncedAt };
}

function identity(meter: RawMeter): string {
  const region = [...meter.regions].toSorted().join(",");
  return [
    meter.meterId ?? "",
    meter.productName,
    meter.meterName,
    meter.unitOfMeasure,
    meter.currency,
    meter.type,
    meter.reservationTerm ?? "",
    meter.tierMinimumUnits,
    meter.validFrom,
    meter.price,
    region,
  ].join("|");
}
