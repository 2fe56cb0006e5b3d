import { type DuckDBConnection, DuckDBDataChunk, VARCHAR } from "@duckdb/node-api";
import type { ColumnSchema, Shred, TableSchema } from "../../kql/tables/table-schema.ts";
import { DUCKDB_TYPES, givenTextColumn, isComposed, quoted, storedTable } from "./create-tables.ts";

/**
 * One row as the service would show it: texts, numbers, booleans, ISO instants, and objects or JSON text for dynamics.
 * Columns that are left out stay empty.
 */
export type TableRecord = Readonly<Record<string, unknown>>;

/** Larger batches hold more of a large import in memory for nothing. */
const CHUNK_ROWS = 2_048;

/**
 * Appends records to a table of the workspace, ordered by `TimeGenerated`, and fills the hidden shreds from their JSON.
 * Runs inside the caller's transaction, if there is one. A key that is not a column of the table is refused with a
 * RangeError, so no field of an import disappears unseen.
 */
export async function appendRecords(
  connection: DuckDBConnection,
  table: TableSchema,
  records: readonly TableRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const known = new Set(table.columns.map((column) => column.name));
  for (const record of records) {
    const unknown = Object.keys(record).find((key) => !known.has(key));
    if (unknown !== undefined) throw new RangeError(`${table.name} has no column ${unknown}.`);
  }
  await connection.run("CREATE OR REPLACE TEMP TABLE incoming_records (record VARCHAR)");
  const appender = await connection.createAppender("incoming_records", "main", "temp");
  for (let start = 0; start < records.length; start += CHUNK_ROWS) {
    const texts = records.slice(start, start + CHUNK_ROWS).map((record) => JSON.stringify(record));
    const chunk = DuckDBDataChunk.create([VARCHAR], texts.length);
    chunk.setColumnValues(0, texts);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  await connection.run(insertStatement(table));
  await connection.run("DROP TABLE temp.main.incoming_records");
}

function insertStatement(table: TableSchema): string {
  const storedName = (column: string) => (isComposed(table, column) ? givenTextColumn(column) : column);
  const columns = table.columns.map((column) => `${columnValue(column)} AS ${quoted(storedName(column.name))}`);
  const shreds = table.shreds.map(
    (shred) => `${shredValue(shred, storedName(shred.column))} AS ${quoted(shred.hiddenColumn)}`,
  );
  return `
    INSERT INTO ${storedTable(table)} BY NAME
    SELECT *${shreds.length === 0 ? "" : `, ${shreds.join(",\n  ")}`}
    FROM (SELECT ${columns.join(",\n  ")} FROM temp.main.incoming_records)
    ORDER BY "TimeGenerated"`;
}

function columnValue(column: ColumnSchema): string {
  const path = jsonPath([column.name]);
  switch (column.type) {
    case "string":
      return `coalesce(json_extract_string(record, ${path}), '')`;
    case "dynamic":
      return dynamicValue(path);
    case "datetime":
      return `json_extract_string(record, ${path})::TIMESTAMPTZ::TIMESTAMP`;
    default:
      return `json_extract_string(record, ${path})::${DUCKDB_TYPES[column.type]}`;
  }
}

/** Text is taken as the JSON text that the service stores; an object or a number becomes its own JSON text. */
function dynamicValue(path: string): string {
  return `CASE json_type(record, ${path}) WHEN 'NULL' THEN NULL
    WHEN 'VARCHAR' THEN json_extract_string(record, ${path}) ELSE json_extract(record, ${path})::VARCHAR END`;
}

/** A key of another type than the declared one stays only in its text: the shred is null, as for an absent key. */
function shredValue(shred: Shred, storedColumn: string): string {
  const [source, path] = [quoted(storedColumn), jsonPath(shred.path)];
  const extracted = {
    string: `json_extract_string(${source}, ${path})`,
    json: `nullif(json_extract(${source}, ${path})::VARCHAR, 'null')`,
    long: `CASE WHEN json_type(${source}, ${path}) IN ('BIGINT', 'UBIGINT')
      THEN json_extract_string(${source}, ${path})::BIGINT END`,
    real: `CASE WHEN json_type(${source}, ${path}) IN ('DOUBLE', 'BIGINT', 'UBIGINT')
      THEN json_extract_string(${source}, ${path})::DOUBLE END`,
  }[shred.kind];
  return `CASE WHEN json_valid(${source}) THEN ${extracted} END`;
}

function jsonPath(path: readonly string[]): string {
  const text = path.map((key) => `."${key.replaceAll('"', '\\"')}"`).join("");
  return `'$${text.replaceAll("'", "''")}'`;
}
