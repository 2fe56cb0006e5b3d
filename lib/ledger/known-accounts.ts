import type { Instant } from "../time/instant.ts";
import type { AccountId } from "../usage/usage-fact.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { floorQuarter, quarterInstant } from "./period-buckets.ts";

/** Every account whose own log or metrics the ledger has ever held, ascending: only those have an ARM id. */
const KNOWN = `SELECT account FROM request_key WHERE starts_with(account, '/')
  UNION SELECT account FROM charge_key WHERE starts_with(account, '/')`;

/** The lower-case ARM ids of every account that the ledger has ever held, ascending. */
export async function knownAccounts(database: LedgerDatabase): Promise<AccountId[]> {
  const rows = await database.rows(`${KNOWN} ORDER BY 1`);
  return rows.map(([account]) => String(account) as AccountId);
}

/**
 * Quarter hours, ascending, in which a gateway or a span named the host of an account that nobody knew when they were read, and that
 * is known now; none before `from`.
 */
export async function quartersOfUnknownHosts(database: LedgerDatabase, from: Instant): Promise<Instant[]> {
  const rows = await database.rows(
    `SELECT DISTINCT qh FROM row_count
     WHERE qh >= ${floorQuarter(from)} AND source IN ('gateway_log', 'span') AND account <> '' AND NOT starts_with(account, '/')
       AND account IN (SELECT regexp_extract(account, '[^/]*$') FROM (${KNOWN})) ORDER BY qh`,
  );
  return rows.map(([quarter]) => quarterInstant(Number(quarter)));
}
