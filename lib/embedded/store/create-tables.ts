import type { DuckDBConnection } from "@duckdb/node-api";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import type { ColumnSchema, KqlType, Shred, TableSchema } from "../../kql/tables/table-schema.ts";
import { CREATE_METRICS } from "./metrics-table.ts";

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
  for (const statement of CREATE_METRICS) await connection.run(statement);
  for (const table of LOG_ANALYTICS_TABLES) {
    await connection.run(createTable(table));
    if (composedColumn(table) !== undefined) await connection.run(createView(table));
  }
  if (found === undefined) await connection.run(`INSERT INTO internal.store VALUES (${STORE_VERSION})`);
}

/** The statement that creates one table: its real columns in order, then its hidden ones. */
export function createTable(table: TableSchema): string {
  const composed = composedColumn(table);
  const columns = [
    ...table.columns.filter((column) => column.name !== composed).map(columnDefinition),
    ...table.shreds.map(shredDefinition),
    ...(composed === undefined ? [] : [`${quoted(givenTextColumn(composed))} VARCHAR`]),
  ];
  return `CREATE TABLE IF NOT EXISTS ${storedTable(table)} (\n  ${columns.join(",\n  ")}\n)`;
}

/**
 * Where rows of a table are inserted, as SQL. A table with a composed column is a view of this; the others are it.
 */
export function storedTable(table: TableSchema): string {
  return composedColumn(table) === undefined ? quoted(table.name) : `stored.${quoted(table.name)}`;
}

/**
 * The column whose JSON text is not stored beside its shreds but put together from them when somebody reads it, unless a
 * record brought its own text. Measured on 1.1 million calls: it is two thirds of the file and half of the time to make it.
 */
export function composedColumn(table: TableSchema): string | undefined {
  return COMPOSED_COLUMNS[table.name];
}

/** Whether a column of a table is the composed one: it cannot be inserted, its given text goes to `givenTextColumn`. */
export function isComposed(table: TableSchema, column: string): boolean {
  return composedColumn(table) === column;
}

/** The hidden column that keeps a JSON text as a record brought it; null when it is composed from the shreds. */
export function givenTextColumn(column: string): string {
  return `~${column}`;
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

const COMPOSED_COLUMNS: Readonly<Record<string, string>> = {
  AzureDiagnostics: "properties_s",
  ApiManagementGatewayLogs: "BackendResponseHeaders",
};

function createView(table: TableSchema): string {
  const columns = [
    ...table.columns.map((column) =>
      column.name === composedColumn(table) ? composedText(table, column) : quoted(column.name),
    ),
    ...table.shreds.map((shred) => quoted(shred.hiddenColumn)),
    ...table.columns
      .filter((column) => isComposed(table, column.name))
      .map(({ name }) => quoted(givenTextColumn(name))),
  ];
  return `CREATE OR REPLACE VIEW ${quoted(table.name)} AS SELECT ${columns.join(", ")} FROM ${storedTable(table)}`;
}

function composedText(table: TableSchema, column: ColumnSchema): string {
  const shreds = table.shreds.filter((shred) => shred.column === column.name);
  const parts = shreds.map((shred) => {
    const value = quoted(shred.hiddenColumn);
    const text = shred.kind === "string" ? `to_json(${value})` : `${value}::VARCHAR`;
    return `coalesce(',${JSON.stringify(shred.path.join("."))}:' || ${text}, '')`;
  });
  const nothing = column.type === "string" ? "''" : "NULL";
  return `coalesce(${quoted(givenTextColumn(column.name))},
    '{' || nullif(substr(${parts.join(" || ")}, 2), '') || '}', ${nothing}) AS ${quoted(column.name)}`;
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
