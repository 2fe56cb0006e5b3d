import type { ColumnSchema, Shred, TableSchema } from "../../kql/tables/table-schema.ts";
import { DUCKDB_TYPES, givenTextColumn, isComposed, quoted, storedTable } from "../store/create-tables.ts";
import { BLANKED_KEYS, KNOWN_TOP_LEVEL_KEYS, RECORD_MAPPINGS, type RecordMapping } from "./record-mapping.ts";

/** Which records were imported (by content and how often it occurred in its blob) and which files were read to their end. */
export const CREATE_IMPORT_TABLES = [
  "CREATE SCHEMA IF NOT EXISTS internal",
  `CREATE TABLE IF NOT EXISTS internal.imported_records (
    time TIMESTAMP NOT NULL, hash UHUGEINT NOT NULL, occurrence INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS internal.imported_files (
    blob_path VARCHAR NOT NULL, bytes BIGINT NOT NULL, modified_ms BIGINT NOT NULL, placement VARCHAR NOT NULL,
    lines BIGINT NOT NULL, known BIGINT NOT NULL, requests BIGINT, input_tokens HUGEINT, output_tokens HUGEINT)`,
] as const;

/** `import_lines` receives the lines of one batch, `import_seen` remembers the records of the file being read. */
export const CREATE_BATCH_TABLES = [
  "CREATE OR REPLACE TEMP TABLE import_lines (line BIGINT, text VARCHAR)",
  "CREATE OR REPLACE TEMP TABLE import_seen (time TIMESTAMP, hash UHUGEINT)",
] as const;

const HEAD_PATHS = [
  "$.time",
  "$.resourceId",
  "$.metricName",
  ...KNOWN_TOP_LEVEL_KEYS.slice(2).map((key) => `$.${key}`),
];

/** SQL for one value of the head by its JSON path. */
function head(path: string): string {
  const index = HEAD_PATHS.indexOf(path);
  if (index < 0) throw new RangeError(`The head of a record does not hold ${path}.`);
  return `head[${index + 1}]`;
}

/**
 * Reads the batch's lines into `import_records`: one row per record with its target table, or with the reason why it has none.
 * `hasEnvelopes` also opens the `{"records":[…]}` of Event Hubs.
 */
export function readRecords(hasEnvelopes: boolean): string {
  const opened = hasEnvelopes
    ? `UNION ALL SELECT line, text, unnest(json_extract(valid, '$.records[*]'))::VARCHAR
       FROM texts WHERE json_type(valid, '$.records') = 'ARRAY'`
    : "";
  const targets = RECORD_MAPPINGS.map(({ accepts, table }) => `WHEN ${accepts} THEN '${table.name}'`).join("\n      ");
  return `
  CREATE OR REPLACE TEMP TABLE import_records AS
  WITH texts AS (
    SELECT line, text, CASE WHEN json_valid(text) THEN text END AS valid FROM import_lines WHERE text <> ''
  ), records AS (
    SELECT line, text, valid AS record FROM texts ${hasEnvelopes ? "WHERE coalesce(json_type(valid, '$.records') <> 'ARRAY', true)" : ""}
    ${opened}
  ), heads AS (
    SELECT line, text, record, json_extract_string(record, ${list(HEAD_PATHS)}) AS head,
      len(json_keys(record)) AS keys
    FROM records
  ), named AS (
    SELECT line, text, record, head, keys,
      try_cast(${head("$.time")} AS TIMESTAMPTZ)::TIMESTAMP AS time,
      upper(coalesce(${head("$.resourceId")}, '')) AS resource,
      lower(coalesce(${head("$.category")}, '')) AS category,
      coalesce(${head("$.metricName")}, '') AS metric
    FROM heads
  ), aimed AS (
    SELECT *, CASE ${targets} END AS target FROM named
  )
  SELECT line, record, head, keys, time, resource, target,
    CASE
      WHEN record IS NULL THEN 'not JSON'
      WHEN head IS NULL OR json_type(record) <> 'OBJECT' THEN 'not a JSON object'
      WHEN ${head("$.time")} IS NULL THEN 'no time'
      WHEN time IS NULL THEN 'the time cannot be read'
      WHEN resource = '' THEN 'no resourceId'
      WHEN target IS NULL AND category = '' THEN 'no category'
      WHEN target IS NULL THEN 'the workspace has no table for the category ' || category || ' of this resource'
      WHEN ${head("$.durationMs")} IS NOT NULL AND try_cast(${head("$.durationMs")} AS BIGINT) IS NULL THEN 'durationMs is not a number'
    END AS reason,
    CASE WHEN reason IS NOT NULL THEN text END AS rejected
  FROM aimed`;
}

/** Gives every record its identity: the hash of its content and the number of its occurrence in the blob so far. */
export const IDENTIFY_RECORDS = `
  CREATE OR REPLACE TEMP TABLE import_keys AS
  WITH hashed AS (
    SELECT rowid AS id, time,
      md5_number(concat_ws(chr(31), target, resource,
        CASE WHEN target = 'AzureDiagnostics' AND keys <= ${KNOWN_TOP_LEVEL_KEYS.length} THEN head::VARCHAR ELSE record END)) AS hash
    FROM import_records WHERE reason IS NULL
  ), numbered AS (
    SELECT id, time, hash, row_number() OVER (PARTITION BY hash ORDER BY id) AS within FROM hashed
  ), seen AS (
    SELECT hash, count(*) AS earlier FROM import_seen
    WHERE time BETWEEN (SELECT min(time) FROM hashed) AND (SELECT max(time) FROM hashed) GROUP BY hash
  )
  SELECT id, time, hash, (within + coalesce(earlier, 0))::INTEGER AS occurrence FROM numbered LEFT JOIN seen USING (hash)`;

/** The records that were not imported before; the bounds let the store skip everything of other hours. */
export function findFresh(bounds: { readonly from: string; readonly to: string } | null): string {
  const within = bounds ? `WHERE time BETWEEN '${bounds.from}'::TIMESTAMP AND '${bounds.to}'::TIMESTAMP` : "";
  return `
  CREATE OR REPLACE TEMP TABLE import_fresh AS
  SELECT id, time, hash, occurrence FROM import_keys
  ANTI JOIN (SELECT * FROM internal.imported_records ${within}) USING (time, hash, occurrence)`;
}

export const REMEMBER_RECORDS = [
  "INSERT INTO import_seen SELECT time, hash FROM import_keys",
  "INSERT INTO internal.imported_records SELECT time, hash, occurrence FROM import_fresh",
] as const;

/** Moves the fresh records of one kind into their table. `receivedAt` is epoch ms. */
export function insertRecords(mapping: RecordMapping, receivedAt: number): string {
  const { table } = mapping;
  const isDiagnostics = table.name === "AzureDiagnostics";
  const gatewayPaths = [...new Set(Object.values(mapping.paths).flat())];
  const value = (path: string): string => (isDiagnostics ? head(path) : `fields[${gatewayPaths.indexOf(path) + 1}]`);
  const columns = table.columns.map(
    (column) => `${columnSql(column, mapping, value, receivedAt)} AS ${quoted(column.name)}`,
  );
  const shreds = table.shreds.map((shred) => `${shredSql(shred, table)} AS ${quoted(shred.hiddenColumn)}`);
  const sources = [...new Set(table.shreds.map((shred) => shred.column))];
  const composed = table.columns.filter(({ name }) => isComposed(table, name)).map(({ name }) => name);
  const inner = [
    ...sources.flatMap((_column, index) => [`shred_text${index}`, `shred_type${index}`, `shred_json${index}`]),
    ...composed.map(quoted),
  ];
  // A column whose text is composed from its shreds cannot be inserted; the text as it came goes beside it.
  const given = composed.map((name) => `${quoted(name)} AS ${quoted(givenTextColumn(name))}`);
  return `
  INSERT INTO ${storedTable(table)} BY NAME
  SELECT ${[`*${inner.length > 0 ? ` EXCLUDE (${inner.join(", ")})` : ""}`, ...shreds, ...given].join(",\n  ")}
  FROM (
    SELECT ${["*", ...sources.map((column, index) => shredLists(column, index, table))].join(",\n      ")}
    FROM (
      SELECT ${columns.join(",\n  ")}
      FROM (
        SELECT head, keys, time, resource, record${isDiagnostics ? "" : `, json_extract_string(record, ${list(gatewayPaths)}) AS fields`}
        FROM import_records
        WHERE reason IS NULL AND target = '${table.name}' AND rowid IN (SELECT id FROM import_fresh)
      )
    )
  )
  ORDER BY "TimeGenerated"`;
}

const DERIVED_SQL: Readonly<Record<string, string>> = {
  TimeGenerated: "time",
  ResourceId: "resource",
  _ResourceId: "lower(resource)",
  SubscriptionId: "lower(split_part(resource, '/', 3))",
  _SubscriptionId: "lower(split_part(resource, '/', 3))",
  ResourceGroup: "split_part(resource, '/', 5)",
  ResourceProvider: "split_part(resource, '/', 7)",
  ResourceType: "split_part(resource, '/', 8)",
  Resource: "split_part(resource, '/', 9)",
  SourceSystem: "'Azure'",
  _BilledSize: "strlen(record)::DOUBLE",
  _IsBillable: "'True'",
};

function columnSql(
  column: ColumnSchema,
  mapping: RecordMapping,
  value: (path: string) => string,
  receivedAt: number,
): string {
  if (column.name === "Type") return `'${mapping.table.name}'`;
  if (column.name === "_TimeReceived") return `make_timestamp_ms(${receivedAt})`;
  if (column.name === "AdditionalFields") return ADDITIONAL_FIELDS;
  const paths = mapping.paths[column.name];
  if (!paths)
    return DERIVED_SQL[column.name] ?? (column.type === "string" ? "''" : `NULL::${DUCKDB_TYPES[column.type]}`);
  const text = paths.length === 1 ? value(paths[0] ?? "") : `coalesce(${paths.map(value).join(", ")})`;
  if (column.name === "properties_s") return `coalesce(${withoutPromptText(text)}, '')`;
  if (column.type === "string") return `coalesce(${text}, '')`;
  if (column.type === "dynamic") return text;
  if (column.type === "datetime") return `try_cast(${text} AS TIMESTAMPTZ)::TIMESTAMP`;
  return `try_cast(${text} AS ${DUCKDB_TYPES[column.type]})`;
}

/** Keys that no column takes are kept where the service keeps them, except those that can hold prompt text. */
const ADDITIONAL_FIELDS = `CASE WHEN len(list_filter(json_keys(record), lambda k: k NOT IN (${KNOWN_TOP_LEVEL_KEYS.map(sqlText).join(", ")}))) > 0
    THEN json_merge_patch(record, ${sqlText(nulls([...KNOWN_TOP_LEVEL_KEYS, ...BLANKED_KEYS]))})::VARCHAR END`;

function withoutPromptText(properties: string): string {
  const keys = BLANKED_KEYS.join("|");
  return `CASE WHEN regexp_matches(${properties}, '"(${keys})"\\s*:') AND json_valid(${properties})
    THEN json_merge_patch(${properties}, ${sqlText(nulls(BLANKED_KEYS))})::VARCHAR ELSE ${properties} END`;
}

/** One pass over the JSON text for all of its shreds. */
function shredLists(column: string, index: number, table: TableSchema): string {
  const source = `CASE WHEN json_valid(${quoted(column)}) THEN ${quoted(column)} END`;
  const paths = list(shredsOfColumn(table, column).map((shred) => jsonPath(shred.path)));
  return `json_extract_string(${source}, ${paths}) AS shred_text${index}, json_type(${source}, ${paths}) AS shred_type${index},
    json_extract(${source}, ${paths}) AS shred_json${index}`;
}

/** A key of another type than the declared one stays only in its text: the shred is null, as for an absent key. */
function shredSql(shred: Shred, table: TableSchema): string {
  const sources = [...new Set(table.shreds.map(({ column }) => column))];
  const source = sources.indexOf(shred.column);
  const at = shredsOfColumn(table, shred.column).indexOf(shred) + 1;
  const [text, type, json] = [`shred_text${source}[${at}]`, `shred_type${source}[${at}]`, `shred_json${source}[${at}]`];
  return {
    string: text,
    json: `nullif(${json}::VARCHAR, 'null')`,
    long: `CASE WHEN ${type} IN ('BIGINT', 'UBIGINT') THEN try_cast(${text} AS BIGINT) END`,
    real: `CASE WHEN ${type} IN ('DOUBLE', 'BIGINT', 'UBIGINT') THEN try_cast(${text} AS DOUBLE) END`,
  }[shred.kind];
}

function shredsOfColumn(table: TableSchema, column: string): readonly Shred[] {
  return table.shreds.filter((shred) => shred.column === column);
}

function jsonPath(path: readonly string[]): string {
  return `$${path.map((key) => `."${key.replaceAll('"', '\\"')}"`).join("")}`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map(sqlText).join(", ")}]`;
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function nulls(keys: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, null])));
}
