import type { FigureVersions } from "../alerts/budget-latch.ts";
import type { Principal } from "../auth/principal.ts";
import type { BudgetScope } from "../budgets/budget.ts";
import type { ChargeDimension, ChargeSum } from "../ledger/charge-query.ts";
import type { LedgerReads, ReadBackProgress } from "../ledger/ledger.ts";
import { money, sum } from "../money/money.ts";
import { type Instant, type Period, period as periodOf, toInstant } from "../time/instant.ts";
import { addDays, dayOf, type LocalDay, startOfDay, type ZoneId } from "../time/zone.ts";
import type { ScopeSpend, SpendQuery, SpendSource } from "./spend-source.ts";

const HISTORY_DAYS = 180;

/**
 * Spend from the ledger's daily sums, in the currency of the budget: `ledgerIn` gives it, or throws where no rate does. All budgets of one kind of scope, zone and period share one question, asked once per
 * source; make a new source for each run.
 */
export function ledgerSpendSource(
  ledgerIn: (currency: string) => Promise<Pick<LedgerReads, "sumCharges" | "readBack">>,
  principal: Principal,
  versions: FigureVersions,
): SpendSource {
  const asked = new Map<string, Promise<Map<string, ChargeSum[]>>>();
  let readBack: Promise<ReadBackProgress> | null = null;

  async function dailyRows(
    dimension: ChargeDimension | null,
    within: Period,
    zone: ZoneId,
    currency: string,
  ): Promise<Map<string, ChargeSum[]>> {
    const ledger = await ledgerIn(currency);
    const rows = await ledger.sumCharges({
      sees: principal.sees,
      period: within,
      zone,
      grain: "day",
      groupBy: dimension === null ? [] : [dimension],
      filter: {},
    });
    return Map.groupBy(rows, (row) => (dimension === null ? "" : (row.keys[dimension] ?? "")));
  }

  return {
    async spend(query) {
      const { dimension, value } = filterOf(query.scope);
      const within = askedPeriod(query);
      const key = [dimension, query.zone, within.start, within.end, query.currency].join("|");
      const answer = asked.get(key) ?? dailyRows(dimension, within, query.zone, query.currency);
      asked.set(key, answer);
      readBack ??= ledgerIn(query.currency).then((ledger) => ledger.readBack());
      return toSpend((await answer).get(value) ?? [], query, isReadBack(await readBack, query.period), versions);
    },
  };
}

/** The daily history that ends with the last day of the period or the day of `now`, in whole days of the zone. */
function askedPeriod({ period, zone, now }: SpendQuery): Period {
  const today = dayOf(now, zone);
  const first = startOfDay(addDays(today, -HISTORY_DAYS), zone);
  const end = startOfDay(addDays(today, 1), zone);
  return periodOf(toInstant(Math.min(period.start, first)), toInstant(Math.min(period.end, end)));
}

function toSpend(
  rows: readonly ChargeSum[],
  { period, zone }: SpendQuery,
  isComplete: boolean,
  versions: FigureVersions,
): ScopeSpend {
  const first = dayOf(period.start, zone);
  const after = dayOf(period.end, zone);
  // A row of a daily question carries its local day.
  const days = rows.map((row) => ({ day: (row.bucket ?? "") as LocalDay, row }));
  const inside = days.filter(({ day }) => day >= first && day < after).map(({ row }) => row);
  return {
    contractedCost: sum(inside.map((row) => row.contractedCost)),
    contractedCostUpper: sum(inside.map((row) => row.contractedCostUpper)),
    contractedCostAtMost: sum(inside.map((row) => row.contractedCostAtMost)),
    unpricedTokens: inside.reduce((total, row) => total + row.unpricedTokens, 0n),
    isComplete,
    daily: days.map(({ day, row }) => ({ day, cost: money(row.contractedCost) })),
    versions,
  };
}

function filterOf(scope: BudgetScope): { dimension: ChargeDimension | null; value: string } {
  switch (scope.kind) {
    case "everything":
      return { dimension: null, value: "" };
    case "team":
      return { dimension: "team", value: scope.team };
    case "deployment":
      return { dimension: "deployment", value: scope.deployment };
    case "model":
      return { dimension: "model", value: scope.model };
  }
}

function isReadBack(progress: ReadBackProgress, period: { readonly start: Instant }): boolean {
  if (progress.state === "complete") return true;
  return progress.readDownTo !== null && progress.readDownTo <= period.start;
}
