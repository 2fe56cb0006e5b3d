import { convert, type DatedRate, type RatePair } from "../money/exchange-rates.ts";
import { type Money, money } from "../money/money.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import type { ChargeQuery, ChargeSum } from "./charge-query.ts";
import type { LedgerReads } from "./ledger.ts";
import { monthProgress } from "./month-progress.ts";

/** A stretch of a period and the rate that holds in it. */
export type RateStretch = { readonly period: Period; readonly rate: DatedRate };

/**
 * The same ledger with its sums in another currency. A period is cut at the UTC midnights at which the rate changes, and the
 * sum of each stretch is converted by its rate, rounded once. Receipts stay in the currency of the charges: their lines are
 * prices of the price book. Throws a RangeError for a period that begins before the first rate and holds charges there.
 */
export function convertedLedger(ledger: LedgerReads, pair: RatePair): LedgerReads {
  async function sumCharges(query: ChargeQuery): Promise<ChargeSum[]> {
    const before = beforeRates(query.period, pair);
    const [unrated, ...rated] = await Promise.all([
      before ? ledger.sumCharges({ ...query, period: before, grain: "total", groupBy: [] }) : [],
      ...rateStretches(query.period, pair).map(async ({ period, rate }) =>
        (await ledger.sumCharges({ ...query, period })).map((row) => convertedSum(row, rate)),
      ),
    ]);
    if ((unrated ?? []).some(({ charges }) => charges > 0n)) {
      throw new RangeError(`There are charges before the first rate from ${pair.from} to ${pair.to}.`);
    }
    return merged(rated.flat(), query);
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

/** A period cut where the rate changes; what lies before the first rate is left out. */
export function rateStretches(within: Period, { rates }: RatePair): RateStretch[] {
  return rates.flatMap((rate, index): RateStretch[] => {
    const next = rates[index + 1];
    const start = Math.max(within.start, midnight(rate.day));
    const end = next ? Math.min(within.end, midnight(next.day)) : within.end;
    return start < end ? [{ period: { start: toInstant(start), end: toInstant(end) }, rate }] : [];
  });
}

function beforeRates(within: Period, { rates }: RatePair): Period | null {
  const first = rates[0];
  const end = first ? Math.min(within.end, midnight(first.day)) : within.end;
  return within.start < end ? { start: within.start, end: toInstant(end) } : null;
}

function midnight(day: string): Instant {
  return toInstant(`${day}T00:00:00Z`);
}

function convertedSum(row: ChargeSum, rate: DatedRate): ChargeSum {
  return {
    ...row,
    listCost: convert(row.listCost, rate),
    contractedCost: convert(row.contractedCost, rate),
    contractedCostUpper: convert(row.contractedCostUpper, rate),
    contractedCostAtMost: convert(row.contractedCostAtMost, rate),
  };
}

/** Rows of one bucket and key as one, in the order that the ledger promises: by bucket, dearest first. */
function merged(rows: readonly ChargeSum[], { groupBy }: ChargeQuery): ChargeSum[] {
  const known = new Map<string, ChargeSum>();
  for (const row of rows) {
    const id = JSON.stringify([row.bucket, ...groupBy.map((dimension) => row.keys[dimension] ?? "")]);
    const other = known.get(id);
    known.set(id, other ? added(other, row) : row);
  }
  return [...known.entries()]
    .toSorted(([idA, a], [idB, b]) => {
      const [x, y] = [a.bucket ?? "", b.bucket ?? ""];
      if (x !== y) return x < y ? -1 : 1;
      if (a.contractedCost !== b.contractedCost) return a.contractedCost > b.contractedCost ? -1 : 1;
      return idA < idB ? -1 : 1;
    })
    .map(([, row]) => row);
}

function added(a: ChargeSum, b: ChargeSum): ChargeSum {
  const cost = (x: Money, y: Money) => money(x + y);
  return {
    ...a,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    unpricedTokens: a.unpricedTokens + b.unpricedTokens,
    listCost: cost(a.listCost, b.listCost),
    contractedCost: cost(a.contractedCost, b.contractedCost),
    contractedCostUpper: cost(a.contractedCostUpper, b.contractedCostUpper),
    contractedCostAtMost: cost(a.contractedCostAtMost, b.contractedCostAtMost),
    charges: a.charges + b.charges,
    capacityUnitMinutes: a.capacityUnitMinutes + b.capacityUnitMinutes,
  };
}
