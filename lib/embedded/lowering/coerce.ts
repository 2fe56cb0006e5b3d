import type { KqlType } from "../../kql/tables/table-schema.ts";
import { once } from "../functions/once.ts";
import type { Expr } from "./expression-types.ts";
import { SQL_TYPES, sqlNull } from "./sql-text.ts";

/** The expression's SQL in the form of another KQL type, where KQL itself widens or wraps a value without being asked. */
export function coerce(expr: Expr, to: KqlType): string {
  if (expr.type === to) return expr.sql;
  if (expr.literal?.kind === "null") return sqlNull(to);
  if (to === "dynamic") return asDynamic(expr);
  if (to === "string") return asText(expr);
  if (expr.type === "dynamic")
    return shredAs(expr, to) ?? (expr.text === undefined ? dynamicAs(expr.sql, to) : textAs(expr.text, to));
  if (to === "timespan" || to === "datetime" || to === "guid" || to === "bool") {
    return `TRY_CAST((${expr.sql}) AS ${SQL_TYPES[to]})`;
  }
  return `(${expr.sql})::${SQL_TYPES[to]}`;
}

/** A conversion answered by the stored column of a JSON path; null where that column does not hold enough to be exact. */
function shredAs({ sql, shred }: Expr, to: Exclude<KqlType, "dynamic" | "string">): string | null {
  if (shred?.kind === "string") return textAs(shred.sql, to);
  if (shred?.kind === "json") return jsonShredAs(shred.sql, sql, to);
  if (shred?.kind !== to) return null;
  // A value of another JSON type than the column's stands in the text alone: "12" where numbers are usual.
  return shred.given === undefined ? shred.sql : `coalesce(${shred.sql}, ${textAs(shred.given, to)})`;
}

/** JSON text of a plain number is that number; only what is none is parsed. A cast to BIGINT would round a fraction. */
function jsonShredAs(text: string, value: string, to: Exclude<KqlType, "dynamic" | "string">): string | null {
  if (to === "real") return `coalesce(TRY_CAST(${text} AS DOUBLE), ${dynamicAs(value, to)})`;
  if (to !== "long") return null;
  const parsed = dynamicAs(value, to);
  return `CASE WHEN starts_with(${text}, '[') THEN NULL WHEN contains(${text}, '.') THEN ${parsed} ELSE coalesce(TRY_CAST(${text} AS BIGINT), ${parsed}) END`;
}

/** The value as JSON; a null stays SQL NULL. */
export function asDynamic({ sql, type }: Expr): string {
  switch (type) {
    case "dynamic":
      return sql;
    case "real":
      return once([sql], (value) => `kql_real_to_dyn(${value})`);
    case "datetime":
      return `to_json(kql_datetime_text(${sql}))`;
    case "timespan":
      return once([sql], (value) => `to_json(kql_timespan_text(${value}))`);
    case "guid":
      return `to_json((${sql})::VARCHAR)`;
    case "decimal":
      return `to_json(kql_decimal_text(${sql}))`;
    default:
      return `kql_scalar_to_dyn(${sql})`;
  }
}

/** The value as KQL's `tostring` writes it; a null becomes the empty string. */
export function asText({ sql, type, nullable, shred, text: own }: Expr): string {
  if (shred?.kind === "string") return `coalesce(${shred.sql}, '')`;
  if (type === "dynamic" && own !== undefined) return `coalesce(${own}, '')`;
  const text = TEXT_OF[type](sql);
  return type === "string" || (type === "bool" && nullable) ? text : `coalesce(${text}, '')`;
}

const TEXT_OF: Record<KqlType, (sql: string) => string> = {
  string: (sql) => sql,
  bool: (sql) => `kql_bool_text(${sql})`,
  int: (sql) => `(${sql})::VARCHAR`,
  long: (sql) => `(${sql})::VARCHAR`,
  real: (sql) => once([sql], (value) => `kql_real_text(${value})`),
  decimal: (sql) => `kql_decimal_text(${sql})`,
  datetime: (sql) => `kql_datetime_text(${sql})`,
  timespan: (sql) => once([sql], (value) => `kql_timespan_text(${value})`),
  guid: (sql) => `(${sql})::VARCHAR`,
  dynamic: (sql) => `kql_dyn_text(${sql})`,
};

/** A dynamic's value read as a scalar type; what is not one is null. */
export function dynamicAs(sql: string, to: Exclude<KqlType, "dynamic" | "string">): string {
  return textAs(`kql_dyn_text(${sql})`, to);
}

function textAs(text: string, to: Exclude<KqlType, "dynamic" | "string">): string {
  switch (to) {
    case "bool":
      return `kql_text_to_bool(${text})`;
    case "int":
      return `TRY_CAST(kql_text_to_long(${text}) AS INTEGER)`;
    case "long":
      return `kql_text_to_long(${text})`;
    case "real":
      return `TRY_CAST(${text} AS DOUBLE)`;
    case "decimal":
      return `TRY_CAST(${text} AS DECIMAL(38,18))`;
    case "datetime":
      return `kql_text_to_datetime(${text})`;
    case "timespan":
      return `kql_text_to_timespan(${text})`;
    case "guid":
      return `TRY_CAST(${text} AS UUID)`;
  }
}
