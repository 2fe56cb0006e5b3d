import type { UnitPrice } from "../../money/unit-price.ts";
import type { Throughput } from "./throughput.ts";

/** One request of a mix: uncached input, cached input and output tokens. */
export type RequestMix = { readonly input: bigint; readonly cached: bigint; readonly output: bigint };

/** Prices of one token of each kind at pay-as-you-go. */
export type TokenPrices = { readonly input: UnitPrice; readonly cached: UnitPrice; readonly output: UnitPrice };

/** Hours of a reservation's month and year (pricing reference, section 5). */
export const HOURS_PER_MONTH = 730n;
export const HOURS_PER_YEAR = 8_760n;

/** What one fully used PTU-hour of a mix would cost at pay-as-you-go, exactly, in picodollars. */
export function payAsYouGoPerPtuHour(mix: RequestMix, prices: TokenPrices, throughput: Throughput): UnitPrice {
  const perRequest = add(
    add(times(prices.input, mix.input), times(prices.cached, mix.cached)),
    times(prices.output, mix.output),
  );
  const equivalent = mix.input + throughput.outputWeight * mix.output;
  return {
    numerator: perRequest.numerator * 60n * throughput.inputTokensPerMinute,
    denominator: perRequest.denominator * equivalent,
  };
}

/** The price of one PTU-hour when the PTU is paid for a whole term. */
export function perHourOfTerm(termPrice: UnitPrice, hours: bigint): UnitPrice {
  return { numerator: termPrice.numerator, denominator: termPrice.denominator * hours };
}

/**
 * The average use over the paid hours above which provisioned capacity is cheaper than pay-as-you-go, in tenths of a percent,
 * rounded half up: 1,000 is full use, more than that never pays.
 */
export function breakEvenPerMille(ptuHour: UnitPrice, payAsYouGo: UnitPrice): bigint {
  const numerator = ptuHour.numerator * payAsYouGo.denominator * 1_000n;
  const denominator = ptuHour.denominator * payAsYouGo.numerator;
  return (2n * numerator + denominator) / (2n * denominator);
}

function times(price: UnitPrice, units: bigint): UnitPrice {
  return { numerator: price.numerator * units, denominator: price.denominator };
}

function add(a: UnitPrice, b: UnitPrice): UnitPrice {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}
