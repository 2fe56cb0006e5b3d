import type { Instant } from "../time/instant.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { floorQuarter, quarterInstant } from "./period-buckets.ts";

/** Quarter hours from an instant on that hold charges or requests of callers with these hashes, ascending. */
export async function quartersOfCallers(
  database: LedgerDatabase,
  from: Instant,
  callerHashes: ReadonlySet<string>,
): Promise<Instant[]> {
  if (callerHashes.size === 0) return [];
  const hashes = [...callerHashes].filter((hash) => /^[0-9a-f]+$/.test(hash));
  const isCaller = hashes.map((hash) => `contains(text, '"callerHash":"${hash}"')`).join(" OR ");
  const quarters = (table: "charge" | "request") =>
    `SELECT DISTINCT c.qh FROM ${table} c JOIN ${table}_key k ON k.id = c.key
     WHERE c.qh >= ${floorQuarter(from)} AND k.identityId IN (SELECT id FROM identity WHERE ${isCaller || "false"})`;
  const rows = await database.rows(`${quarters("charge")} UNION ${quarters("request")} ORDER BY qh`);
  return rows.map(([quarter]) => quarterInstant(Number(quarter)));
}
