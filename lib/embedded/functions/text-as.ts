import type { KqlType } from "../../kql/tables/table-schema.ts";

/** A text read as a value of a type; what is not one is null. */
export function textAs(text: string, type: KqlType): string {
  switch (type) {
    case "string":
      return text;
    case "bool":
      return `kql_text_to_bool(${text})`;
    case "int":
      return `TRY_CAST(kql_text_to_long(${text}) AS INTEGER)`;
    case "long":
      return `kql_text_to_long(${text})`;
    case "real":
      return `kql_text_to_real(${text})`;
    case "decimal":
      return `TRY_CAST(trim(${text}) AS DECIMAL(38,18))`;
    case "datetime":
      return `kql_text_to_datetime(${text})`;
    case "timespan":
      return `kql_text_to_timespan(${text})`;
    case "guid":
      return `kql_text_to_guid(${text})`;
    case "dynamic":
      return `kql_parse_json(${text})`;
  }
}
