import { z } from "zod";
import { unitPrice } from "../money/unit-price.ts";
import { toInstant } from "../time/instant.ts";
import { CONTEXT_BANDS, MODALITIES, MODES, SCOPES, TOKEN_KINDS } from "../usage/price-key.ts";
import catalogueJson from "./catalogue.json" with { type: "json" };
import type { PriceBook } from "./price-book.ts";
import type { PriceRow } from "./price-row.ts";

/** The bundled catalogue's own format: dated prices grouped by meter; regions and sources are named once and referred to by index. */
export const catalogueSchema = z.object({
  currency: z.string(),
  sources: z.array(z.object({ name: z.string(), readAt: z.string() })),
  regionSets: z.array(z.array(z.string())),
  meters: z.array(
    z.object({
      product: z.string(),
      meter: z.string(),
      unit: z.string(),
      measure: z.enum(["token", "ptu_hour", "hosting_hour"]),
      model: z.string(),
      version: z.string(),
      tuning: z.enum(["base", "tuned", "developer"]),
      scope: z.enum(SCOPES),
      mode: z.enum(MODES),
      context: z.enum(CONTEXT_BANDS),
      kind: z.enum(TOKEN_KINDS),
      modality: z.enum(MODALITIES),
      /** Price per unit of measure, valid from, valid to, index of the regions, index of the source. */
      prices: z.array(z.tuple([z.string(), z.string(), z.string().nullable(), z.number(), z.number()])),
    }),
  ),
});
export type Catalogue = z.infer<typeof catalogueSchema>;

/** Units of one unit of measure: `1K` pays for 1,000 tokens, `1/Hour` for one hour. Undefined for a unit nobody knows. */
export function unitSizeOf(unitOfMeasure: string): bigint | undefined {
  switch (unitOfMeasure.trim().toLowerCase()) {
    case "1k":
      return 1_000n;
    case "1m":
      return 1_000_000n;
    case "1":
    case "1 hour":
    case "1/hour":
      return 1n;
    default:
      return undefined;
  }
}

let bundled: PriceBook | undefined;

/** The price book that ships with the product: list prices only, parsed once per process. */
export function loadBundledCatalogue(): PriceBook {
  bundled ??= {
    version: "bundled",
    currency: "USD",
    rows: rowsOfCatalogue(catalogueSchema.parse(catalogueJson)),
    negotiated: [],
  };
  return bundled;
}

/** The price rows of a catalogue. */
export function rowsOfCatalogue(catalogue: Catalogue): PriceRow[] {
  const regionSets = catalogue.regionSets.map((regions) => new Set(regions));
  return catalogue.meters.flatMap((meter) => {
    const size = unitSizeOf(meter.unit);
    if (size === undefined)
      throw new RangeError(`The catalogue has a meter with an unknown unit: ${meter.meter}, ${meter.unit}.`);
    return meter.prices.map(([price, from, to, regions, source]): PriceRow => {
      const shared = {
        model: meter.model,
        version: meter.version,
        tuning: meter.tuning,
        scope: meter.scope,
        regions: regionSets[regions] ?? "everywhere",
        price: unitPrice(price, size),
        validFrom: toInstant(from),
        validTo: to === null ? null : toInstant(to),
        productName: meter.product,
        meterName: meter.meter,
        meterId: null,
        unitOfMeasure: meter.unit,
        layer: "bundled",
        source: catalogue.sources[source]?.name ?? "",
        readAt: toInstant(catalogue.sources[source]?.readAt ?? from),
      } as const;
      return meter.measure === "token"
        ? {
            ...shared,
            measure: "token",
            mode: meter.mode,
            contextBand: meter.context,
            tokenKind: meter.kind,
            modality: meter.modality,
          }
        : { ...shared, measure: meter.measure };
    });
  });
}
