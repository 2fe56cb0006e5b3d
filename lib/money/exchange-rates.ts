import { divideRounded, type Money, money } from "./money.ts";

/** How many units of another currency one unit of a currency is, from a UTC day (`2026-11-01`) until the next rate. */
export type DatedRate = {
  readonly day: string;
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** The decimal text as somebody wrote it. */
  readonly text: string;
  readonly source: string;
};

/** Every dated rate from one currency to another, by day. */
export type RatePair = { readonly from: string; readonly to: string; readonly rates: readonly DatedRate[] };

/** In which currency totals are stated: that of the price book, or another by dated rates. */
export type Reporting = {
  /** The currency of every charge. */
  readonly book: string;
  readonly currency: string;
  /** Null where totals are stated as they are charged. */
  readonly pair: RatePair | null;
  /** Why the currency that somebody wanted is not used. */
  readonly note: string | null;
};

/** An amount in the other currency, rounded once to its smallest unit. */
export function convert(amount: Money, rate: Pick<DatedRate, "numerator" | "denominator">): Money {
  return money(divideRounded(amount * rate.numerator, rate.denominator));
}

/**
 * The currency that totals are stated in: the wanted one where its dated rates begin before the oldest charge (`oldestDay`,
 * null while nothing was charged), else the price book's with the reason. A total is never half converted.
 */
export function reportingIn(
  wanted: string | null,
  book: string,
  pairs: readonly RatePair[],
  oldestDay: string | null,
): Reporting {
  if (wanted === null || wanted === book) return { book, currency: book, pair: null, note: null };
  const pair = pairs.find(({ from, to }) => from === book && to === wanted);
  const asCharged = (note: string): Reporting => ({ book, currency: book, pair: null, note });
  const first = pair?.rates[0];
  if (!pair || !first) {
    return asCharged(`Totals are in ${book}: exchange-rates.csv has no rate from ${book} to ${wanted}.`);
  }
  if (oldestDay !== null && first.day > oldestDay) {
    return asCharged(
      `Totals are in ${book}: the first rate to ${wanted} is of ${first.day}, and there are charges from ${oldestDay}.`,
    );
  }
  return { book, currency: wanted, pair, note: null };
}
