import { allocateUnits, divideRounded, type Money, money, toDecimal } from "../money/money.ts";
import { groupThousands } from "./format-count.ts";

const PICO = 1_000_000_000_000n;
const SYMBOLS: Readonly<Record<string, string>> = { USD: "$", EUR: "€", GBP: "£", JPY: "¥" };
const SHORT_STEPS = [
  { units: 1_000_000_000n, suffix: "B" },
  { units: 1_000_000n, suffix: "M" },
  { units: 1_000n, suffix: "k" },
] as const;

/**
 * `$1,234.56`: an amount rounded half away from zero to `decimals`. A small amount that is not zero says on which side of zero
 * it lies and how near: `<$0.01` is between nothing and a cent, `>-$0.01` between a cent less and nothing.
 */
export function formatMoney(amount: Money, { currency = "USD", decimals = 2 } = {}): string {
  const scale = 10n ** BigInt(12 - decimals);
  const units = divideRounded(amount, scale);
  const least = `${symbol(currency)}${decimalText(1n, decimals)}`;
  if (units === 0n && amount !== 0n) return amount < 0n ? `>-${least}` : `<${least}`;
  return `${units < 0n ? "-" : ""}${symbol(currency)}${decimalText(units < 0n ? -units : units, decimals)}`;
}

/** `$1.2k` for axes and tiles that show the exact amount beside it. */
export function formatMoneyShort(amount: Money, currency = "USD"): string {
  const magnitude = amount < 0n ? -amount : amount;
  const sign = amount < 0n ? "-" : "";
  for (const { units, suffix } of SHORT_STEPS) {
    const tenths = divideRounded(magnitude * 10n, units * PICO);
    if (tenths >= 10n) return `${sign}${symbol(currency)}${decimalText(tenths, 1).replace(/\.0$/, "")}${suffix}`;
  }
  return formatMoney(amount, { currency, decimals: magnitude >= 100n * PICO || magnitude === 0n ? 0 : 2 });
}

/** Every digit of an amount, as `$0.0072402`. */
export function formatMoneyExact(amount: Money, currency = "USD"): string {
  const [whole = "0", fraction = ""] = toDecimal(amount < 0n ? money(-amount) : amount).split(".");
  return `${amount < 0n ? "-" : ""}${symbol(currency)}${groupThousands(whole)}.${fraction.padEnd(2, "0")}`;
}

/** `+$12.00`, `-$3.10`, `$0.00`: a difference with its sign, which stands at the amount: `<+$0.01`, `>-$0.01`. */
export function formatMoneyDifference(difference: Money, { currency = "USD", decimals = 2 } = {}): string {
  const text = formatMoney(difference, { currency, decimals });
  if (difference <= 0n) return text;
  return text.startsWith("<") ? `<+${text.slice(1)}` : `+${text}`;
}

/** What stands before an amount that is not sure: it may be more, less, or either. */
export type CostMark = "at least" | "at most" | "about";

/** The mark of an amount; undefined where it is sure. */
export function costMark({
  mayBeMore,
  mayBeLess,
}: {
  readonly mayBeMore: boolean;
  readonly mayBeLess: boolean;
}): CostMark | undefined {
  if (mayBeMore && mayBeLess) return "about";
  return mayBeMore ? "at least" : mayBeLess ? "at most" : undefined;
}

/** The mark and the amount as one text. */
export function withMark(mark: CostMark | undefined, text: string): string {
  return mark === undefined ? text : `${mark} ${text}`;
}

/**
 * What lies between two amounts that stand beside it, so that the three agree on screen: the difference of what is shown of
 * them, and of what they are only where both are shown alike.
 */
export function formatMoneyBetween(before: Money, after: Money, { currency = "USD", decimals = 2 } = {}): string {
  const scale = 10n ** BigInt(12 - decimals);
  const units = divideRounded(after, scale) - divideRounded(before, scale);
  const difference = units === 0n ? after - before : units * scale;
  // Two amounts that are shown alike may be nearly a whole unit apart.
  const least = units === 0n && divideRounded(difference, scale) !== 0n ? difference / 2n : difference;
  return formatMoneyDifference(money(least), { currency, decimals });
}

/** At least `$12.00` when a part has no price or only a range; the plain amount otherwise. */
export function formatMoneyAtLeast(amount: Money, isAtLeast: boolean, currency = "USD"): string {
  return isAtLeast ? `at least ${formatMoney(amount, { currency })}` : formatMoney(amount, { currency });
}

/**
 * The texts of rows that stand above their total: the rounded total is allocated over the rows by largest remainder,
 * so that what is on screen adds up. Amounts of both signs are rounded one by one, because they cannot be allocated.
 */
export function formatMoneyColumn(
  amounts: readonly Money[],
  { currency = "USD", decimals = 2 } = {},
): { readonly rows: readonly string[]; readonly total: string } {
  const total = amounts.reduce<bigint>((a, b) => a + b, 0n);
  const scale = 10n ** BigInt(12 - decimals);
  if (amounts.length === 0 || amounts.some((amount) => amount < 0n))
    return {
      rows: amounts.map((amount) => formatMoney(amount, { currency, decimals })),
      total: formatMoney(money(total), { currency, decimals }),
    };
  const units = allocateUnits(divideRounded(total, scale), amounts);
  return {
    rows: amounts.map((amount, index) => {
      const shown = money((units[index] ?? 0n) * scale);
      return formatMoney(shown === 0n && amount > 0n ? money(1n) : shown, { currency, decimals });
    }),
    total: formatMoney(money(total), { currency, decimals }),
  };
}

/** The sign of a currency before an amount: `$`, or the code and a space where there is no common sign. */
export function symbol(currency: string): string {
  return SYMBOLS[currency] ?? `${currency}\u00a0`;
}

function decimalText(units: bigint, decimals: number): string {
  if (decimals === 0) return groupThousands(units.toString());
  const text = units.toString().padStart(decimals + 1, "0");
  return `${groupThousands(text.slice(0, -decimals))}.${text.slice(-decimals)}`;
}
