import type { Period } from "../time/instant.ts";
import type { BucketOrigin, Receipt, Source, SourceReach } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";

/** Since when the ledger rests on rows of each source, apart by where they were read; oldest first. */
export async function sourceReach(database: LedgerDatabase): Promise<SourceReach[]> {
  const rows = await database.rows(
    `SELECT n.source, b.origin, min(n.qh), max(n.qh) + 1 FROM row_count n JOIN bucket b ON b.qh = n.qh
     WHERE n.rows > 0 GROUP BY ALL
     UNION ALL SELECT 'metric', 'logs', min(minute) // 15, max(minute) // 15 + 1 FROM metric_minute HAVING count(*) > 0
     ORDER BY 2, 1`,
  );
  return rows.map((row) => ({
    // Only `replaceBuckets` writes these columns.
    source: String(row[0]) as Source,
    origin: String(row[1]) as BucketOrigin,
    from: quarterInstant(Number(row[2])),
    to: quarterInstant(Number(row[3])),
  }));
}

/** The quarter hours of a period that were read, by where; newest last. */
export async function origins(database: LedgerDatabase, within: Period): Promise<Receipt["byOrigin"]> {
  const rows = await database.rows(
    `SELECT origin, count(*), min(qh), max(qh) + 1 FROM bucket
     WHERE qh >= ${floorQuarter(within.start)} AND qh < ${ceilQuarter(within.end)} GROUP BY origin ORDER BY 3`,
  );
  return rows.map((row) => ({
    origin: String(row[0]) as BucketOrigin,
    quarterHours: Number(row[1]),
    from: quarterInstant(Number(row[2])),
    to: quarterInstant(Number(row[3])),
  }));
}
