import { formatShare } from "../format/format-count.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import { type Money, ZERO } from "../money/money.ts";
import type { Cell } from "./table-model.ts";

/**
 * The cost of one row of a table and its share of `total`. Where nothing behind it has a price both are unknown, not zero; where a
 * part has none the cost is "at least". `text` is the cost as its column formats it.
 */
export function costCells({
  own,
  cost,
  total,
  text,
  receipt,
}: {
  readonly own: readonly ChargeSum[];
  readonly cost: Money;
  readonly total: Money;
  readonly text: string;
  readonly receipt: string;
}): { readonly cost: Cell; readonly share: Cell; readonly isUnknown: boolean } {
  const isUnpriced = own.some((row) => row.unpricedTokens > 0n);
  const isUnknown = isUnpriced && cost === ZERO;
  return {
    isUnknown,
    cost: {
      text: isUnknown ? "unknown" : text,
      exact: cost.toString(),
      sort: Number(cost),
      receipt,
      ...(isUnpriced ? { note: isUnknown ? "no price" : "at least" } : {}),
    },
    share: isUnknown
      ? { text: "unknown", sort: 0 }
      : { text: formatShare(cost, total), sort: Number(cost), share: total > 0n ? Number(cost) / Number(total) : 0 },
  };
}
