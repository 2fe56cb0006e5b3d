/** An amount in whole picodollars: 10⁻¹² of the currency that the catalogue or billing account names. */
export type Money = bigint & { readonly __brand: "Money" };

const PICO = 1_000_000_000_000n;

export const ZERO = 0n as Money;

/** Brands a bigint that counts picodollars. */
export function money(pico: bigint): Money {
  return pico as Money;
}

/** The sum of amounts; zero for none. */
export function sum(amounts: Iterable<Money>): Money {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total as Money;
}

/**
 * Reads a plain decimal such as `1234.56` as an amount.
 * Throws a RangeError for anything else and for more than twelve decimals.
 */
export function parseMoney(text: string): Money {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text.trim());
  if (!match) throw new RangeError(`Not an amount: ${JSON.stringify(text)}. Write a plain decimal such as 1234.56.`);
  const pico = BigInt(match[2] ?? "0") * PICO + BigInt((match[3] ?? "").padEnd(12, "0"));
  return (match[1] ? -pico : pico) as Money;
}

/** The exact decimal text of an amount without trailing zeros, as `0.0072402`. */
export function toDecimal(amount: Money): string {
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % PICO).toString().padStart(12, "0").replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${magnitude / PICO}${fraction ? `.${fraction}` : ""}`;
}

/** A quotient of integers, rounded once, half away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError("The denominator must be positive.");
  const magnitude = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * magnitude + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/**
 * Splits `total` by non-negative `weights`, giving leftover units to the largest remainders (ties: the earlier one);
 * the parts sum to `total`. Without any weight the split is even.
 */
export function allocate(total: Money, weights: readonly bigint[]): Money[] {
  return allocateUnits(total, weights) as Money[];
}

/** `allocate` for any integer quantity, such as tokens. */
export function allocateUnits(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.length === 0) {
    if (total !== 0n) throw new RangeError("Cannot allocate an amount over nobody.");
    return [];
  }
  if (weights.some((weight) => weight < 0n)) throw new RangeError("A weight must not be negative.");
  const weightSum = weights.reduce((a, b) => a + b, 0n);
  if (weightSum === 0n)
    return allocateUnits(
      total,
      weights.map(() => 1n),
    );
  const sign = total < 0n ? -1n : 1n;
  const magnitude = total * sign;
  const parts = weights.map((weight, index) => ({
    index,
    units: (magnitude * weight) / weightSum,
    remainder: (magnitude * weight) % weightSum,
  }));
  const left = magnitude - parts.reduce((a, part) => a + part.units, 0n);
  const byRemainder = parts.toSorted((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  );
  const lucky = new Set(byRemainder.slice(0, Number(left)).map((part) => part.index));
  return parts.map((part) => sign * (part.units + (lucky.has(part.index) ? 1n : 0n)));
}

/** Whether `spent` is at or over `percent` of `amount`; compares products, so nothing is rounded. */
export function hasReached(spent: Money, amount: Money, percent: bigint): boolean {
  return spent * 100n >= amount * percent;
}
