import { rmSync } from "node:fs";
import { sql } from "kysely";
import { toInstant, toIso } from "../time/instant.ts";
import { initial } from "./migrations/0001-initial.ts";
import { reconciliations } from "./migrations/0002-reconciliations.ts";
import { savedQueries } from "./migrations/0003-saved-queries.ts";
import { closedMonths } from "./migrations/0004-closed-months.ts";
import type { State, StateTransaction } from "./state.ts";

/** One additive step of the schema: the version before it must keep working on the schema after it. */
export type Migration = { readonly name: string; readonly up: (tx: StateTransaction) => Promise<void> };

export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-initial", up: initial },
  { name: "0002-reconciliations", up: reconciliations },
  { name: "0003-saved-queries", up: savedQueries },
  { name: "0004-closed-months", up: closedMonths },
];

// Any constant that no other program on the database uses.
const MIGRATION_LOCK = 7_105_204_417n;

/**
 * Applies the missing migrations in order, all in one transaction under a lock; returns their names.
 * An existing SQLite file is copied beside itself first. Migrations that this version does not know are left alone.
 */
export async function migrate(
  state: State,
  sqlitePath: string | null,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<string[]> {
  const before = await appliedNames(state);
  if (sqlitePath !== null && sqlitePath !== ":memory:" && before.size > 0)
    await copyBefore(state, sqlitePath, before, migrations);
  return state.transaction(async (tx) => {
    if (state.dialect === "postgres") {
      await sql`set local lock_timeout = '60s'`.execute(tx);
      await sql`set local statement_timeout = '120s'`.execute(tx);
      await sql`select pg_advisory_xact_lock(${sql.lit(Number(MIGRATION_LOCK))})`.execute(tx);
    }
    await sql`create table if not exists schema_migration (name text primary key, applied_at text not null)`.execute(
      tx,
    );
    const { rows } = await sql<{ name: string }>`select name from schema_migration`.execute(tx);
    const applied = new Set(rows.map((row) => row.name));
    const missing = migrations.filter((migration) => !applied.has(migration.name));
    for (const migration of missing) {
      await migration.up(tx);
      await sql`insert into schema_migration (name, applied_at) values (${migration.name}, ${toIso(toInstant(Date.now()))})`.execute(
        tx,
      );
    }
    return missing.map((migration) => migration.name);
  });
}

async function appliedNames(state: State): Promise<Set<string>> {
  const tables = await state.db.introspection.getTables();
  if (!tables.some((table) => table.name === "schema_migration")) return new Set();
  const { rows } = await sql<{ name: string }>`select name from schema_migration`.execute(state.db);
  return new Set(rows.map((row) => row.name));
}

async function copyBefore(
  state: State,
  sqlitePath: string,
  applied: ReadonlySet<string>,
  migrations: readonly Migration[],
): Promise<void> {
  const first = migrations.find((migration) => !applied.has(migration.name));
  if (!first) return;
  const copy = `${sqlitePath}.before-${first.name}`;
  rmSync(copy, { force: true });
  await sql`vacuum into ${copy}`.execute(state.db);
}
