import { toInstant } from "../time/instant.ts";
import { monthContaining, UTC } from "../time/zone.ts";
import type { HeldMonth, LedgerMonth } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";

/** The UTC months that the ledger holds quarter hours of, oldest first. */
export async function ledgerMonths(database: LedgerDatabase): Promise<LedgerMonth[]> {
  const rows = await database.rows(
    `SELECT strftime(epoch_ms(qh::BIGINT * 900000), '%Y-%m') AS month, count(*),
       to_json(list_sort(coalesce(list(DISTINCT book) FILTER (book <> ''), [])))::VARCHAR
     FROM bucket GROUP BY month ORDER BY month`,
  );
  return rows.map(([month, quarterHours, books]) => ({
    month: String(month),
    period: monthContaining(toInstant(`${String(month)}-15`), UTC),
    quarterHours: Number(quarterHours),
    bookVersions: JSON.parse(String(books)) as string[],
  }));
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
