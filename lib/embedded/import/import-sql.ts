import type { ColumnSchema, Shred, TableSchema } from "../../kql/tables/table-schema.ts";
import { composedColumn, DUCKDB_TYPES, givenTextColumn, quoted, storedTable } from "../store/create-tables.ts";
import { BLANKED_KEYS, RECORD_MAPPINGS, type RecordMapping } from "./record-mapping.ts";

/**
 * Which records were imported (by content and how often it occurred in its blob), which batches of them were finished, and
 * which files were read to their end. `import_seen` holds the records of a file that goes on in the next batch.
 */
export const PREPARE_IMPORT = [
  "CREATE SCHEMA IF NOT EXISTS internal",
  `CREATE TABLE IF NOT EXISTS internal.imported_records (
    time TIMESTAMP NOT NULL, hash UHUGEINT NOT NULL, occurrence INTEGER NOT NULL, batch BIGINT NOT NULL)`,
  "CREATE TABLE IF NOT EXISTS internal.imported_batches (batch BIGINT NOT NULL)",
  `CREATE TABLE IF NOT EXISTS internal.imported_files (
    blob_path VARCHAR NOT NULL, bytes BIGINT NOT NULL, modified_ms BIGINT NOT NULL, placement VARCHAR NOT NULL,
    lines BIGINT NOT NULL, known BIGINT NOT NULL, requests BIGINT, input_tokens HUGEINT, output_tokens HUGEINT)`,
  "CREATE OR REPLACE TABLE internal.import_seen (file INTEGER, hash UHUGEINT)",
] as const;

/** A killed import may have noted identities whose rows were never committed; they are forgotten and read again. */
export const FORGET_UNFINISHED =
  "DELETE FROM internal.imported_records WHERE batch NOT IN (SELECT batch FROM internal.imported_batches)";

export const LAST_BATCH = `SELECT greatest(
  coalesce((SELECT max(batch) FROM internal.imported_batches), 0), coalesce((SELECT max(batch) FROM internal.imported_records), 0))`;

/** Receives the lines of one batch. */
export const LINE_TABLE = "import_lines";
export const CREATE_LINE_TABLE = `CREATE OR REPLACE TEMP TABLE ${LINE_TABLE} (file INTEGER, line INTEGER, text VARCHAR)`;

/** Lines that are not JSON, to be put aside and taken out of the batch. */
export const SELECT_BAD_LINES = `SELECT file, line, 'not JSON' AS reason, text FROM ${LINE_TABLE} WHERE NOT json_valid(text) ORDER BY rowid`;
export const DELETE_BAD_LINES = `DELETE FROM ${LINE_TABLE} WHERE NOT json_valid(text)`;

/** Opens the `{"records":[…]}` of Event Hubs; the records keep their line. */
export const OPEN_ENVELOPES = [
  `CREATE OR REPLACE TEMP TABLE import_opened AS
   SELECT file, line, text FROM ${LINE_TABLE} WHERE coalesce(json_type(text, '$.records') <> 'ARRAY', true)
   UNION ALL
   SELECT file, line, unnest(json_extract(text, '$.records[*]'))::VARCHAR FROM ${LINE_TABLE}
   WHERE json_type(text, '$.records') = 'ARRAY'`,
  CREATE_LINE_TABLE,
  `INSERT INTO ${LINE_TABLE} FROM import_opened`,
  "DROP TABLE import_opened",
] as const;

/**
 * One row per record of the batch: its time, its table, or the reason why it has none, and the hash of its content.
 * Spaces between JSON tokens do not change the hash. Fails when a line is not JSON.
 */
export const READ_KEYS = `
  CREATE OR REPLACE TEMP TABLE import_keys AS
  WITH heads AS (
    SELECT rowid AS id, file, text, from_json(text, '{"time":"VARCHAR","resourceId":"VARCHAR","category":"VARCHAR","metricName":"VARCHAR","durationMs":"VARCHAR"}') AS r
    FROM ${LINE_TABLE}
  ), named AS (
    SELECT id, file, text, r, try_cast(r.time AS TIMESTAMPTZ)::TIMESTAMP AS time, coalesce(r.category, '') AS name,
      upper(coalesce(r."resourceId", '')) AS resource, lower(coalesce(r.category, '')) AS category,
      coalesce(r."metricName", '') AS metric
    FROM heads
  ), aimed AS (
    SELECT *, CASE ${RECORD_MAPPINGS.map(({ accepts, table }) => `WHEN ${accepts} THEN '${table.name}'`).join(" ")} END AS target
    FROM named
  )
  SELECT id, file, time, name, target,
    CASE
      WHEN r.time IS NULL AND NOT starts_with(text, '{') THEN 'not a JSON object'
      WHEN r.time IS NULL THEN 'no time'
      WHEN time IS NULL THEN 'the time cannot be read'
      WHEN resource = '' THEN 'no resourceId'
      WHEN target IS NULL AND category = '' THEN 'no category'
      WHEN target IS NULL THEN 'the workspace has no table for the category ' || name || ' of this resource'
      WHEN r."durationMs" IS NOT NULL AND try_cast(r."durationMs" AS BIGINT) IS NULL THEN 'durationMs is not a number'
    END AS reason,
    md5_number(CASE WHEN contains(text, '": ') THEN json(text)::VARCHAR ELSE text END) AS hash
  FROM aimed`;

export const SELECT_REJECTED = `SELECT file, line, reason, text
  FROM (SELECT id, reason FROM import_keys WHERE reason IS NOT NULL) JOIN ${LINE_TABLE} lines ON lines.rowid = id ORDER BY id`;

export const COUNT_KEYS = `SELECT file, count(*), min(time)::VARCHAR, max(time)::VARCHAR FROM import_keys WHERE reason IS NULL GROUP BY file`;

/** The records that were not imported before; the bounds let the store skip everything of other hours. */
export function findFresh(bounds: { readonly from: string; readonly to: string }): string {
  return `
  CREATE OR REPLACE TEMP TABLE import_fresh AS
  WITH numbered AS (
    SELECT id, file, time, name, target, hash, row_number() OVER (PARTITION BY file, hash ORDER BY id) AS here
    FROM import_keys WHERE reason IS NULL
  ), counted AS (
    SELECT numbered.*, (here + coalesce(earlier, 0))::INTEGER AS occurrence
    FROM numbered LEFT JOIN (SELECT file, hash, count(*) AS earlier FROM internal.import_seen GROUP BY ALL) USING (file, hash)
  ), once AS (
    SELECT min(id) AS id, arg_min(file, id) AS file, time, arg_min(name, id) AS name, arg_min(target, id) AS target, hash, occurrence
    FROM counted GROUP BY time, hash, occurrence
  )
  SELECT * FROM once ANTI JOIN (
    SELECT time, hash, occurrence FROM internal.imported_records
    WHERE time BETWEEN '${bounds.from}'::TIMESTAMP AND '${bounds.to}'::TIMESTAMP
  ) USING (time, hash, occurrence)`;
}

/** Notes what was taken before the rows themselves are written, so that the next batch knows it. */
export function rememberRecords(batch: number): string {
  return `INSERT INTO internal.imported_records SELECT time, hash, occurrence, ${batch} FROM import_fresh ORDER BY id`;
}

/** Keeps the records of a file that goes on in the next batch, or none. */
export function rememberSeen(file: number | null): readonly string[] {
  if (file === null) return ["DELETE FROM internal.import_seen"];
  return [
    `DELETE FROM internal.import_seen WHERE file <> ${file}`,
    `INSERT INTO internal.import_seen SELECT file, hash FROM import_keys WHERE reason IS NULL AND file = ${file}`,
  ];
}

export const COUNT_FRESH = `
  SELECT file, target, CASE name WHEN '' THEN target ELSE name END, count(*), epoch_ms(min(time)), epoch_ms(max(time))
  FROM import_fresh GROUP BY ALL`;

/** Moves fresh records of one kind into their table. `isWhole`: every line of the batch is one. `receivedAt` is epoch ms. */
export function insertRecords(mapping: RecordMapping, receivedAt: number, isWhole: boolean): string {
  const { table } = mapping;
  const composed = composedColumn(table);
  const columns = table.columns
    .filter(({ name }) => name !== composed)
    .map((column) => `${columnSql(column, mapping, receivedAt)} AS ${quoted(column.name)}`);
  const shreds = table.shreds.map((shred) => `${shredSql(shred)} AS ${quoted(shred.hiddenColumn)}`);
  const given = composed === undefined ? [] : [`${givenText(table, composed)} AS ${quoted(givenTextColumn(composed))}`];
  const only = isWhole ? "true" : `rowid IN (SELECT id FROM import_fresh WHERE target = '${table.name}')`;
  const schema = JSON.stringify(jsonSchema(mapping));
  return `
  INSERT INTO ${storedTable(table)} BY NAME
  SELECT ${[...columns, ...shreds, ...given].join(",\n    ")}
  FROM (
    SELECT *, ${sourcesOf(table, mapping)} upper(r."resourceId") AS resource
    FROM (SELECT text, r, ${propertiesOf(mapping)} AS p FROM (SELECT text, from_json(text, ${sqlText(schema)}) AS r FROM ${LINE_TABLE} WHERE ${only}))
  )`;
}

/** The parts of a record that are read, for one pass of DuckDB's JSON reader; other types than text keep their JSON text. */
function jsonSchema(mapping: RecordMapping): Readonly<Record<string, unknown>> {
  const keys = topLevelKeys(mapping).filter((key) => key !== "properties");
  const top = Object.fromEntries(["time", "resourceId", ...keys].map((key) => [key, "VARCHAR"]));
  return { ...top, properties: propertiesSchema(mapping) };
}

function propertiesSchema(mapping: RecordMapping): Readonly<Record<string, string>> {
  const named = Object.values(mapping.paths)
    .flat()
    .flatMap((path) => propertyKey(path) ?? []);
  const shredded = mapping.table.shreds.filter((shred) => isOfProperties(shred, mapping));
  return {
    ...Object.fromEntries(named.map((key) => [key, "VARCHAR"])),
    ...Object.fromEntries(
      shredded.map((shred) => [shred.path.join("."), shred.kind === "string" ? "VARCHAR" : "JSON"]),
    ),
  };
}

function topLevelKeys(mapping: RecordMapping): string[] {
  const paths = Object.values(mapping.paths).flat();
  return [...new Set(paths.filter((path) => propertyKey(path) === null).map((path) => path.slice(2)))];
}

function propertyKey(path: string): string | null {
  return path.startsWith("$.properties.") ? path.slice("$.properties.".length) : null;
}

function isOfProperties(shred: Shred, mapping: RecordMapping): boolean {
  return mapping.paths[shred.column]?.[0] === "$.properties";
}

/** Whether `properties` is a text; the JSON reader would give a struct of nulls for it. */
const IS_TEXT = `regexp_matches(text, '"properties"\\s*:\\s*"')`;

/** `properties` is an object or the JSON text of one. */
function propertiesOf(mapping: RecordMapping): string {
  const schema = sqlText(JSON.stringify(propertiesSchema(mapping)));
  const given = "json_extract_string(text, '$.properties')";
  return `CASE WHEN ${IS_TEXT} THEN CASE WHEN json_valid(${given}) THEN from_json(${given}, ${schema}) END ELSE r.properties END`;
}

/** Columns with shreds of their own whose text is not `properties` itself. */
function sourcesOf(table: TableSchema, mapping: RecordMapping): string {
  const sources = [
    ...new Set(table.shreds.filter((shred) => !isOfProperties(shred, mapping)).map(({ column }) => column)),
  ];
  return sources.map((column) => `${pathsSql(mapping.paths[column] ?? [])} AS ${quoted(`~${column}`)},`).join(" ");
}

const DERIVED_SQL: Readonly<Record<string, string>> = {
  TimeGenerated: "try_cast(r.time AS TIMESTAMPTZ)::TIMESTAMP",
  ResourceId: "resource",
  _ResourceId: "lower(resource)",
  SubscriptionId: "lower(split_part(resource, '/', 3))",
  _SubscriptionId: "lower(split_part(resource, '/', 3))",
  ResourceGroup: "split_part(resource, '/', 5)",
  ResourceProvider: "split_part(resource, '/', 7)",
  ResourceType: "split_part(resource, '/', 8)",
  Resource: "split_part(resource, '/', 9)",
  SourceSystem: "'Azure'",
  _BilledSize: "strlen(text)::DOUBLE",
  _IsBillable: "'True'",
};

function columnSql(column: ColumnSchema, mapping: RecordMapping, receivedAt: number): string {
  if (column.name === "Type") return `'${mapping.table.name}'`;
  if (column.name === "_TimeReceived") return `make_timestamp_ms(${receivedAt})`;
  if (column.name === "AdditionalFields") return additionalFields(mapping);
  const paths = mapping.paths[column.name];
  if (!paths)
    return DERIVED_SQL[column.name] ?? (column.type === "string" ? "''" : `NULL::${DUCKDB_TYPES[column.type]}`);
  const value = pathsSql(paths);
  if (column.type === "string") return `coalesce(${value}, '')`;
  if (column.type === "dynamic") return value;
  if (column.type === "datetime") return `try_cast(${value} AS TIMESTAMPTZ)::TIMESTAMP`;
  return `try_cast(${value} AS ${DUCKDB_TYPES[column.type]})`;
}

function pathsSql(paths: readonly string[]): string {
  const values = paths.map((path) => {
    const key = propertyKey(path);
    return key === null ? `r.${quoted(path.slice(2))}` : `p.${quoted(key)}`;
  });
  return values.length === 1 ? (values[0] ?? "NULL") : `coalesce(${values.join(", ")})`;
}

/** Keys that no column takes are kept where the service keeps them, except those that can hold prompt text. */
function additionalFields(mapping: RecordMapping): string {
  const known = ["time", "resourceId", ...topLevelKeys(mapping)];
  const present = known.map((key) => `(r.${quoted(key)} IS NOT NULL)::INTEGER`).join(" + ");
  const isMore = `len(list_filter(json_keys(text), lambda k: k NOT IN (${known.map(sqlText).join(", ")}))) > 0`;
  // A string `properties` is null in the struct and a null value is a key, so the count only tells who needs a closer look.
  return `CASE WHEN len(json_keys(text)) > ${present} THEN CASE WHEN ${isMore}
    THEN json_merge_patch(text, ${sqlText(nulls([...known, ...BLANKED_KEYS]))})::VARCHAR END END`;
}

/**
 * The JSON text of a column that is otherwise put together from its shreds: kept only where it holds more than they do,
 * without the keys that can hold prompt text.
 */
function givenText(table: TableSchema, column: string): string {
  const shreds = table.shreds.filter((shred) => shred.column === column);
  const present = shreds.map((shred) => `((${shredSql(shred)}) IS NOT NULL)::INTEGER`).join(" + ");
  const isProperties = column === "properties_s";
  const text = isProperties ? "json_extract_string(text, '$.properties')" : quoted(`~${column}`);
  const keys = isProperties
    ? "json_keys(text, '$.properties')"
    : `json_keys(CASE WHEN json_valid(${text}) THEN ${text} END)`;
  const patched = `json_merge_patch(${text}, ${sqlText(nulls(BLANKED_KEYS))})::VARCHAR`;
  const mayHoldText = `regexp_matches(${text}, '"(${BLANKED_KEYS.join("|")})"\\s*:') AND json_valid(${text})`;
  return `CASE WHEN ${isProperties ? `${IS_TEXT} OR ` : ""}coalesce(len(${keys}), -1) <> ${present}
    THEN CASE WHEN ${mayHoldText} THEN ${patched} ELSE ${text} END END`;
}

/** A key of another type than the declared one stays only in the given text: the shred is null, as for an absent key. */
function shredSql(shred: Shred): string {
  const isProperties = shred.column === "properties_s";
  const key = shred.path.join(".");
  const source = quoted(`~${shred.column}`);
  const path = sqlText(`$.${shred.path.map((part) => `"${part}"`).join(".")}`);
  const text = isProperties
    ? `p.${quoted(key)}::VARCHAR`
    : `json_extract_string(CASE WHEN json_valid(${source}) THEN ${source} END, ${path})`;
  switch (shred.kind) {
    case "string":
    case "json":
      return text;
    case "long":
      // "1.5" and "1e3" would be cast as well; a real is not a long.
      return `CASE WHEN NOT contains(${text}, '.') AND NOT contains(lower(${text}), 'e') THEN try_cast(${text} AS BIGINT) END`;
    case "real":
      return `try_cast(${text} AS DOUBLE)`;
  }
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function nulls(keys: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, null])));
}
