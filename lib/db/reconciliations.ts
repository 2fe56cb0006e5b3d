import { type Instant, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** One UTC day of a load. Amounts and ratios are decimal texts; the ratios are null on a day without an invoice. */
export type ReconciledDay = {
  readonly day: string;
  readonly invoice: string;
  readonly estimate: string;
  readonly coverage: string | null;
  readonly drift: string | null;
};

/** An invoice that was loaded; `document` is JSON in the shape that `npm run reconcile` prints. */
export type StoredReconciliation = {
  readonly id: string;
  readonly loadedAt: Instant;
  readonly basis: string;
  readonly files: readonly string[];
  readonly document: unknown;
  readonly days: readonly ReconciledDay[];
};

/** Keeps a load with its days; one of the same id is replaced whole. */
export async function saveReconciliation(tx: StateTransaction, load: StoredReconciliation): Promise<void> {
  await tx.deleteFrom("reconciliation_day").where("reconciliation_id", "=", load.id).execute();
  await tx.deleteFrom("reconciliation").where("id", "=", load.id).execute();
  await tx
    .insertInto("reconciliation")
    .values({
      id: load.id,
      loaded_at: BigInt(load.loadedAt),
      basis: load.basis,
      files: JSON.stringify(load.files),
      document: JSON.stringify(load.document),
    })
    .execute();
  if (load.days.length === 0) return;
  await tx
    .insertInto("reconciliation_day")
    .values(load.days.map((day) => ({ reconciliation_id: load.id, ...day })))
    .execute();
}

/** A load without its result, to choose from. */
export type ReconciliationName = Pick<StoredReconciliation, "id" | "loadedAt" | "basis" | "files"> & {
  readonly firstDay: string | null;
  readonly lastDay: string | null;
};

/** The loads that were kept, the newest first; at most `most`. */
export async function listReconciliations(db: StateDb, most: number): Promise<ReconciliationName[]> {
  const rows = await db
    .selectFrom("reconciliation")
    .leftJoin("reconciliation_day", "reconciliation_day.reconciliation_id", "reconciliation.id")
    .select(({ fn }) => [
      "reconciliation.id",
      "loaded_at",
      "basis",
      "files",
      fn.min("day").as("first_day"),
      fn.max("day").as("last_day"),
    ])
    .groupBy(["reconciliation.id", "loaded_at", "basis", "files"])
    .orderBy("loaded_at", "desc")
    .orderBy("reconciliation.id", "desc")
    .limit(most)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    loadedAt: toInstant(Number(row.loaded_at)),
    basis: row.basis,
    files: JSON.parse(row.files),
    firstDay: row.first_day,
    lastDay: row.last_day,
  }));
}

/** A load by its id; undefined when there is none. */
export async function readReconciliation(db: StateDb, id: string): Promise<StoredReconciliation | undefined> {
  const row = await db.selectFrom("reconciliation").selectAll().where("id", "=", id).executeTakeFirst();
  return row && withDays(db, row);
}

/** The load that came last, or undefined before the first. */
export async function newestReconciliation(db: StateDb): Promise<StoredReconciliation | undefined> {
  const [newest] = await listReconciliations(db, 1);
  return newest && readReconciliation(db, newest.id);
}

async function withDays(
  db: StateDb,
  row: {
    readonly id: string;
    readonly loaded_at: bigint;
    readonly basis: string;
    readonly files: string;
    readonly document: string;
  },
): Promise<StoredReconciliation> {
  const days = await db
    .selectFrom("reconciliation_day")
    .select(["day", "invoice", "estimate", "coverage", "drift"])
    .where("reconciliation_id", "=", row.id)
    .orderBy("day")
    .execute();
  return {
    id: row.id,
    loadedAt: toInstant(Number(row.loaded_at)),
    basis: row.basis,
    files: JSON.parse(row.files),
    document: JSON.parse(row.document),
    days,
  };
}
