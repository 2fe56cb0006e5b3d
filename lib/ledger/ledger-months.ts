import { type BillingStartDay, billingPeriodContaining, billingPeriodName } from "../time/billing-period.ts";
import type { HeldMonth, LedgerMonth } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { quarterInstant } from "./period-buckets.ts";

const QUARTERS_OF_A_DAY = 96;

/** The billing periods that the ledger holds quarter hours of, oldest first. They are cut at UTC midnights, so days add up to them. */
export async function ledgerMonths(database: LedgerDatabase, startDay: BillingStartDay): Promise<LedgerMonth[]> {
  const rows = await database.rows(
    `SELECT qh // ${QUARTERS_OF_A_DAY} AS day, count(*),
       to_json(coalesce(list(DISTINCT book) FILTER (book <> ''), []))::VARCHAR
     FROM bucket GROUP BY day ORDER BY day`,
  );
  const months = new Map<string, LedgerMonth>();
  for (const [day, quarterHours, books] of rows) {
    const period = billingPeriodContaining(quarterInstant(Number(day) * QUARTERS_OF_A_DAY), startDay);
    const month = billingPeriodName(period);
    const known = months.get(month) ?? { month, period, quarterHours: 0, bookVersions: [] };
    const ofDay = JSON.parse(String(books)) as string[];
    months.set(month, {
      ...known,
      quarterHours: known.quarterHours + Number(quarterHours),
      bookVersions: [...new Set([...known.bookVersions, ...ofDay])].toSorted(),
    });
  }
  return [...months.values()];
}

/** The archived months that this ledger knows, by name. */
export async function heldMonths(database: LedgerDatabase): Promise<HeldMonth[]> {
  const rows = await database.rows("SELECT month, hash, failure FROM archived_month ORDER BY month");
  return rows.map(([month, hash, failure]) => ({
    month: String(month),
    hash: String(hash),
    failure: String(failure),
  }));
}

/** Replaces what is known of an archived month. */
export async function saveHeldMonth(database: LedgerDatabase, { month, hash, failure }: HeldMonth): Promise<void> {
  await database.write((connection) =>
    connection.run("INSERT OR REPLACE INTO archived_month VALUES (?, ?, ?)", [month, hash, failure]),
  );
}
