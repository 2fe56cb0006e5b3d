import { RECORD_MAPPINGS } from "./record-mapping.ts";

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
  "CREATE OR REPLACE TABLE internal.import_seen (file INTEGER, time TIMESTAMP, hash UHUGEINT)",
] as const;

/** A killed import may have noted identities whose rows were never committed; they are forgotten and read again. */
export const FORGET_UNFINISHED =
  "DELETE FROM internal.imported_records WHERE batch NOT IN (SELECT batch FROM internal.imported_batches)";

export const LAST_BATCH = `SELECT greatest(
  coalesce((SELECT max(batch) FROM internal.imported_batches), 0), coalesce((SELECT max(batch) FROM internal.imported_records), 0))`;

/**
 * The records of one batch with what identifies them: `text` is the record without spaces between its tokens, `hash` that
 * text's, `target` its table, `reason` why it has none. Row ids are in the order of the lines.
 */
export const CREATE_RECORDS = `CREATE OR REPLACE TEMP TABLE import_records (
  file INTEGER, line INTEGER, time TIMESTAMP, name VARCHAR, resource VARCHAR, target VARCHAR, reason VARCHAR, hash UHUGEINT, text VARCHAR)`;

/** Records from before this century, or more than a year ahead of the import, are no telemetry of a model. */
const EARLIEST = "TIMESTAMP '2000-01-01'";
const AHEAD = "INTERVAL 366 DAYS";

const HEAD = JSON.stringify(
  Object.fromEntries(
    [
      "time",
      "TimeGenerated",
      "resourceId",
      "ResourceId",
      "_ResourceId",
      "category",
      "Type",
      "metricName",
      "durationMs",
    ].map((key) => [key, "VARCHAR"]),
  ),
);

/**
 * One block of lines: its file, its first line, how many lines of it make one line of the file, its bytes. In a table,
 * because DuckDB would work on a parameter of several megabytes while it plans.
 */
export const BLOCK_TABLE = "import_block";
export const CREATE_BLOCK = `CREATE OR REPLACE TEMP TABLE ${BLOCK_TABLE} (file INTEGER, first_line INTEGER, lines_each INTEGER, bytes BLOB)`;

/**
 * Adds the lines of the block to the batch. `hasEnvelopes` opens the `{"records":[…]}` of Event Hubs; their records keep
 * its line. `isCareful`: a line that is not JSON has a reason and no text, an empty one the reason ''; without it, which is
 * faster, such a line fails the statement. `receivedAt` is epoch ms.
 */
export function readBlock(options: {
  readonly hasEnvelopes: boolean;
  readonly isCareful: boolean;
  readonly receivedAt: number;
}): string {
  const { hasEnvelopes, isCareful, receivedAt } = options;
  const canonical = isCareful ? "TRY(json(raw)::VARCHAR)" : "json(raw)::VARCHAR";
  const opened = `opened AS (
    SELECT * FROM records WHERE coalesce(json_type(text, '$.records') <> 'ARRAY', true)
    UNION ALL
    SELECT file, line, raw, unnest(json_extract(text, '$.records[*]'))::VARCHAR FROM records WHERE json_type(text, '$.records') = 'ARRAY'
  ),`;
  return `
  INSERT INTO import_records
  WITH lines AS (
    SELECT file, (first_line + (n - 1) // lines_each)::INTEGER AS line, raw
    FROM (
      SELECT file, first_line, lines_each, unnest(parts) AS raw, generate_subscripts(parts, 1) AS n
      FROM (SELECT *, string_split(decode(bytes), chr(10)) AS parts FROM ${BLOCK_TABLE})
    )
    WHERE raw <> ''
  ), records AS (
    SELECT file, line, raw, ${canonical} AS text FROM lines
  ), ${hasEnvelopes ? opened : ""} heads AS (
    SELECT file, line, raw, text, from_json(text, '${HEAD}') AS r FROM ${hasEnvelopes ? "opened" : "records"}
  ), named AS (
    SELECT file, line, raw, text, r, try_cast(coalesce(r.time, r."TimeGenerated") AS TIMESTAMPTZ)::TIMESTAMP AS time,
      coalesce(r.category, r."Type", '') AS name, lower(coalesce(r.category, r."Type", '')) AS category,
      upper(coalesce(r."resourceId", r."ResourceId", r."_ResourceId", '')) AS resource, coalesce(r."metricName", '') AS metric
    FROM heads
  ), aimed AS (
    SELECT *, CASE ${RECORD_MAPPINGS.map(({ accepts, table }) => `WHEN ${accepts} THEN '${table.name}'`).join(" ")} END AS target
    FROM named
  )
  SELECT file, line, time, name, resource, target,
    CASE
      WHEN text IS NULL THEN CASE WHEN trim(raw, chr(9) || chr(13) || ' ') = '' THEN '' ELSE 'not JSON' END
      WHEN coalesce(r.time, r."TimeGenerated") IS NULL AND NOT starts_with(text, '{') THEN 'not a JSON object'
      WHEN coalesce(r.time, r."TimeGenerated") IS NULL THEN 'no time'
      WHEN time IS NULL THEN 'the time cannot be read'
      WHEN time < ${EARLIEST} OR time > make_timestamp_ms(${receivedAt}) + ${AHEAD} THEN 'the time is before 2000 or more than a year ahead'
      WHEN resource = '' THEN 'no resourceId'
      WHEN target IS NULL AND category = '' THEN 'no category'
      WHEN target IS NULL THEN 'the workspace has no table for the category ' || name || ' of this resource'
      WHEN r."durationMs" IS NOT NULL AND try_cast(r."durationMs" AS BIGINT) IS NULL THEN 'durationMs is not a number'
    END,
    md5_number(text), text
  FROM aimed`;
}

/** The rejected records of some lines of a file that were added last. */
export function selectRejected(lines: { readonly file: number; readonly from: number; readonly to: number }): string {
  return `SELECT line, reason, text FROM import_records
  WHERE reason IS NOT NULL AND file = ${lines.file} AND line BETWEEN ${lines.from} AND ${lines.to} ORDER BY rowid`;
}

export const COUNT_TAKEN = `SELECT file, count(*), min(time)::VARCHAR, max(time)::VARCHAR FROM import_records WHERE reason IS NULL GROUP BY file`;

/**
 * The records that were not imported before. The bounds let the store skip everything of other times, and what is
 * searched is narrowed to the batch before it is counted or joined, so that memory does not grow with the store.
 */
export function findFresh(bounds: { readonly from: string; readonly to: string }): string {
  const inBounds = `time BETWEEN '${bounds.from}'::TIMESTAMP AND '${bounds.to}'::TIMESTAMP`;
  return `
  CREATE OR REPLACE TEMP TABLE import_fresh AS
  WITH numbered AS (
    SELECT rowid AS id, file, time, hash, row_number() OVER (PARTITION BY file, hash ORDER BY rowid) AS here
    FROM import_records WHERE reason IS NULL
  ), seen AS (
    SELECT file, hash, count(*) AS earlier FROM internal.import_seen
    WHERE ${inBounds} AND hash IN (SELECT hash FROM import_records) GROUP BY ALL
  ), once AS MATERIALIZED (
    SELECT min(id) AS id, time, hash, (here + coalesce(earlier, 0))::INTEGER AS occurrence
    FROM numbered LEFT JOIN seen USING (file, hash) GROUP BY ALL
  ), known AS (
    SELECT time, hash, occurrence FROM internal.imported_records
    WHERE ${inBounds} AND hash IN (SELECT hash FROM once)
  )
  SELECT * FROM once ANTI JOIN known USING (time, hash, occurrence)`;
}

/** Notes what was taken before the rows themselves are written, so that the next batch knows it. */
export function rememberRecords(batch: number): string {
  return `INSERT INTO internal.imported_records SELECT time, hash, occurrence, ${batch} FROM import_fresh`;
}

/** Keeps the records of a file that goes on in the next batch, or none. */
export function rememberSeen(file: number | null): readonly string[] {
  if (file === null) return ["DELETE FROM internal.import_seen"];
  return [
    `DELETE FROM internal.import_seen WHERE file <> ${file}`,
    `INSERT INTO internal.import_seen SELECT file, time, hash FROM import_records WHERE reason IS NULL AND file = ${file}`,
  ];
}

/** What the standard columns take from a resource id, once for each of the batch's resources. */
export const READ_RESOURCES = `
  CREATE OR REPLACE TEMP TABLE import_resources AS
  SELECT resource, lower(resource) AS id, lower(split_part(resource, '/', 3)) AS subscription,
    split_part(resource, '/', 5) AS resource_group, split_part(resource, '/', 7) AS provider,
    split_part(resource, '/', 8) AS type, split_part(resource, '/', 9) AS name
  FROM (SELECT DISTINCT resource FROM import_records WHERE reason IS NULL)`;

export const COUNT_FRESH = `
  SELECT file, target, CASE name WHEN '' THEN target ELSE name END, count(*), epoch_ms(min(time)), epoch_ms(max(time))
  FROM import_records WHERE rowid IN (SELECT id FROM import_fresh) GROUP BY ALL`;
