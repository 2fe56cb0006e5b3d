import { type CostMark, costMark } from "../format/format-money.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";

type Doubtful = Pick<ChargeSum, "unpricedTokens" | "contractedCost" | "contractedCostUpper" | "contractedCostAtMost">;

/** The mark of the cost of rows together: what has no price makes it more, what stands at its dearest may be less. */
export function markOf(rows: readonly Doubtful[]): CostMark | undefined {
  return costMark({
    mayBeMore: rows.some((row) => row.unpricedTokens > 0n || row.contractedCostUpper > row.contractedCost),
    mayBeLess: rows.some((row) => row.contractedCostAtMost > 0n),
  });
}
