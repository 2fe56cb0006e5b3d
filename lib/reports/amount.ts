import { formatCount, formatCountShort } from "../format/format-count.ts";
import { formatMoney, formatMoneyExact } from "../format/format-money.ts";
import { formatLatency } from "../format/format-time.ts";
import type { Money } from "../money/money.ts";

/** A number as it is shown, exactly as an integer (picodollars or a count), and with every digit for people. */
export type Amount = { readonly shown: string; readonly exact: string; readonly full: string };

/** An amount of money for a page. */
export function amountOf(amount: Money, currency: string): Amount {
  return {
    shown: formatMoney(amount, { currency }),
    exact: amount.toString(),
    full: formatMoneyExact(amount, currency),
  };
}

/** A count in full. */
export function countOf(count: bigint): Amount {
  return { shown: formatCount(count), exact: count.toString(), full: formatCount(count) };
}

/** A count in three significant digits, with every digit beside it. */
export function shortCountOf(count: bigint): Amount {
  return { shown: formatCountShort(count), exact: count.toString(), full: formatCount(count) };
}

/** A latency as it is shown, and in whole milliseconds; no digits where nothing was measured. */
export function latencyOf(ms: number | null): Pick<Amount, "shown" | "exact"> {
  return { shown: formatLatency(ms), exact: ms === null ? "" : String(Math.round(ms)) };
}
