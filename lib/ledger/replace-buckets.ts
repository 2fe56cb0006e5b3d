import type { DuckDBConnection } from "@duckdb/node-api";
import type { ZoneId } from "../time/zone.ts";
import { setClosedAside } from "./after-close.ts";
import type { BucketBatch, LedgerWrites } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { type LedgerKeys, writeWithKeys } from "./ledger-keys.ts";
import { replaceDays } from "./replace-days.ts";
import { stageRows } from "./stage-rows.ts";
import { stageBatch } from "./staged-buckets.ts";

/**
 * Replaces whole quarter hours, their minutes and the daily sums of every zone in one transaction. Quarter hours whose
 * content has the hash that is stored already are left alone, and so are those of closed periods: what they would get is noted
 * as having come after the close.
 */
export function bucketReplacer(
  database: LedgerDatabase,
  keys: LedgerKeys,
  zones: () => readonly ZoneId[],
): LedgerWrites["replaceBuckets"] {
  return (batch) =>
    writeWithKeys(database, keys, async (connection) => {
      await stageBatch(connection, keys, batch);
      const closed = await setClosedAside(connection, batch.readAt);
      const { changed, stored, total } = await compareHashes(connection);
      if (changed.length > 0) {
        await deleteQuarters(connection, stored);
        for (const statement of INSERT_CHANGED) await connection.run(statement);
        for (const zone of zones()) await replaceDays(connection, zone, changed);
      }
      await storeIdentities(connection, batch);
      await connection.run(
        `INSERT OR REPLACE INTO bucket BY NAME
         SELECT n.qh, n.hash, ?::BIGINT AS readAt, ? AS origin, coalesce(b.book, ?) AS book, false AS isFromArchive
         FROM new_bucket n LEFT JOIN bucket b ON b.qh = n.qh ORDER BY n.qh`,
        [BigInt(batch.readAt), batch.origin ?? "logs", batch.bookVersion ?? ""],
      );
      return { changed: changed.length, unchanged: closed + total - changed.length };
    });
}

type Compared = {
  /** Quarter hours whose content is another than the stored one. */
  readonly changed: number[];
  /** Those of them that hold something already. */
  readonly stored: number[];
  readonly total: number;
};

async function compareHashes(connection: DuckDBConnection): Promise<Compared> {
  await connection.run(`CREATE TEMP TABLE changed_quarter AS
    SELECT new_bucket.qh, bucket.qh IS NOT NULL AS isStored FROM new_bucket LEFT JOIN bucket ON bucket.qh = new_bucket.qh
    WHERE bucket.hash IS DISTINCT FROM new_bucket.hash`);
  const reader = await connection.runAndReadAll(
    "SELECT qh, isStored, (SELECT count(*) FROM new_bucket)::INTEGER FROM changed_quarter ORDER BY qh",
  );
  const rows = reader.getRows();
  const total =
    rows.length > 0
      ? Number(rows[0]?.[2])
      : Number((await connection.runAndReadAll("SELECT count(*) FROM new_bucket")).getRows()[0]?.[0]);
  return {
    changed: rows.map(([quarter]) => Number(quarter)),
    stored: rows.filter(([, isStored]) => isStored === true).map(([quarter]) => Number(quarter)),
    total,
  };
}

const OF_CHANGED = "WHERE qh IN (SELECT qh FROM changed_quarter)";
const OF_CHANGED_MINUTES = "WHERE minute // 15 IN (SELECT qh FROM changed_quarter)";

const INSERT_CHANGED: readonly string[] = [
  `INSERT INTO charge SELECT * FROM new_charge ${OF_CHANGED} ORDER BY qh, key`,
  `INSERT INTO request SELECT * FROM new_request ${OF_CHANGED} ORDER BY qh, key`,
  `INSERT INTO minute_request SELECT * FROM new_minute ${OF_CHANGED_MINUTES} ORDER BY minute, key`,
  `INSERT INTO minute_team SELECT * FROM new_team ${OF_CHANGED_MINUTES} ORDER BY minute, key`,
  `INSERT INTO row_count SELECT * FROM new_rows ${OF_CHANGED} ORDER BY qh`,
  `INSERT INTO row_fault SELECT * FROM new_faults ${OF_CHANGED} ORDER BY qh`,
];

/** Ranges of consecutive quarter hours, so that a day is one condition and not 96. */
async function deleteQuarters(connection: DuckDBConnection, quarters: readonly number[]): Promise<void> {
  for (const { from, to } of ranges(quarters)) {
    for (const table of ["charge", "request", "row_count", "row_fault"]) {
      await connection.run(`DELETE FROM ${table} WHERE qh >= ${from} AND qh < ${to}`);
    }
    for (const table of ["minute_request", "minute_team"]) {
      await connection.run(`DELETE FROM ${table} WHERE minute >= ${from * 15} AND minute < ${to * 15}`);
    }
  }
}

function ranges(quarters: readonly number[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const quarter of quarters.toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last.to === quarter) last.to = quarter + 1;
    else found.push({ from: quarter, to: quarter + 1 });
  }
  return found;
}

async function storeIdentities(connection: DuckDBConnection, batch: BucketBatch): Promise<void> {
  if (batch.identities.length === 0) return;
  await connection.run("CREATE TEMP TABLE new_identity (id VARCHAR, text VARCHAR)");
  await stageRows(connection, "new_identity", [
    { kind: "text", values: batch.identities.map((identity) => identity.identityId) },
    { kind: "text", values: batch.identities.map((identity) => JSON.stringify(identity)) },
  ]);
  await connection.run("INSERT OR IGNORE INTO identity SELECT DISTINCT ON (id) id, text FROM new_identity");
}
