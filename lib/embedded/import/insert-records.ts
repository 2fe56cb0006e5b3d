import type { ColumnSchema, Shred, TableSchema } from "../../kql/tables/table-schema.ts";
import { composedColumn, DUCKDB_TYPES, givenTextColumn, quoted, storedTable } from "../store/create-tables.ts";
import { BLANKED_ATTRIBUTES, BLANKED_KEYS, type RecordMapping, type RecordPath } from "./record-mapping.ts";

/**
 * SQL that moves fresh records of one kind from the batch into their table. `receivedAt` is epoch ms; `isWhole`: every
 * record of the batch is one.
 *
 * The names inside: `text` the record, `r` its keys that some column takes, `p` those of `properties`, `k` the lists of
 * all keys of both, `~Column` the JSON text of a column that is shredded and `#Column` what it holds.
 */
export function insertRecords(mapping: RecordMapping, receivedAt: number, isWhole: boolean): string {
  const { table } = mapping;
  const composed = composedColumn(table);
  const columns = table.columns
    .filter(({ name }) => name !== composed)
    .map((column) => `${columnSql(column, mapping, receivedAt)} AS ${quoted(column.name)}`);
  const shreds = table.shreds.map((shred) => `${shredSql(shred, mapping)} AS ${quoted(shred.hiddenColumn)}`);
  const given =
    composed === undefined ? [] : [`${givenText(mapping, composed)} AS ${quoted(givenTextColumn(composed))}`];
  const only = isWhole ? "true" : `target = '${table.name}' AND import_records.rowid IN (SELECT id FROM import_fresh)`;
  return `
  INSERT INTO ${storedTable(table)} BY NAME
  SELECT ${[...columns, ...shreds, ...given].join(",\n    ")}
  FROM (
    SELECT *${shredSources(mapping)
      .map(
        (column) =>
          `, from_json(${validJson(quoted(`~${column}`))}, ${shredSchema(table, column)}) AS ${quoted(`#${column}`)}`,
      )
      .join("")}
    FROM (
      SELECT *${shredSources(mapping)
        .map((column) => `, ${pathsSql(mapping.paths[column] ?? [])} AS ${quoted(`~${column}`)}`)
        .join("")}
      FROM (
        SELECT *${takesProperties(mapping) ? `, ${propertiesSql(mapping)} AS p` : ""}
        FROM (
          SELECT text, time, import_resources.*, from_json(text, ${recordSchema(mapping)}) AS r, json_keys(text, ['$', '$.properties']) AS k
          FROM import_records JOIN import_resources USING (resource) WHERE ${only}
        )
      )
    )
  )`;
}

/** The keys of a record that are read, for one pass of DuckDB's JSON reader; other types than text keep their JSON text. */
function recordSchema(mapping: RecordMapping): string {
  const keys = topLevelKeys(mapping).filter((key) => key !== "properties");
  const top = Object.fromEntries(["time", ...keys].map((key) => [key, "VARCHAR"]));
  return sqlText(JSON.stringify(takesProperties(mapping) ? { ...top, properties: propertyTypes(mapping) } : top));
}

function propertyTypes(mapping: RecordMapping): Readonly<Record<string, string>> {
  const shreds = mapping.table.shreds.filter((shred) => isOfProperties(shred, mapping));
  return {
    ...Object.fromEntries(propertyKeys(mapping).map((key) => [key, "VARCHAR"])),
    ...shredTypes(shreds),
  };
}

function shredTypes(shreds: readonly Shred[]): Readonly<Record<string, string>> {
  return Object.fromEntries(shreds.map(({ path, kind }) => [path.join("."), kind === "string" ? "VARCHAR" : "JSON"]));
}

function shredSchema(table: TableSchema, column: string): string {
  return sqlText(JSON.stringify(shredTypes(table.shreds.filter((shred) => shred.column === column))));
}

function topLevelKeys(mapping: RecordMapping): string[] {
  return [...new Set(Object.values(mapping.paths).flatMap((paths) => paths.map(([key]) => key)))];
}

function propertyKeys(mapping: RecordMapping): string[] {
  const paths = Object.values(mapping.paths).flat();
  return [
    ...new Set(paths.flatMap(([first, second]) => (first === "properties" && second !== undefined ? [second] : []))),
  ];
}

function takesProperties(mapping: RecordMapping): boolean {
  return Object.keys(propertyTypes(mapping)).length > 0;
}

function isOfProperties(shred: Shred, mapping: RecordMapping): boolean {
  const path = mapping.paths[shred.column]?.[0];
  return path?.length === 1 && path[0] === "properties";
}

/** Columns with shreds of their own whose text is not `properties` itself. */
function shredSources({ table, paths }: RecordMapping): string[] {
  const shreds = table.shreds.filter((shred) => !isOfProperties(shred, { table, paths, accepts: "" }));
  return [...new Set(shreds.map(({ column }) => column))];
}

const PROPERTIES_TEXT = "json_extract_string(text, '$.properties')";

/** `properties` is an object or the JSON text of one; for a text the JSON reader gives a struct of nulls. */
function propertiesSql(mapping: RecordMapping): string {
  const schema = sqlText(JSON.stringify(propertyTypes(mapping)));
  return `CASE WHEN len(k[2]) = 0 AND json_type(text, '$.properties') = 'VARCHAR'
    THEN from_json(${validJson(PROPERTIES_TEXT)}, ${schema}) ELSE r.properties END`;
}

const DERIVED_SQL: Readonly<Record<string, string>> = {
  TimeGenerated: "time",
  ResourceId: "resource",
  _ResourceId: "id",
  SubscriptionId: "subscription",
  _SubscriptionId: "subscription",
  ResourceGroup: "resource_group",
  ResourceProvider: "provider",
  ResourceProviderValue: "provider",
  ResourceType: "type",
  Resource: "name",
  SourceSystem: "'Azure'",
  _BilledSize: "strlen(text)::DOUBLE",
  _IsBillable: "'True'",
};

function columnSql(column: ColumnSchema, mapping: RecordMapping, receivedAt: number): string {
  if (column.name === "Type") return `'${mapping.table.name}'`;
  if (column.name === "_TimeReceived") return `make_timestamp_ms(${receivedAt})`;
  if (column.name === "AdditionalFields") return additionalFields(mapping);
  const paths = mapping.paths[column.name];
  if (!paths) {
    return DERIVED_SQL[column.name] ?? (column.type === "string" ? "''" : `NULL::${DUCKDB_TYPES[column.type]}`);
  }
  const value = pathsSql(paths);
  if (column.type === "string") return `coalesce(${value}, '')`;
  if (column.type === "dynamic") return dynamicSql(value);
  if (column.type === "datetime") return `try_cast(${value} AS TIMESTAMPTZ)::TIMESTAMP`;
  return `try_cast(${value} AS ${DUCKDB_TYPES[column.type]})`;
}

/** JSON text as it is and any other text as a JSON string, without attributes that can hold the text of a prompt. */
function dynamicSql(value: string): string {
  const entries = `map_entries(CAST(${value} AS JSON)::MAP(VARCHAR, JSON))`;
  const kept = `list_filter(${entries}, lambda e: NOT regexp_matches(e.key, ${sqlText(BLANKED_ATTRIBUTES)}))`;
  const mayHoldText = sqlText(BLANKED_ATTRIBUTES.replace("^", '"').replace(/\$$/, '":'));
  return `CASE WHEN ${value} IS NULL THEN NULL WHEN NOT json_valid(${value}) THEN to_json(${value})::VARCHAR
    WHEN regexp_matches(${value}, ${mayHoldText}) THEN TRY(to_json(map_from_entries(${kept}))::VARCHAR) ELSE ${value} END`;
}

function pathsSql(paths: readonly RecordPath[]): string {
  const values = paths.map(pathSql);
  return values.length === 1 ? (values[0] ?? "NULL") : `coalesce(${values.join(", ")})`;
}

function pathSql([first, ...rest]: RecordPath): string {
  if (first === "properties" && rest.length === 0) return PROPERTIES_TEXT;
  const [base, deeper] =
    first === "properties" ? [`p.${quoted(rest[0] ?? "")}`, rest.slice(1)] : [`r.${quoted(first)}`, rest];
  return deeper.length === 0 ? base : `json_extract_string(${validJson(base)}, ${jsonPath(deeper)})`;
}

function validJson(text: string): string {
  return `CASE WHEN json_valid(${text}) THEN ${text} END`;
}

function jsonPath(keys: readonly string[]): string {
  return sqlText(`$.${keys.map((key) => `"${key}"`).join(".")}`);
}

const RESOURCE_KEYS = ["time", "resourceId"];

/** Keys that no column takes are kept where the service keeps them, except those that can hold prompt text. */
function additionalFields(mapping: RecordMapping): string {
  const keys = topLevelKeys(mapping);
  const known = [...RESOURCE_KEYS, ...keys];
  const present = keys.map((key) => `(r.${quoted(key)} IS NOT NULL)::INTEGER`).join(" + ");
  const isMore = `len(list_filter(k[1], lambda key: key NOT IN (${known.map(sqlText).join(", ")}))) > 0`;
  // A string `properties` is null in the struct and a null value is a key, so the count only tells who needs a closer look.
  return `CASE WHEN len(k[1]) > ${RESOURCE_KEYS.length} + ${present} AND ${isMore}
    THEN json_merge_patch(text, ${sqlText(nulls([...known, ...BLANKED_KEYS]))})::VARCHAR END`;
}

/**
 * The JSON text of a column that is otherwise put together from its shreds: kept only where it holds more than they do,
 * without the keys that can hold prompt text.
 */
function givenText(mapping: RecordMapping, column: string): string {
  const shreds = mapping.table.shreds.filter((shred) => shred.column === column);
  const present = shreds.map((shred) => `((${shredSql(shred, mapping)}) IS NOT NULL)::INTEGER`).join(" + ");
  const isProperties = shreds.some((shred) => isOfProperties(shred, mapping));
  const text = isProperties ? PROPERTIES_TEXT : quoted(`~${column}`);
  const keys = isProperties ? "k[2]" : `json_keys(${validJson(text)})`;
  const isText = isProperties ? ` OR (len(k[2]) = 0 AND json_type(text, '$.properties') = 'VARCHAR')` : "";
  const patched = `json_merge_patch(${text}, ${sqlText(nulls(BLANKED_KEYS))})::VARCHAR`;
  const mayHoldText = `regexp_matches(${text}, '"(${BLANKED_KEYS.join("|")})"\\s*:') AND json_valid(${text})`;
  return `CASE WHEN coalesce(len(${keys}), -1) <> ${present}${isText}
    THEN CASE WHEN ${mayHoldText} THEN ${patched} ELSE ${text} END END`;
}

/** A key of another type than the declared one stays only in the given text: the shred is null, as for an absent key. */
function shredSql(shred: Shred, mapping: RecordMapping): string {
  const source = isOfProperties(shred, mapping) ? "p" : quoted(`#${shred.column}`);
  const text = `${source}.${quoted(shred.path.join("."))}::VARCHAR`;
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
