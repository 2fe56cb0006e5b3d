import { createHash } from "node:crypto";
import { z } from "zod";
import { unitPrice } from "../money/unit-price.ts";
import { type Instant, toInstant, toIso } from "../time/instant.ts";
import amendmentsJson from "./amendments.json" with { type: "json" };
import catalogueJson from "./catalogue.json" with { type: "json" };
import { type DatedMeters, priceRow, type UnreadMeter } from "./dated-meters.ts";
import { classifyMeter } from "./meter/classify-meter.ts";
import { implausibleRows } from "./plausibility.ts";
import type { PriceBook } from "./price-book.ts";
import type { PriceRow } from "./price-row.ts";
import type { RawPriceList } from "./raw-meter.ts";
import { unitSizeOf } from "./unit-of-measure.ts";

/**
 * The bundled catalogue's own format: dated prices grouped by meter. Sets of regions and sources are written once and
 * referred to by index; the key of each meter is read from its name when the catalogue is loaded.
 */
const catalogueSchema = z.object({
  currency: z.string(),
  sources: z.array(z.object({ name: z.string(), readAt: z.string() })),
  regionSets: z.array(z.array(z.string())),
  meters: z.array(
    z.object({
      product: z.string(),
      meter: z.string(),
      unit: z.string(),
      /** Price per unit of measure, valid from, valid to, index of the regions, index of the source. */
      prices: z.array(z.tuple([z.string(), z.string(), z.string().nullable(), z.number(), z.number()])),
    }),
  ),
  unread: z.array(z.object({ product: z.string(), meter: z.string(), unit: z.string(), reason: z.string() })),
});
export type Catalogue = z.infer<typeof catalogueSchema>;

/** Dated prices that the price list behind the catalogue does not have yet; a row names the meter that it goes on with. */
const amendmentsSchema = z.object({
  prices: z.array(
    z.object({
      product: z.string(),
      meter: z.string(),
      unit: z.string(),
      price: z.string(),
      from: z.string(),
      to: z.string().nullable().default(null),
      /** ARM regions; without them, those that the meter already has, else everywhere. */
      regions: z.array(z.string()).optional(),
      source: z.string(),
      readAt: z.string(),
    }),
  ),
});

let bundled: { readonly book: PriceBook; readonly unread: readonly UnreadMeter[] } | undefined;

/** The price book that ships with the product: list prices only, read once per process. */
export function loadBundledCatalogue(): PriceBook {
  return load().book;
}

/** The meters of the bundled catalogue that price nothing, and why. */
export function unreadBundledMeters(): readonly UnreadMeter[] {
  return load().unread;
}

function load(): { readonly book: PriceBook; readonly unread: readonly UnreadMeter[] } {
  if (bundled) return bundled;
  const catalogue = catalogueSchema.parse(catalogueJson);
  const amendments = amendmentsSchema.parse(amendmentsJson);
  const rows = withAmendments(rowsOfCatalogue(catalogue), amendments.prices);
  const implausible = new Map(implausibleRows(rows).map(({ row, reason }) => [row, reason]));
  const unread = catalogue.unread.map(({ product, meter, unit, reason }) => ({
    productName: product,
    meterName: meter,
    unitOfMeasure: unit,
    reason,
  }));
  const refused = [...implausible].map(([row, reason]) => ({ ...row, reason }));
  bundled = {
    book: {
      version: `bundled-${createHash("sha256")
        .update(JSON.stringify([catalogueJson, amendmentsJson.prices, amendmentsJson.reservations]))
        .digest("hex")
        .slice(0, 12)}`,
      currency: catalogue.currency,
      rows: rows.filter((row) => !implausible.has(row)),
      negotiated: [],
    },
    unread: [...unread, ...refused],
  };
  return bundled;
}

/** A price list as a catalogue, ready to be written to `catalogue.json`. */
export function catalogueOf(list: RawPriceList, dated: DatedMeters): Catalogue {
  const regionSets: string[][] = [];
  const indexOf = new Map<string, number>();
  const indexRegions = (regions: readonly string[]): number => {
    const id = regions.join(",");
    const known = indexOf.get(id);
    if (known !== undefined) return known;
    regionSets.push([...regions]);
    indexOf.set(id, regionSets.length - 1);
    return regionSets.length - 1;
  };
  const meters = dated.meters.map((meter) => ({
    product: meter.productName,
    meter: meter.meterName,
    unit: meter.unitOfMeasure,
    prices: meter.prices.map(
      ({ price, validFrom, validTo, regions }): Catalogue["meters"][number]["prices"][number] => [
        price,
        dayText(validFrom),
        validTo === null ? null : dayText(validTo),
        indexRegions(regions),
        0,
      ],
    ),
  }));
  const unread = dated.unread.map(({ productName, meterName, unitOfMeasure, reason }) => ({
    product: productName,
    meter: meterName,
    unit: unitOfMeasure,
    reason,
  }));
  const currency = list.meters[0]?.currency ?? "USD";
  return { currency, sources: [{ name: list.source, readAt: toIso(list.readAt) }], regionSets, meters, unread };
}

function rowsOfCatalogue(catalogue: Catalogue): PriceRow[] {
  const regionSets = catalogue.regionSets.map((regions) => new Set(regions.map((region) => region.toLowerCase())));
  return catalogue.meters.flatMap(({ product, meter, unit, prices }) =>
    prices.map(([price, from, to, regions, source]) =>
      bundledRow(
        { product, meter, unit, price, from, to, source: catalogue.sources[source]?.name ?? "" },
        toInstant(catalogue.sources[source]?.readAt ?? from),
        regionSets[regions] ?? new Set(),
      ),
    ),
  );
}

/** Appends the amendments; an earlier price of the same meter ends where an amendment begins. */
function withAmendments(
  rows: readonly PriceRow[],
  amendments: z.infer<typeof amendmentsSchema>["prices"],
): readonly PriceRow[] {
  let all = rows;
  for (const amendment of amendments) {
    const from = toInstant(amendment.from);
    const isSame = (row: PriceRow) => row.meterName === amendment.meter && row.productName === amendment.product;
    const regions = amendment.regions
      ? new Set(amendment.regions)
      : new Set(all.filter(isSame).flatMap((row) => (row.regions === "everywhere" ? [] : [...row.regions])));
    const added = bundledRow(amendment, toInstant(amendment.readAt), regions.size === 0 ? "everywhere" : regions);
    const endsNow = (row: PriceRow) =>
      isSame(row) && row.validFrom < from && (row.validTo === null || row.validTo > from);
    all = [...all.map((row) => (endsNow(row) ? { ...row, validTo: from } : row)), added];
  }
  return all;
}

type BundledPrice = {
  readonly product: string;
  readonly meter: string;
  readonly unit: string;
  readonly price: string;
  readonly from: string;
  readonly to: string | null;
  readonly source: string;
};

function bundledRow(bundledPrice: BundledPrice, readAt: Instant, regions: PriceRow["regions"]): PriceRow {
  const { product, meter, unit, price, from, to, source } = bundledPrice;
  const named = { productName: product, meterName: meter, unitOfMeasure: unit };
  const meaning = classifyMeter(named);
  const size = unitSizeOf(unit);
  if (meaning.status === "ambiguous" || size === undefined) {
    throw new RangeError(`The bundled catalogue holds a meter that prices nothing: ${product}, ${meter}, ${unit}.`);
  }
  return priceRow({ ...named, meaning }, unitPrice(price, size), {
    regions,
    validFrom: toInstant(from),
    validTo: to === null ? null : toInstant(to),
    meterId: null,
    layer: "bundled",
    source,
    readAt,
  });
}

/** Midnight as the bare day, any other instant in full. */
function dayText(at: Instant): string {
  return toIso(at).replace("T00:00:00.000Z", "");
}
