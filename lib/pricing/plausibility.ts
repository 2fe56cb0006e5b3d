import { comparePrices, type UnitPrice } from "../money/unit-price.ts";
import type { PriceRow, TokenPriceRow } from "./price-row.ts";

/** A price row that cannot be right, and why. */
export type ImplausibleRow = { readonly row: PriceRow; readonly reason: string };

/** How far a price may lie from the middle price of its model and kind: 1K read as 1M is a factor of a thousand. */
const FAR = 50n;

/**
 * Rows whose price cannot be right: a cached price above the input price of the same key, or a price that differs by more
 * than a factor of fifty from the middle price of its model, kind and modality, or from every output (input) price of its own
 * key, as when 1K and 1M are mixed up.
 */
export function implausibleRows(rows: readonly PriceRow[]): ImplausibleRow[] {
  const tokens = rows.filter((row): row is TokenPriceRow => row.measure === "token");
  const middles = middlePrices(tokens);
  const [inputs, outputs] = [byKey(tokens, "input"), byKey(tokens, "output")];
  return tokens.flatMap((row): ImplausibleRow[] => {
    const middle = middles.get(family(row));
    if (middle && isFar(row.price, middle)) {
      return [
        { row, reason: "the price is far from every other price of this model and kind: is it per 1K or per 1M?" },
      ];
    }
    const others = row.tokenKind === "input" ? outputs : row.tokenKind === "output" ? inputs : undefined;
    const opposite = (others?.get(keyWithoutKind(row)) ?? []).filter((other) => overlaps(other, row));
    if (opposite.length > 0 && opposite.every((other) => isFar(row.price, other.price))) {
      return [{ row, reason: "input and output of this model are far apart: is one of them per 1K or per 1M?" }];
    }
    const siblings = row.tokenKind === "cached_input" ? (inputs.get(keyWithoutKind(row)) ?? []) : [];
    const near = siblings.filter((input) => overlaps(input, row));
    return near.length > 0 && near.every((input) => comparePrices(row.price, input.price) > 0)
      ? [{ row, reason: "the cached price is above the input price" }]
      : [];
  });
}

function byKey(rows: readonly TokenPriceRow[], kind: TokenPriceRow["tokenKind"]): Map<string, TokenPriceRow[]> {
  return Map.groupBy(
    rows.filter((row) => row.tokenKind === kind),
    keyWithoutKind,
  );
}

/** Whether two prices differ by more than a factor of fifty. */
export function isFar(a: UnitPrice, b: UnitPrice): boolean {
  const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
  return left > right * FAR || right > left * FAR;
}

function middlePrices(rows: readonly TokenPriceRow[]): ReadonlyMap<string, UnitPrice> {
  const groups = new Map<string, UnitPrice[]>();
  for (const row of rows) {
    const id = family(row);
    if (!groups.get(id)?.push(row.price)) groups.set(id, [row.price]);
  }
  return new Map(
    [...groups].flatMap(([id, prices]) => {
      const middle = prices.toSorted(comparePrices)[Math.floor(prices.length / 2)];
      return middle ? [[id, middle] as const] : [];
    }),
  );
}

function family(row: TokenPriceRow): string {
  return `${row.model}|${row.tuning}|${row.tokenKind}|${row.modality}`;
}

function keyWithoutKind(row: TokenPriceRow): string {
  return `${row.model}|${row.version}|${row.tuning}|${row.scope}|${row.mode}|${row.contextBand}|${row.modality}`;
}

function overlaps(a: PriceRow, b: PriceRow): boolean {
  const sharesTime = (a.validTo === null || a.validTo > b.validFrom) && (b.validTo === null || b.validTo > a.validFrom);
  if (!sharesTime) return false;
  if (a.regions === "everywhere" || b.regions === "everywhere") return true;
  const others = b.regions;
  return [...a.regions].some((region) => others.has(region));
}
