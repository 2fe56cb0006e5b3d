import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import { migrate } from "./migrate.ts";
import type { StateSchema } from "./schema.ts";
import { NodeSqliteDialect } from "./sqlite-dialect.ts";

/** Where the state lives: a SQLite file, or a PostgreSQL database for two or more replicas. */
export type StateLocation = { readonly sqlitePath: string } | { readonly databaseUrl: string };

/** What every repository function takes: the handle, or the transaction that it runs in. */
export type StateDb = Kysely<StateSchema> | Transaction<StateSchema>;
export type StateTransaction = Transaction<StateSchema>;

/**
 * The open state database. Inside `transaction` await nothing but queries on `tx`: on SQLite a query on `db` would wait for
 * the transaction, and the transaction for it.
 */
export type State = {
  readonly db: Kysely<StateSchema>;
  readonly dialect: "sqlite" | "postgres";
  readonly transaction: <T>(work: (tx: StateTransaction) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

/** Opens the state database, migrates it under a lock and checks it; throws when it is damaged or cannot be reached. */
export async function openState(location: StateLocation): Promise<State> {
  const state = "sqlitePath" in location ? sqliteState(location.sqlitePath) : postgresState(location.databaseUrl);
  try {
    await checkIntegrity(state);
    await migrate(state, "sqlitePath" in location ? location.sqlitePath : null);
    return state;
  } catch (error) {
    await state.close();
    throw error;
  }
}

function sqliteState(path: string): State {
  return stateOf(new Kysely<StateSchema>({ dialect: new NodeSqliteDialect(path) }), "sqlite");
}

const INT8 = 20;

function postgresState(databaseUrl: string): State {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 10,
    application_name: "token-ledger",
    statement_timeout: 10_000,
    lock_timeout: 3_000,
    idle_in_transaction_session_timeout: 30_000,
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === INT8 && format !== "binary" ? BigInt : pg.types.getTypeParser(oid, format),
    },
  });
  // An idle connection that the server closes is reported here; without a listener it would end the process.
  pool.on("error", () => undefined);
  return stateOf(new Kysely<StateSchema>({ dialect: new PostgresDialect({ pool }) }), "postgres");
}

function stateOf(db: Kysely<StateSchema>, dialect: State["dialect"]): State {
  return {
    db,
    dialect,
    transaction: (work) => db.transaction().execute(work),
    close: () => db.destroy(),
  };
}

async function checkIntegrity(state: State): Promise<void> {
  if (state.dialect === "postgres") return;
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check`.execute(state.db);
  const finding = rows[0]?.quick_check;
  if (finding !== "ok")
    throw new Error(
      `The state database is damaged: ${finding ?? "no answer"}. Stop the server and restore the newest backup of state.sqlite.`,
    );
}
