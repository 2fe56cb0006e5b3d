import { type Money, money } from "../money/money.ts";
import { comparePrices, costOf, type UnitPrice } from "../money/unit-price.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import type { PriceKey } from "../usage/price-key.ts";
import type { PriceBook } from "./price-book.ts";
import { coversRegion, type PriceRow, type TokenPriceRow } from "./price-row.ts";
import type { PriceLine } from "./priced-usage.ts";
import { isSovereign, resolveTokenPrice } from "./resolve-price.ts";

/** A token price that is another one on `to` than on `from`, for the regions that share the change. Null: no price on that day. */
export type PriceChange = {
  readonly key: Omit<PriceKey, "region">;
  readonly regions: readonly string[];
  readonly before: PriceLine | null;
  readonly after: PriceLine | null;
  /** The change in hundredths of a percent of the contracted price, rounded half away from zero; null where a side is missing. */
  readonly basisPoints: bigint | null;
};

/**
 * What changes between two days, by key: only keys with a row that begins or ends in between are asked. Regions with the same
 * rows have the same answer, so one of them is asked for all: an agreement on every meter moves every key of the book.
 */
export function diffPrices(book: PriceBook, from: Instant, to: Instant): readonly PriceChange[] {
  const known = lastAsked.get(book);
  if (known && known.from === from && known.to === to) return known.changes;
  const changes = changesBetween(book, from, to);
  lastAsked.set(book, { from, to, changes });
  return changes;
}

/** The last answer for a book: a page asks the same two days all day long. */
const lastAsked = new WeakMap<PriceBook, { from: Instant; to: Instant; changes: readonly PriceChange[] }>();

function changesBetween(book: PriceBook, from: Instant, to: Instant): PriceChange[] {
  const changes = new Map<string, PriceChange & { regions: string[] }>();
  for (const { row, regions } of movedKeys(book, from, to)) {
    const { version, scope, mode, contextBand, tokenKind, modality } = row;
    const model = row.tuning === "base" ? row.model : `${row.model}.ft-`;
    const key = { model, version, scope, mode, contextBand, tokenKind, modality };
    const region = regions[0] ?? "";
    const before = lineAt({ ...key, region }, from, book);
    const after = lineAt({ ...key, region }, to, book);
    if (!hasChanged(before, after)) continue;
    const id = JSON.stringify([Object.values(key), priceText(before), priceText(after)]);
    const known = changes.get(id);
    if (known) known.regions.push(...regions);
    else changes.set(id, { key, regions: [...regions], before, after, basisPoints: basisPointsOf(before, after) });
  }
  const sortText = ({ key }: PriceChange) => Object.values(key).join(" ");
  return [...changes.values()].toSorted((a, b) => (sortText(a) < sortText(b) ? -1 : 1));
}

/** The steps of one key's price: when each answer begins, and the line that answers (null for none or a range). */
export function priceHistory(
  key: PriceKey,
  book: PriceBook,
): { readonly from: Instant; readonly line: PriceLine | null }[] {
  const edges = new Set<Instant>();
  for (const row of book.rows) {
    if (row.measure !== "token" || !key.model.startsWith(row.model)) continue;
    edges.add(row.validFrom);
    if (row.validTo !== null) edges.add(row.validTo);
  }
  for (const agreement of book.negotiated) {
    edges.add(agreement.validFrom);
    if (agreement.validTo !== null) edges.add(agreement.validTo);
  }
  const steps = [...edges].toSorted((a, b) => a - b).map((from) => ({ from, line: lineAt(key, from, book) }));
  return steps.filter(({ line }, index) => {
    const previous = steps[index - 1]?.line ?? null;
    return index === 0 ? line !== null : hasChanged(previous, line);
  });
}

/** Tokens of one key and region in a month, as the ledger sums them. */
export type MonthlyVolume = { readonly key: PriceKey; readonly tokens: bigint };

/** What a change costs a month at today's volume: positive is dearer. */
export type PriceDrift = {
  readonly change: PriceChange;
  readonly region: string;
  readonly tokens: bigint;
  readonly monthly: Money;
};

/** The monthly effect of each change on the volume that it meets; changes that meet no volume are left out. */
export function priceDrift(changes: readonly PriceChange[], volumes: readonly MonthlyVolume[]): PriceDrift[] {
  const byKey = Map.groupBy(volumes, ({ key }) => placeText(key));
  return changes
    .flatMap((change) =>
      (byKey.get(placeText(change.key)) ?? []).flatMap(({ key, tokens }): PriceDrift[] => {
        const { before, after } = change;
        if (!before || !after || tokens === 0n || !isSameKey(change, key)) return [];
        const monthly = money(costOf(tokens, after.contractedUnitPrice) - costOf(tokens, before.contractedUnitPrice));
        return [{ change, region: key.region, tokens, monthly }];
      }),
    )
    .toSorted((a, b) => Number(magnitude(b.monthly) - magnitude(a.monthly)));
}

/** The parts of a key that a change and the volume that it meets always have in common. */
function placeText({ model, scope, mode, tokenKind, modality }: Omit<PriceKey, "region">): string {
  return [model, scope, mode, tokenKind, modality].join("|");
}

function isSameKey({ key, regions }: PriceChange, asked: PriceKey): boolean {
  return (
    (key.version === "" || key.version === asked.version) &&
    (key.contextBand === "any" || key.contextBand === asked.contextBand) &&
    regions.includes(asked.region)
  );
}

type MovedKey = { readonly row: TokenPriceRow; readonly regions: readonly string[] };

/** Every key that may have moved, once for all regions that have the same rows of its model and the same agreements. */
function movedKeys(book: PriceBook, from: Instant, to: Instant): MovedKey[] {
  const isInside = (at: Instant | null) => at !== null && at > from && at <= to;
  const agreed = book.negotiated.some(({ validFrom, validTo }) => isInside(validFrom) || isInside(validTo));
  const tokens = book.rows.filter((row): row is TokenPriceRow => row.measure === "token");
  const ownTerms = new Set(book.negotiated.flatMap(({ about }) => about.region ?? []));
  const moved: MovedKey[] = [];
  for (const rows of Map.groupBy(tokens, ({ model, tuning }) => `${model}|${tuning}`).values()) {
    const movedRows = rows.filter((row) => agreed || isInside(row.validFrom) || isInside(row.validTo));
    const likeness = new Map<string, string>();
    const likenessOf = (region: string): string => {
      const known = likeness.get(region);
      if (known !== undefined) return known;
      const covering = rows.flatMap((row, index) => (coversRegion(row, region) ? [index] : []));
      const text = `${ownTerms.has(region) ? region : ""}|${isSovereign(region)}|${covering.join()}`;
      likeness.set(region, text);
      return text;
    };
    for (const ofKey of Map.groupBy(movedRows, keyOf).values()) {
      const row = ofKey[0];
      const regions = [...new Set(ofKey.flatMap(regionsOf))];
      if (row) for (const alike of Map.groupBy(regions, likenessOf).values()) moved.push({ row, regions: alike });
    }
  }
  return moved;
}

function keyOf({ version, scope, mode, contextBand, tokenKind, modality }: TokenPriceRow): string {
  return [version, scope, mode, contextBand, tokenKind, modality].join("|");
}

function regionsOf(row: PriceRow): readonly string[] {
  return row.regions === "everywhere" ? [""] : [...row.regions];
}

function lineAt(key: PriceKey, at: Instant, book: PriceBook): PriceLine | null {
  const answer = resolveTokenPrice(key, toInstant(at), book);
  return answer.kind === "one" ? answer.line : null;
}

function hasChanged(before: PriceLine | null, after: PriceLine | null): boolean {
  if (!before || !after) return before !== after;
  return (
    comparePrices(before.contractedUnitPrice, after.contractedUnitPrice) !== 0 ||
    comparePrices(before.listUnitPrice, after.listUnitPrice) !== 0
  );
}

function basisPointsOf(before: PriceLine | null, after: PriceLine | null): bigint | null {
  if (!before || !after || before.contractedUnitPrice.numerator === 0n) return null;
  const [a, b] = [before.contractedUnitPrice, after.contractedUnitPrice];
  const numerator = (b.numerator * a.denominator - a.numerator * b.denominator) * 10_000n;
  const denominator = a.numerator * b.denominator;
  const rounded = (2n * magnitude(numerator) + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

function priceText(line: PriceLine | null): string | null {
  const text = ({ numerator, denominator }: UnitPrice) => `${numerator}/${denominator}`;
  return line && `${text(line.listUnitPrice)} ${text(line.contractedUnitPrice)}`;
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
