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

/** Keeps a load with its days; loads are never changed. */
export async function saveReconciliation(tx: StateTransaction, load: StoredReconciliation): Promise<void> {
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

/** The load that came last, or undefined before the first. */
export async function newestReconciliation(db: StateDb): Promise<StoredReconciliation | undefined> {
  const row = await db
    .selectFrom("reconciliation")
    .selectAll()
    .orderBy("loaded_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
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
