import { divideRounded, type Money, money } from "../../money/money.ts";

/** A decimal as cost exports write it: sign, fraction of any length, exponent. Undefined for anything else. */
export function readDecimal(text: string): { readonly numerator: bigint; readonly denominator: bigint } | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  const digits = `${match?.[2] ?? ""}${match?.[3] ?? ""}`;
  if (!match || digits === "") return undefined;
  const exponent = Number(match[4] ?? 0) - (match[3] ?? "").length;
  const sign = match[1] === "-" ? -1n : 1n;
  const numerator = sign * BigInt(digits);
  return exponent >= 0
    ? { numerator: numerator * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator, denominator: 10n ** BigInt(-exponent) };
}

/** An amount of an invoice, rounded to a picodollar; undefined when the text is none. */
export function readAmount(text: string): Money | undefined {
  const decimal = readDecimal(text);
  return decimal && money(divideRounded(decimal.numerator * 10n ** 12n, decimal.denominator));
}

/** A quantity times the units that one of it stands for, in millionths of a unit. */
export function readMicroUnits(text: string, unitSize: bigint): bigint | undefined {
  const decimal = readDecimal(text);
  return decimal && divideRounded(decimal.numerator * unitSize * 1_000_000n, decimal.denominator);
}
