import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** What the second instance may use while a month is written or read; the ledger's own limit stands beside it. */
const MEMORY_LIMIT_MB = 256;

/**
 * Runs `work` on a short-lived second DuckDB instance that may touch the folder of `path` and nothing else: the ledger's own
 * instance reaches no file at all (rules of the project, section 5). Several may run at once: each spills into a folder of its own.
 */
export async function withStagingInstance<T>(
  path: string,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const folder = dirname(path);
  const temporary = await mkdtemp(join(folder, "temp-"));
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${MEMORY_LIMIT_MB}MB`,
    // One thread writes the same rows as the same bytes, so that the same month has the same hash.
    threads: "1",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    temp_directory: temporary,
  });
  try {
    const connection = await instance.connect();
    await connection.run(`SET allowed_directories = [${literal(`${folder}/`)}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
    return await work(connection);
  } finally {
    instance.closeSync();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Appends the rows of a query on one instance to a table of another, a vector at a time; how many they were. */
export async function copyRows(
  from: DuckDBConnection,
  query: string,
  to: DuckDBConnection,
  table: string,
): Promise<number> {
  const result = await from.stream(query);
  const appender = await to.createAppender(table);
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    appender.appendDataChunk(chunk);
    rows += chunk.rowCount;
  }
  appender.closeSync();
  return rows;
}
