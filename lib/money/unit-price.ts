import { divideRounded, type Money } from "./money.ts";

/** An exact price in picodollars per unit (a token, a PTU-hour), as a ratio, because a discounted price may not be whole. */
export type UnitPrice = { readonly numerator: bigint; readonly denominator: bigint };

/** A decimal text and the number of units that it pays for (1,000,000 for "per 1M"), as an exact price per unit. */
export function unitPrice(decimal: string, unitSize: bigint): UnitPrice {
  const match = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(decimal.trim());
  if (!match) throw new RangeError(`Not a price: ${JSON.stringify(decimal)}. Write a plain decimal such as 0.15.`);
  const fraction = match[2] ?? "";
  const exponent = 12 + Number(match[3] ?? 0) - fraction.length;
  const digits = BigInt((match[1] ?? "") + fraction);
  return exponent >= 0
    ? reduced(digits * 10n ** BigInt(exponent), unitSize)
    : reduced(digits, unitSize * 10n ** BigInt(-exponent));
}

/** The price after `discountPercent` (a decimal text such as `8.63`) is taken off, exactly. */
export function discounted(price: UnitPrice, discountPercent: string): UnitPrice {
  const off = unitPrice(discountPercent, 1n);
  const hundred = 100n * 10n ** 12n * off.denominator;
  return reduced(price.numerator * (hundred - off.numerator), price.denominator * hundred);
}

/** Units × price, rounded once to a picodollar, half away from zero: the only rounding of a charge line. */
export function costOf(units: bigint, price: UnitPrice): Money {
  return divideRounded(units * price.numerator, price.denominator) as Money;
}

/** -1, 0 or 1 as `a` is below, equal to or above `b`. */
export function comparePrices(a: UnitPrice, b: UnitPrice): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The decimal text of the price of `unitSize` units: exact when it is finite, else to twenty digits. */
export function priceDecimal(price: UnitPrice, unitSize: bigint): string {
  const scale = 32n;
  const scaled = divideRounded(price.numerator * unitSize * 10n ** (scale - 12n), price.denominator);
  const whole = scaled / 10n ** scale;
  const fraction = (scaled % 10n ** scale).toString().padStart(Number(scale), "0").slice(0, 20).replace(/0+$/, "");
  return fraction ? `${whole}.${fraction}` : `${whole}`;
}

function reduced(numerator: bigint, denominator: bigint): UnitPrice {
  if (denominator <= 0n || numerator < 0n) throw new RangeError("A price must not be negative.");
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
