import type { StateTransaction } from "../state.ts";

/** KQL that people keep under a name, each their own, some for everyone. */
export async function savedQueries(tx: StateTransaction): Promise<void> {
  await tx.schema
    .createTable("saved_query")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("owner_id", "text", (column) => column.notNull())
    .addColumn("owner_name", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("kql", "text", (column) => column.notNull())
    .addColumn("is_shared", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addUniqueConstraint("saved_query_name", ["owner_id", "name"])
    .execute();
}
