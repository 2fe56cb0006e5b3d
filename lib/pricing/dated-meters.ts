import { type UnitPrice, unitPrice } from "../money/unit-price.ts";
import type { Instant } from "../time/instant.ts";
import { classifyMeter, type MeterClass } from "./meter/classify-meter.ts";
import { readRegion } from "./model-name.ts";
import type { PriceRow } from "./price-row.ts";
import type { RawMeter, RawPriceList } from "./raw-meter.ts";
import { unitSizeOf } from "./unit-of-measure.ts";

/** One price of a meter with its validity, for the regions that share it. */
export type DatedPrice = {
  readonly price: string;
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
  readonly regions: readonly string[];
  readonly meterId: string | null;
  /** The list that told it, where it is not the one that all stand in. */
  readonly source?: string;
};

/** A meter with everything that its list says about it, superseded and future prices included. */
export type DatedMeter = {
  readonly productName: string;
  readonly meterName: string;
  readonly unitOfMeasure: string;
  readonly unitSize: bigint;
  readonly meaning: Exclude<MeterClass, { status: "ambiguous" }>;
  readonly prices: readonly DatedPrice[];
};

/** A meter that is kept for people to see and prices nothing. */
export type UnreadMeter = {
  readonly productName: string;
  readonly meterName: string;
  readonly unitOfMeasure: string;
  readonly reason: string;
};

export type DatedMeters = { readonly meters: readonly DatedMeter[]; readonly unread: readonly UnreadMeter[] };

/**
 * Groups a raw price list by meter: each price ends, per region, where the next one of the same meter begins. Meters whose
 * name does not decide what they price, and rows that are no plain consumption price, are `unread` with the reason.
 */
export function datedMeters(list: RawPriceList): DatedMeters {
  const meters: DatedMeter[] = [];
  const unread: UnreadMeter[] = [];
  for (const rows of groupBy(
    list.meters,
    (meter) => `${meter.productName}|${meter.meterName}|${meter.unitOfMeasure}`,
  )) {
    const first = rows[0];
    if (!first) continue;
    const named = { productName: first.productName, meterName: first.meterName, unitOfMeasure: first.unitOfMeasure };
    const plain = rows.filter((row) => row.type === "Consumption" && row.tierMinimumUnits === 0);
    const meaning = classifyMeter(first);
    const unitSize = unitSizeOf(first.unitOfMeasure);
    if (plain.length === 0) unread.push({ ...named, reason: `only ${first.type} rows or higher tiers` });
    else if (meaning.status === "ambiguous") unread.push({ ...named, reason: meaning.reason });
    else if (unitSize === undefined) unread.push({ ...named, reason: `unknown unit ${first.unitOfMeasure}` });
    else if (meaning.category === "token" && plain.some((row) => Number(row.price) === 0)) {
      unread.push({ ...named, reason: "a token price of zero is a missing price" });
    } else meters.push({ ...named, unitSize, meaning, prices: pricesOf(plain) });
  }
  return { meters, unread };
}

/** The price rows of dated meters: tokens under their key, hours of capacity, and every other unit that Azure sells. */
export function priceRowsOf(
  meters: readonly DatedMeter[],
  origin: { readonly layer: "synced" | "bundled"; readonly source: string; readonly readAt: Instant },
): PriceRow[] {
  const regionSets = new Map<string, ReadonlySet<string>>();
  const shared = (regions: readonly string[]) => {
    const id = regions.join(",");
    const known = regionSets.get(id) ?? new Set(regions.map(readRegion));
    regionSets.set(id, known);
    return known;
  };
  return meters.flatMap((meter) =>
    meter.prices.map((dated) =>
      priceRow(meter, unitPrice(dated.price, meter.unitSize), { ...origin, ...dated, regions: shared(dated.regions) }),
    ),
  );
}

type Dated = Pick<PriceRow, "regions" | "validFrom" | "validTo" | "meterId" | "layer" | "source" | "readAt">;

/** One price row of a classified meter. */
export function priceRow(
  meter: Pick<DatedMeter, "productName" | "meterName" | "unitOfMeasure" | "meaning">,
  price: UnitPrice,
  dated: Dated,
): PriceRow {
  const { meaning } = meter;
  const common = {
    model: meaning.model ?? "",
    version: meaning.version ?? "",
    tuning: meaning.tuning,
    scope: meaning.scope ?? "Global",
    price,
    regions: dated.regions,
    validFrom: dated.validFrom,
    validTo: dated.validTo,
    meterId: dated.meterId,
    layer: dated.layer,
    source: dated.source,
    readAt: dated.readAt,
    productName: meter.productName,
    meterName: meter.meterName,
    unitOfMeasure: meter.unitOfMeasure,
  } as const;
  if (meaning.category === "token") {
    return {
      ...common,
      measure: "token",
      mode: meaning.mode,
      contextBand: meaning.context,
      tokenKind: meaning.kind,
      modality: meaning.modality,
    };
  }
  if (meaning.category === "ptu" && !meaning.isLegacy) return { ...common, measure: "ptu_hour" };
  if (meaning.category === "finetune_hosting") return { ...common, measure: "hosting_hour" };
  return { ...common, measure: "unit", category: meaning.category };
}

function pricesOf(rows: readonly RawMeter[]): DatedPrice[] {
  const ended = rows
    .flatMap((row) => row.regions.map((region) => ({ row, region })))
    .map(({ row, region }, _, all) => {
      const next = all
        .filter((other) => other.region === region && other.row.validFrom > row.validFrom)
        .reduce<Instant | null>(
          (earliest, { row: { validFrom } }) => (earliest === null || validFrom < earliest ? validFrom : earliest),
          null,
        );
      const validTo = row.validTo === null ? next : next === null || row.validTo < next ? row.validTo : next;
      return { price: row.price, validFrom: row.validFrom, validTo, region, meterId: row.meterId, source: row.source };
    });
  return groupBy(ended, (one) => `${one.price}|${one.validFrom}|${one.validTo}|${one.meterId}`)
    .map((group) => {
      const regions = [...new Set(group.map(({ region }) => region))].toSorted();
      const { price, validFrom, validTo, meterId } = group[0] ?? {
        price: "0",
        validFrom: 0 as Instant,
        validTo: null,
        meterId: null,
      };
      const [source] = group.flatMap((one) => one.source ?? []).toSorted();
      return { price, validFrom, validTo, regions, meterId, ...(source === undefined ? {} : { source }) };
    })
    .toSorted((a, b) => a.validFrom - b.validFrom || Number(a.price) - Number(b.price));
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const id = key(item);
    if (!groups.get(id)?.push(item)) groups.set(id, [item]);
  }
  return [...groups.values()];
}
