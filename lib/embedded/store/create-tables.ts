import type { DuckDBConnection } from "@duckdb/node-api";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import type { ColumnSchema, KqlType, Shred, TableSchema } from "../../kql/tables/table-schema.ts";
import { CREATE_METRICS_TABLE } from "./metrics-table.ts";

/** Raised when the shape of a stored table changes; a store of another version is refused, never half read. */
export const STORE_VERSION = 1;

/** The file was made by another version of this program. */
export class StoreVersionMismatch extends Error {
  constructor(found: number) {
    super(
      `The workspace file has version ${found} and this program writes version ${STORE_VERSION}. ` +
        "Start anew with `npm start -- --fresh`, or use the program version that made it.",
    );
    this.name = "StoreVersionMismatch";
  }
}

/** Creates every table of the workspace that is not there yet; throws `StoreVersionMismatch` for a foreign file. */
export async function createTables(connection: DuckDBConnection): Promise<void> {
  await connection.run("CREATE SCHEMA IF NOT EXISTS internal");
  await connection.run("CREATE TABLE IF NOT EXISTS internal.store (version INTEGER NOT NULL)");
  const found = await storedVersion(connection);
  if (found !== undefined && found !== STORE_VERSION) throw new StoreVersionMismatch(found);
  for (const table of LOG_ANALYTICS_TABLES) await connection.run(createTable(table));
  await connection.run(CREATE_METRICS_TABLE);
  if (found === undefined) await connection.run(`INSERT INTO internal.store VALUES (${STORE_VERSION})`);
}

/** The statement that creates one table: its real columns in order, then its hidden shreds. */
export function createTable(table: TableSchema): string {
  const columns = [...table.columns.map(columnDefinition), ...table.shreds.map(shredDefinition)];
  return `CREATE TABLE IF NOT EXISTS ${quoted(table.name)} (\n  ${columns.join(",\n  ")}\n)`;
}

/** How a KQL type is kept: text is never null, a timespan is ticks of 100 ns, a dynamic is its JSON text. */
export const DUCKDB_TYPES: Readonly<Record<KqlType, string>> = {
  bool: "BOOLEAN",
  int: "INTEGER",
  long: "BIGINT",
  real: "DOUBLE",
  decimal: "DECIMAL(38, 18)",
  string: "VARCHAR",
  datetime: "TIMESTAMP",
  timespan: "BIGINT",
  guid: "UUID",
  dynamic: "VARCHAR",
};

/** A name as an SQL identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function columnDefinition(column: ColumnSchema): string {
  const notNull =
    column.type === "string" ? " NOT NULL DEFAULT ''" : column.name === "TimeGenerated" ? " NOT NULL" : "";
  return `${quoted(column.name)} ${DUCKDB_TYPES[column.type]}${notNull}`;
}

function shredDefinition(shred: Shred): string {
  return `${quoted(shred.hiddenColumn)} ${SHRED_TYPES[shred.kind]}`;
}

const SHRED_TYPES: Readonly<Record<Shred["kind"], string>> = {
  string: "VARCHAR",
  long: "BIGINT",
  real: "DOUBLE",
  json: "VARCHAR",
};

async function storedVersion(connection: DuckDBConnection): Promise<number | undefined> {
  const reader = await connection.runAndReadAll("SELECT version FROM internal.store");
  const version = reader.getRows()[0]?.[0];
  return typeof version === "number" ? version : undefined;
}
