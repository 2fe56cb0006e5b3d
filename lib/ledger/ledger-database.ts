import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { LEDGER_TABLES } from "./ledger-tables.ts";
import { type ReadRows, type Rows, rememberRows } from "./remember-rows.ts";

export type LedgerDatabaseOptions = {
  /** A file, or ":memory:". */
  readonly path: string;
  readonly memoryLimitMb: number;
  readonly threads: number;
  /** Where large sorts spill; left out, nothing spills. */
  readonly tempDir?: string;
};

/** The ledger's own DuckDB instance: reads on connections of their own, writes one after the other. */
export type LedgerDatabase = {
  /** Rows as arrays, in column order: INTEGER as number, BIGINT and HUGEINT as bigint. Remembered until the next write. */
  readonly rows: ReadRows;
  /** Runs `work` in one transaction; nothing of it stays when it throws. `ended` hears how it ended, before the next begins. */
  readonly write: <T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    ended?: (isCommitted: boolean) => void,
  ) => Promise<T>;
  readonly close: () => void;
};

/** How many reads run at once; more wait, because each query already uses every thread. */
const CONCURRENT_READS = 4;

/** Opens the ledger's file and locks it down: no other file, no extension, no setting can be reached from SQL. */
export async function openLedgerDatabase(options: LedgerDatabaseOptions): Promise<LedgerDatabase> {
  const instance = await DuckDBInstance.create(options.path, {
    memory_limit: `${options.memoryLimitMb}MB`,
    threads: String(options.threads),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    temp_directory: options.tempDir ?? "",
  });
  const setup = await instance.connect();
  for (const statement of LEDGER_TABLES) await setup.run(statement);
  await setup.run("SET GLOBAL TimeZone = 'UTC'").catch(() => setup.run("SET TimeZone = 'UTC'"));
  await setup.run("SET enable_external_access = false");
  await setup.run("SET lock_configuration = true");
  setup.closeSync();
  const idle: DuckDBConnection[] = [];
  const waiting: (() => void)[] = [];
  let running = 0;
  let lastWrite: Promise<unknown> = Promise.resolve();

  async function read(sql: string, values: readonly DuckDBValue[] = []): Promise<Rows> {
    if (running >= CONCURRENT_READS) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    const connection = idle.pop() ?? (await instance.connect());
    try {
      const reader = await connection.runAndReadAll(sql, [...values]);
      return reader.getRows();
    } finally {
      idle.push(connection);
      running -= 1;
      waiting.shift()?.();
    }
  }

  const { rows, forget } = rememberRows(read);

  async function inTransaction<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    ended: ((isCommitted: boolean) => void) | undefined,
  ): Promise<T> {
    const connection = await instance.connect();
    let isCommitted = false;
    try {
      await connection.run("BEGIN TRANSACTION");
      const result = await work(connection);
      await connection.run("COMMIT");
      isCommitted = true;
      return result;
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    } finally {
      ended?.(isCommitted);
      forget();
      connection.closeSync();
    }
  }

  return {
    rows,
    write(work, ended) {
      const next = lastWrite.then(
        () => inTransaction(work, ended),
        () => inTransaction(work, ended),
      );
      lastWrite = next;
      return next;
    },
    close() {
      for (const connection of idle.splice(0)) connection.closeSync();
      instance.closeSync();
    },
  };
}
