import { formatMoney, formatMoneyExact } from "../format/format-money.ts";
import { comparePrices, costOf, priceDecimal, type UnitPrice } from "../money/unit-price.ts";
import type { PriceLine } from "../pricing/priced-usage.ts";
import type { UnpricedReason } from "../pricing/resolve-price.ts";
import type { Cell } from "./table-model.ts";

const PER_MILLION = 1_000_000n;
const MOST_DECIMALS = 6;

/** `$2.50`: the price of `units` units in as many decimals as it has, two at least and six at most. */
export function unitPriceText(price: UnitPrice, currency: string, units = PER_MILLION): string {
  const decimals = priceDecimal(price, units).split(".")[1]?.length ?? 0;
  return formatMoney(costOf(units, price), { currency, decimals: Math.min(MOST_DECIMALS, Math.max(2, decimals)) });
}

/** A unit price in a table: shown per `units`, exact in picodollars per `units`. */
export function unitPriceCell(price: UnitPrice, currency: string, units = PER_MILLION): Cell {
  const exact = costOf(units, price);
  return {
    text: unitPriceText(price, currency, units),
    sort: Number(exact),
    exact: exact.toString(),
    title: formatMoneyExact(exact, currency),
  };
}

/** A price that may be a range: `$2.00` or `$2.00–4.00`. Null where there is none. */
export function priceRangeText(lower: UnitPrice, upper: UnitPrice, currency: string): string {
  const low = unitPriceText(lower, currency);
  if (comparePrices(lower, upper) === 0) return low;
  return `${low}–${unitPriceText(upper, currency).replace(/^[^\d<]+/, "")}`;
}

/** How many units a price line is written for: a million tokens, or one hour. */
export function unitsOf(line: Pick<PriceLine, "unitOfMeasure">): bigint {
  return /hour/i.test(line.unitOfMeasure) ? 1n : PER_MILLION;
}

/** Why something has no price, in words. */
export const UNPRICED_WORDS: Readonly<Record<UnpricedReason, string>> = {
  "unknown-model": "the price book has no such model",
  "no-price-in-period": "no price on that day",
  "ambiguous-version": "the version is not told and versions differ in price",
  "no-meter": "no meter for this version, scope and region",
};

/** What the sources do not tell about a range, in words. */
export const UNKNOWN_PART_WORDS: Readonly<Record<string, string>> = {
  scope: "the deployment scope is not told",
  mode: "batch or standard is not told",
  contextBand: "short or long context is not told",
  modality: "text, audio or image is not told",
  version: "the version is not told",
  region: "the region is not told",
  cachedShare: "the cached share is not told",
};
