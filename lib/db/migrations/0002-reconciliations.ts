import type { StateTransaction } from "../state.ts";

/** What invoices said: each load with its result, and each day's coverage and drift. Price books that were applied to the past. */
export async function reconciliations(tx: StateTransaction): Promise<void> {
  await tx.schema
    .createTable("reconciliation")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("loaded_at", "bigint", (column) => column.notNull())
    .addColumn("basis", "text", (column) => column.notNull())
    .addColumn("files", "text", (column) => column.notNull())
    .addColumn("document", "text", (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable("reconciliation_day")
    .addColumn("reconciliation_id", "text", (column) => column.notNull())
    .addColumn("day", "text", (column) => column.notNull())
    .addColumn("invoice", "text", (column) => column.notNull())
    .addColumn("estimate", "text", (column) => column.notNull())
    .addColumn("coverage", "text")
    .addColumn("drift", "text")
    .addPrimaryKeyConstraint("reconciliation_day_key", ["reconciliation_id", "day"])
    .addForeignKeyConstraint("reconciliation_day_of", ["reconciliation_id"], "reconciliation", ["id"])
    .execute();
  await tx.schema.createIndex("reconciliation_loaded_at").on("reconciliation").column("loaded_at").execute();
  await tx.schema
    .createTable("repricing")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("book_version", "text", (column) => column.notNull())
    .addColumn("period_start", "bigint", (column) => column.notNull())
    .addColumn("period_end", "bigint", (column) => column.notNull())
    .addColumn("done_to", "bigint", (column) => column.notNull())
    .addColumn("before_cost", "text", (column) => column.notNull())
    .addColumn("after_cost", "text")
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("finished_at", "bigint")
    .execute();
}
