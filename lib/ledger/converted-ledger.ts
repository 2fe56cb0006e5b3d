import type { RatePair } from "../money/exchange-rates.ts";
import { UTC } from "../time/zone.ts";
import type { ChargeQuery, ChargeSum } from "./charge-query.ts";
import type { LedgerReads } from "./ledger.ts";
import { monthProgress } from "./month-progress.ts";
import { beforeRates } from "./rate-stretches.ts";

/**
 * The same ledger with its sums in another currency: each charge is stated by the rate of its UTC day and rounded once, so a
 * total is the sum of its parts and of its receipt. Receipts stay in the currency of the charges: their lines are prices of
 * the price book. Throws a RangeError for a period that begins before the first rate and holds charges there.
 */
export function convertedLedger(ledger: LedgerReads, pair: RatePair): LedgerReads {
  async function sumCharges(query: ChargeQuery): Promise<ChargeSum[]> {
    const before = beforeRates(query.period, pair);
    const [unrated, rated] = await Promise.all([
      before ? ledger.sumCharges({ ...query, period: before, grain: "total", groupBy: [] }) : [],
      ledger.sumCharges({ ...query, rates: pair }),
    ]);
    if (unrated.some(({ charges }) => charges > 0n)) {
      throw new RangeError(`There are charges before the first rate from ${pair.from} to ${pair.to}.`);
    }
    return rated;
  }

  return {
    ...ledger,
    sumCharges,
    listValues: async ({ dimension, ...query }) => {
      const sums = await sumCharges({ ...query, zone: UTC, grain: "total", groupBy: [dimension], filter: {} });
      return sums.map((row) => ({
        value: row.keys[dimension] ?? "",
        contractedCost: row.contractedCost,
        tokens: row.inputTokens + row.cachedInputTokens + row.cacheWriteTokens + row.outputTokens,
      }));
    },
    monthProgress: (query) => monthProgress(sumCharges, query),
  };
}
