import type { UnitPrice } from "../money/unit-price.ts";
import type { Instant } from "../time/instant.ts";
import type { ContextBand, Modality, Mode, Scope, TokenKind } from "../usage/price-key.ts";
import type { MeterCategory } from "./meter/classify-meter.ts";
import type { PriceLayer } from "./priced-usage.ts";

/** Whether a price is for the base model or for a fine-tuned one (`developer`: the developer tier, which has no hosting fee). */
export type Tuning = "base" | "tuned" | "developer";

/**
 * What every dated price says, whatever it measures. `regions` are ARM region names; `version` is empty for an undated meter;
 * `readAt` is when the source was read, so a row of a later reading may know of changes that this one cannot.
 */
type DatedPrice = {
  readonly model: string;
  readonly version: string;
  readonly tuning: Tuning;
  readonly scope: Scope;
  readonly regions: ReadonlySet<string> | "everywhere";
  readonly price: UnitPrice;
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
  readonly productName: string;
  readonly meterName: string;
  readonly meterId: string | null;
  readonly unitOfMeasure: string;
  readonly layer: Exclude<PriceLayer, "negotiated" | "reservation">;
  readonly source: string;
  readonly readAt: Instant;
};

/** The price of one token under a complete key. */
export type TokenPriceRow = DatedPrice & {
  readonly measure: "token";
  readonly mode: Mode;
  readonly contextBand: ContextBand;
  readonly tokenKind: TokenKind;
  readonly modality: Modality;
};

/** The price of one hour: of a provisioned throughput unit (`model` is empty), or of a fine-tuned deployment. */
export type HourPriceRow = DatedPrice & { readonly measure: "ptu_hour" | "hosting_hour" };

/** The price of anything else that Azure sells beside tokens: an image, a session, a GB-day, an hour of training. */
export type UnitPriceRow = DatedPrice & { readonly measure: "unit"; readonly category: MeterCategory };

/** One dated list price of the price book, at one scope, for the regions that share it. */
export type PriceRow = TokenPriceRow | HourPriceRow | UnitPriceRow;

/** Whether a row is the price of a region. */
export function coversRegion(row: PriceRow, region: string): boolean {
  return row.regions === "everywhere" || row.regions.has(region);
}
