import type { StateTransaction } from "../state.ts";

/** Billing months that were closed, months that were archived, and the archive itself where it lies in the database. */
export async function closedMonths(tx: StateTransaction): Promise<void> {
  await tx.schema
    .createTable("closed_month")
    .addColumn("month", "text", (column) => column.notNull().primaryKey())
    .addColumn("period_start", "bigint", (column) => column.notNull())
    .addColumn("period_end", "bigint", (column) => column.notNull())
    .addColumn("book_versions", "text", (column) => column.notNull())
    .addColumn("currency", "text", (column) => column.notNull())
    .addColumn("contracted_cost", "text", (column) => column.notNull())
    .addColumn("contracted_cost_upper", "text", (column) => column.notNull())
    .addColumn("closed_at", "bigint", (column) => column.notNull())
    .addColumn("closed_by", "text", (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable("archived_month")
    .addColumn("month", "text", (column) => column.notNull().primaryKey())
    .addColumn("period_start", "bigint", (column) => column.notNull())
    .addColumn("period_end", "bigint", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("row_count", "bigint", (column) => column.notNull())
    .addColumn("quarter_hours", "bigint", (column) => column.notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("book_versions", "text", (column) => column.notNull())
    .addColumn("archived_at", "bigint", (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable("archive_part")
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("part", "bigint", (column) => column.notNull())
    .addColumn("content", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("archive_part_key", ["hash", "part"])
    .execute();
}
