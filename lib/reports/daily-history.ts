import type { Principal } from "../auth/principal.ts";
import type { ChargeDimension, ChargeFilter, ChargeSum } from "../ledger/charge-query.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import type { Instant } from "../time/instant.ts";
import { addDays, dayOf, type LocalDay, periodOfDays, type ZoneId } from "../time/zone.ts";

/** A forecast learns from at most this many days, and a budget's year fits in. */
const HISTORY_DAYS = 400;

/** The daily sums up to today by one dimension; within one request the same question is asked once. */
export type DailyHistory = {
  readonly from: (zone: ZoneId) => LocalDay;
  readonly read: (zone: ZoneId, dimension: ChargeDimension, filter: ChargeFilter) => Promise<readonly ChargeSum[]>;
};

/** The history that the forecasts, budgets and shares of one request have in common. */
export function createDailyHistory(principal: Principal, ledger: LedgerReads, now: Instant): DailyHistory {
  const asked = new Map<string, Promise<readonly ChargeSum[]>>();
  const from = (zone: ZoneId) => addDays(dayOf(now, zone), -HISTORY_DAYS);
  return {
    from,
    read(zone, dimension, filter) {
      const key = JSON.stringify([zone, dimension, filter]);
      const known = asked.get(key);
      if (known) return known;
      const rows = ledger.sumCharges({
        sees: principal.sees,
        period: periodOfDays(from(zone), addDays(dayOf(now, zone), 1), zone),
        zone,
        grain: "day",
        groupBy: [dimension],
        filter,
      });
      asked.set(key, rows);
      return rows;
    },
  };
}
