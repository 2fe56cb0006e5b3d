import type { Instant, Period } from "../time/instant.ts";
import type { PriceKey } from "../usage/price-key.ts";
import { readModelName } from "./model-name.ts";
import type { PriceBook } from "./price-book.ts";
import type { PriceLine } from "./priced-usage.ts";
import {
  type HourKey,
  hourPriceChanges,
  type Resolution,
  resolveHourPrice,
  resolveTokenPrice,
  tokenPriceChanges,
  type UnknownPart,
  type UnpricedReason,
} from "./resolve-price.ts";
import { type StatedEnd, statedEnd } from "./stated-end.ts";

/** By which prices charges stand, whatever their quantity: what `Pricing` is without its amounts. */
export type PriceTerms =
  | { readonly pricing: "priced"; readonly line: PriceLine }
  | {
      readonly pricing: "range";
      readonly lower: PriceLine;
      readonly upper: PriceLine;
      readonly unknownPart: UnknownPart;
      readonly stated: StatedEnd;
    }
  | { readonly pricing: "unpriced"; readonly reason: UnpricedReason };

/**
 * A key of stored charges in a period and the terms that they stand by. `part` is "usage" for tokens, else a part of capacity
 * ("used", "idle", "unused"). `within` runs from its first quarter hour to the end of its last one.
 */
export type StandingKey = {
  readonly id: number;
  readonly part: string;
  readonly key: PriceKey;
  readonly source: string;
  readonly terms: PriceTerms | { readonly pricing: "included" };
  /** The meter that priced it; tells hosting from provisioned units. */
  readonly meter: string;
  readonly within: Period;
};

/** What the charges of one key in a stretch of time are to be priced by. */
export type KeyRepricing = {
  readonly keyId: number;
  readonly within: Period;
  readonly terms: PriceTerms;
  /** How many of its units one price pays for: 1 for tokens, 60 for minutes of capacity at a price per hour. */
  readonly per: 1n | 60n;
};

/**
 * What a price book changes in standing charges, each key once and not each charge: keys × stretches whose terms are others
 * than those that they stand by. Included tokens and the unused part of a reservation stand whatever the book says, and so
 * does everything inside a `closed` period.
 */
export function keyRepricings(
  keys: Iterable<StandingKey>,
  book: PriceBook,
  closed: readonly Period[] = [],
): KeyRepricing[] {
  const changes: KeyRepricing[] = [];
  for (const standing of keys) {
    if (standing.terms.pricing === "included" || standing.part === "unused" || isReserved(standing.terms)) continue;
    const asked = askerOf(standing, book);
    const per = standing.part === "usage" ? 1n : 60n;
    let last: KeyRepricing | undefined;
    for (const within of openStretches(standing.within, asked.changes, closed)) {
      const terms = termsOf(asked.at(within.start), standing.source);
      if (isSameTerms(terms, standing.terms)) {
        last = undefined;
        continue;
      }
      if (last && last.within.end === within.start && isSameTerms(last.terms, terms)) {
        changes.pop();
        last = { ...last, within: { start: last.within.start, end: within.end } };
      } else last = { keyId: standing.id, within, terms, per };
      changes.push(last);
    }
  }
  return changes;
}

/** What a reservation paid for stands whatever the price book says: its total was paid once. */
function isReserved(terms: StandingKey["terms"]): boolean {
  return terms.pricing === "priced" && terms.line.layer === "reservation";
}

/** Sources that never tell the cached part of a prompt. */
const UNSPLIT_SOURCES: ReadonlySet<string> = new Set(["metric", "request_response", "gateway"]);

type Asker = { readonly changes: readonly Instant[]; readonly at: (instant: Instant) => Resolution };

function askerOf({ key, part, source, terms, meter }: StandingKey, book: PriceBook): Asker {
  if (part === "usage") {
    const wasUnknown = terms.pricing === "range" && terms.unknownPart === "cachedShare";
    const isShareUnknown = key.tokenKind === "input" && (wasUnknown || UNSPLIT_SOURCES.has(source));
    return {
      changes: tokenPriceChanges(key, book, isShareUnknown),
      at: (instant) => resolveTokenPrice(key, instant, book, isShareUnknown),
    };
  }
  const { model, version, scope, region } = key;
  const isHosting = meter === "" ? readModelName(model, version).tuning === "tuned" : /hosting|hstn?g/i.test(meter);
  const hour: HourKey = { model, version, scope, region, measure: isHosting ? "hosting_hour" : "ptu_hour" };
  return { changes: hourPriceChanges(hour, book), at: (instant) => resolveHourPrice(hour, instant, book) };
}

/** A period cut where prices change, without what is closed. */
function openStretches(within: Period, changes: readonly Instant[], closed: readonly Period[]): Period[] {
  const edges = [...changes, ...closed.flatMap(({ start, end }) => [start, end])];
  const inside = edges.filter((at) => at > within.start && at < within.end);
  const cuts = [...new Set([within.start, ...inside, within.end])].toSorted((a, b) => a - b);
  return cuts
    .slice(1)
    .map((end, index): Period => ({ start: cuts[index] ?? within.start, end }))
    .filter(({ start }) => !closed.some((period) => start >= period.start && start < period.end));
}

function termsOf(resolution: Resolution, source: string): PriceTerms {
  switch (resolution.kind) {
    case "one":
      return { pricing: "priced", line: resolution.line };
    case "range": {
      const { lower, upper, unknownPart } = resolution;
      return { pricing: "range", lower, upper, unknownPart, stated: statedEnd(source, unknownPart) };
    }
    case "none":
      return { pricing: "unpriced", reason: resolution.reason };
  }
}

function isSameTerms(a: PriceTerms, b: StandingKey["terms"]): boolean {
  return a.pricing === b.pricing && textOf(a) === textOf(b);
}

/** Lines are compared by what they say, in whatever order their members stand. */
function textOf(terms: StandingKey["terms"]): string {
  switch (terms.pricing) {
    case "priced":
      return lineText(terms.line);
    case "range":
      return `${terms.unknownPart} ${lineText(terms.lower)} ${lineText(terms.upper)}`;
    case "unpriced":
      return terms.reason;
    case "included":
      return "";
  }
}

function lineText(line: PriceLine): string {
  const { listUnitPrice: list, contractedUnitPrice: contracted } = line;
  return JSON.stringify([
    line.meterName,
    line.meterId,
    line.unitOfMeasure,
    `${list.numerator}/${list.denominator}`,
    `${contracted.numerator}/${contracted.denominator}`,
    line.validFrom,
    line.validTo,
    line.layer,
    line.source,
  ]);
}
