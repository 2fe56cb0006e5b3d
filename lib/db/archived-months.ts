import { type Instant, type Period, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** A month in the archive: SHA-256 and size of its file, and what the file holds. `month` is as 2026-10. */
export type ArchivedMonth = {
  readonly month: string;
  readonly period: Period;
  readonly hash: string;
  readonly rows: number;
  readonly quarterHours: number;
  readonly bytes: number;
  readonly bookVersions: readonly string[];
  readonly archivedAt: Instant;
};

/** The archived months, oldest first. */
export async function listArchivedMonths(db: StateDb): Promise<ArchivedMonth[]> {
  const rows = await db.selectFrom("archived_month").selectAll().orderBy("month").execute();
  return rows.map((row) => ({
    month: row.month,
    period: { start: toInstant(Number(row.period_start)), end: toInstant(Number(row.period_end)) },
    hash: row.hash,
    rows: Number(row.row_count),
    quarterHours: Number(row.quarter_hours),
    bytes: Number(row.bytes),
    // Only `saveArchivedMonth` writes this text.
    bookVersions: JSON.parse(row.book_versions) as string[],
    archivedAt: toInstant(Number(row.archived_at)),
  }));
}

/** Notes what the archive holds of a month, in place of what it held before. */
export async function saveArchivedMonth(tx: StateTransaction, archived: ArchivedMonth): Promise<void> {
  await tx.deleteFrom("archived_month").where("month", "=", archived.month).execute();
  await tx
    .insertInto("archived_month")
    .values({
      month: archived.month,
      period_start: BigInt(archived.period.start),
      period_end: BigInt(archived.period.end),
      hash: archived.hash,
      row_count: BigInt(archived.rows),
      quarter_hours: BigInt(archived.quarterHours),
      bytes: BigInt(archived.bytes),
      book_versions: JSON.stringify(archived.bookVersions),
      archived_at: BigInt(archived.archivedAt),
    })
    .execute();
}

/** One row holds this much of a file: far below what a statement may carry, and few round trips for a month. */
const PART_BYTES = 768 * 1024;

/** Keeps a file in the database under its hash; one that is there already is written anew. */
export async function saveArchiveFile(tx: StateTransaction, hash: string, content: Uint8Array): Promise<void> {
  await tx.deleteFrom("archive_part").where("hash", "=", hash).execute();
  for (let start = 0, part = 0n; start < content.length; start += PART_BYTES, part += 1n) {
    const text = Buffer.from(content.subarray(start, start + PART_BYTES)).toString("base64");
    await tx.insertInto("archive_part").values({ hash, part, content: text }).execute();
  }
}

/** Drops the files that no archived month refers to any more. */
export async function dropForgottenFiles(tx: StateTransaction): Promise<void> {
  await tx
    .deleteFrom("archive_part")
    .where("hash", "not in", (query) => query.selectFrom("archived_month").select("hash"))
    .execute();
}

/** The parts of a file in their order, one at a time; none when the database does not hold it. */
export async function* readArchiveFile(db: StateDb, hash: string): AsyncGenerator<Uint8Array> {
  for (let part = 0n; ; part += 1n) {
    const row = await db
      .selectFrom("archive_part")
      .select("content")
      .where("hash", "=", hash)
      .where("part", "=", part)
      .executeTakeFirst();
    if (!row) return;
    yield Buffer.from(row.content, "base64");
  }
}
