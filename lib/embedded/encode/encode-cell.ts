import { DuckDBDecimalValue, DuckDBTimestampValue, DuckDBUUIDValue, type DuckDBValue } from "@duckdb/node-api";
import type { KqlType } from "../../kql/tables/table-schema.ts";

/** A JSON text that goes into the body as it stands; a `long` past 2^53 would lose digits as a JavaScript number. */
export type JsonText = string;

/** One DuckDB value as the JSON text Log Analytics sends for a column of this type. */
export function encodeCell(value: DuckDBValue, type: KqlType): JsonText {
  if (value === null || value === undefined) return type === "string" ? '""' : "null";
  switch (type) {
    case "bool":
      return value === true ? "true" : "false";
    case "int":
    case "long":
      return String(value);
    case "real":
      return typeof value === "number" ? encodeReal(value) : encodeReal(Number(value));
    case "decimal":
      return JSON.stringify(
        value instanceof DuckDBDecimalValue ? trimZeros(value.toString()) : trimZeros(String(value)),
      );
    case "datetime":
      return value instanceof DuckDBTimestampValue ? `"${isoText(value.micros)}"` : "null";
    case "timespan":
      return typeof value === "bigint" || typeof value === "number" ? `"${timespanText(BigInt(value))}"` : "null";
    case "guid":
      return JSON.stringify(value instanceof DuckDBUUIDValue ? value.toString() : String(value));
    case "string":
      return JSON.stringify(String(value));
    case "dynamic":
      return encodeDynamic(String(value));
  }
}

/** A dynamic travels as a string: JSON text, but a text value stands for itself. */
function encodeDynamic(json: string): JsonText {
  return json.startsWith('"') ? json : JSON.stringify(json);
}

/** NaN and the infinities have no JSON number; the service sends their names. */
function encodeReal(value: number): JsonText {
  if (Number.isNaN(value)) return '"NaN"';
  if (value === Infinity) return '"Infinity"';
  if (value === -Infinity) return '"-Infinity"';
  return JSON.stringify(value);
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** ISO 8601 in UTC with the fraction's trailing zeros cut, years 1 to 9999. */
export function isoText(micros: bigint): string {
  const wholeMs = Number((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n);
  const fraction = String(((micros % 1_000_000n) + 1_000_000n) % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const date = new Date(wholeMs);
  const year = String(date.getUTCFullYear()).padStart(4, "0");
  const rest = date
    .toISOString()
    .replace(/^[+-]?\d+-/, "")
    .slice(0, 14);
  return `${year}-${rest}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** `[-][d.]hh:mm:ss[.fffffff]`. */
export function timespanText(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const days = size / 864_000_000_000n;
  const pad = (value: bigint): string => String(value).padStart(2, "0");
  const clock = `${pad((size / 36_000_000_000n) % 24n)}:${pad((size / 600_000_000n) % 60n)}:${pad((size / 10_000_000n) % 60n)}`;
  const fraction = size % 10_000_000n;
  const tail = fraction === 0n ? "" : `.${String(fraction).padStart(7, "0")}`;
  return `${ticks < 0n ? "-" : ""}${days === 0n ? "" : `${days}.`}${clock}${tail}`;
}
