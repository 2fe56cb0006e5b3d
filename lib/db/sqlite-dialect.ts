import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setImmediate, setTimeout } from "node:timers/promises";
import { CompiledQuery, type DatabaseConnection, type Driver, SqliteDialect, SqliteDriver } from "kysely";

/**
 * Kysely over Node's own SQLite: one connection to the file at `path` (`:memory:` for none).
 * Every transaction begins IMMEDIATE, so it cannot fail half-way for the write lock; integers are read as exact bigints.
 */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #config: { readonly database: () => Promise<KyselyDatabase> };

  constructor(path: string) {
    const config = { database: async () => adapt(openDatabase(path)) };
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#config);
  }
}

const BUSY_TIMEOUT_MS = 10_000;
const LONGEST_PAUSE_MS = 50;

/**
 * Waits for the write lock with random pauses instead of SQLite's own wait, which would hold up the whole process, and in
 * which two busy writers can starve one another.
 */
class ImmediateSqliteDriver extends SqliteDriver {
  #polite: DatabaseConnection | undefined;

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#polite ??= lettingOthersIn(await super.acquireConnection());
    return this.#polite;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const giveUpAt = performance.now() + BUSY_TIMEOUT_MS;
    await connection.executeQuery(CompiledQuery.raw("pragma busy_timeout = 0"));
    try {
      while (!(await tryBegin(connection, performance.now() >= giveUpAt)))
        await setTimeout(Math.random() * LONGEST_PAUSE_MS);
    } finally {
      await connection.executeQuery(CompiledQuery.raw(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`));
    }
  }
}

const LONGEST_STRETCH_MS = 20;

/** Node's SQLite answers at once, so a long transaction would hold up every request; this lets the event loop turn in between. */
function lettingOthersIn(connection: DatabaseConnection): DatabaseConnection {
  let turnedAt = performance.now();
  return {
    async executeQuery(query, options) {
      if (performance.now() - turnedAt > LONGEST_STRETCH_MS) {
        await setImmediate();
        turnedAt = performance.now();
      }
      return connection.executeQuery(query, options);
    },
    streamQuery: (query, chunkSize, options) => connection.streamQuery(query, chunkSize, options),
  };
}

const SQLITE_BUSY = 5;

async function tryBegin(connection: DatabaseConnection, isLastTry: boolean): Promise<boolean> {
  try {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
    return true;
  } catch (error) {
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
    if (!isBusy || isLastTry) throw error;
    return false;
  }
}

/** Opens the file with the durability that state needs; `busy_timeout` comes first, because the other pragmas take locks. */
function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  for (const pragma of [
    `busy_timeout = ${BUSY_TIMEOUT_MS}`,
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
  ])
    database.exec(`PRAGMA ${pragma}`);
  return database;
}

type KyselyDatabase = ReturnType<typeof adapt>;

function adapt(database: DatabaseSync) {
  return {
    close: () => database.close(),
    prepare(sql: string) {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
        run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
      };
    },
  };
}

/** Kysely hands over what the schema types allow: text, bigint and null, which SQLite binds as they are. */
function values(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters as SQLInputValue[];
}
