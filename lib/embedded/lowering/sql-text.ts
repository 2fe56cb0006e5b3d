import type { KqlType } from "../../kql/tables/table-schema.ts";

/** A SQL string literal; the only way a text from a query reaches SQL. */
export function sqlString(value: string): string {
  // DuckDB ends the statement at a NUL character, so it is put in by its number.
  return value.includes("\0")
    ? `(${value
        .split("\0")
        .map((piece) => `'${piece.replaceAll("'", "''")}'`)
        .join(" || chr(0) || ")})`
    : `'${value.replaceAll("'", "''")}'`;
}

/** A quoted SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The DuckDB type that holds a KQL type. */
export const SQL_TYPES: Readonly<Record<KqlType, string>> = {
  bool: "BOOLEAN",
  int: "INTEGER",
  long: "BIGINT",
  real: "DOUBLE",
  decimal: "DECIMAL(38,18)",
  string: "VARCHAR",
  datetime: "TIMESTAMP",
  timespan: "BIGINT",
  guid: "UUID",
  dynamic: "JSON",
};

/** The null of a KQL type; a string has none, its missing value is the empty string. */
export function sqlNull(type: KqlType): string {
  return type === "string" ? "''" : `NULL::${SQL_TYPES[type]}`;
}

/** 100-ns ticks between 0001-01-01 and 1970-01-01. */
export const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;

/** A TIMESTAMP literal from ticks since year 1; the seventh digit of the second is cut, DuckDB holds microseconds. */
export function sqlTimestamp(ticks: bigint): string {
  const micros = (ticks - UNIX_EPOCH_TICKS) / 10n;
  return `make_timestamp(${micros})`;
}
