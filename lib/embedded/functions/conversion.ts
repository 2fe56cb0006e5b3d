import type { KqlType } from "../../kql/tables/table-schema.ts";
import { asDynamic, asText, coerce } from "../lowering/coerce.ts";
import type { Expr } from "../lowering/expression-types.ts";
import { sqlNull, sqlString } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, nth } from "./rows.ts";
import { textAs } from "./text-as.ts";

const toReal = conversion("toreal", "real", "A text that is no number is null.");
const toBool = conversion("tobool", "bool", "'true' and 'false' in any case; a number is true unless it is zero.");
const toTimespan = conversion(
  "totimespan",
  "timespan",
  "`[-][d.]hh:mm[:ss[.fffffff]]`, or a number with its unit such as `1.5h`; a long counts ticks of 100 ns.",
);

const parseJson: ScalarFunction = {
  name: "parse_json",
  arity: [1, 1],
  lower: (args) => {
    const value = nth(args, 0);
    return value.type === "string" ? once([value.sql], (text) => `kql_parse_json(${text})`) : asDynamic(value);
  },
  note: "A text that is no JSON stays a string; the empty text is null.",
  test: "parse_json",
};

/** Conversions; a text that is no value of the type becomes null. */
export const conversionFunctions: readonly ScalarFunction[] = [
  {
    name: "tostring",
    arity: [1, 1],
    lower: (args) => {
      const value = nth(args, 0);
      return value.type === "dynamic" ? coerce(value, "string") : asText(value);
    },
    isTotal: true,
    note: "Null becomes the empty string; a string inside a dynamic loses its quotes.",
    test: "tostring",
  },
  conversion("toint", "int", "Cuts the fraction; what does not fit in 32 bits is null."),
  conversion("tolong", "long", "Cuts the fraction; a text that is no number is null. A timespan gives its ticks."),
  toReal,
  alias("todouble", toReal),
  conversion("todecimal", "decimal", "At most 18 digits after the point."),
  toBool,
  alias("toboolean", toBool),
  conversion(
    "todatetime",
    "datetime",
    "ISO 8601 with any offset, month/day/year, RFC 822; a long counts ticks since year 1.",
  ),
  toTimespan,
  alias("totime", toTimespan),
  conversion("toguid", "guid", "With or without hyphens and braces."),
  parseJson,
  alias("todynamic", parseJson),
  alias("parsejson", parseJson),
  alias("toobject", parseJson),
  {
    name: "tohex",
    arity: [1, 2],
    lower: (args) => {
      const value = nth(args, 0);
      // A negative int has eight digits.
      const width = value.type === "int" ? 8 : 16;
      const hex = once(
        [argument(value, "long")],
        (x) => `right(kql_hex((${x})::BIGINT), CASE WHEN ${x} < 0 THEN ${width} ELSE 16 END)`,
      );
      if (args[1] === undefined) return `coalesce(${hex}, '')`;
      return once(
        [hex, argument(args[1], "long")],
        (text, size) => `coalesce(lpad(${text}, greatest(length(${text}), ${size})::INTEGER, '0'), '')`,
      );
    },
    isTotal: true,
    note: "Lower case; a negative number as its two's complement.",
    test: "tohex",
  },
  {
    name: "gettype",
    arity: [1, 1],
    lower: (args) => {
      const value = nth(args, 0);
      if (value.type === "dynamic") return once([value.sql], (json) => `kql_dyn_type(${json})`);
      return value.type === "string"
        ? "'string'"
        : `CASE WHEN (${value.sql}) IS NULL THEN 'null' ELSE ${sqlString(value.type)} END`;
    },
    isTotal: true,
    note: "Of a dynamic: null, array, dictionary, string, bool, long or double.",
    test: "gettype",
  },
];

function conversion(name: string, to: KqlType, note: string): ScalarFunction {
  return { name, arity: [1, 1], lower: (args) => convert(nth(args, 0), to), note, test: name };
}

function convert(value: Expr, to: KqlType): string {
  if (value.type === to) return value.sql;
  if (value.literal?.kind === "null") return sqlNull(to);
  if (value.type === "string") return once([value.sql], (text) => textAs(text, to));
  // A path that the store keeps as a column of its own is read from there.
  if (value.type === "dynamic" && value.shred !== undefined) return coerce(value, to);
  if (value.type === "dynamic") return once([value.text ?? `kql_dyn_text(${value.sql})`], (text) => textAs(text, to));
  return CONVERSIONS[to]?.[value.type]?.(`(${value.sql})`) ?? sqlNull(to);
}

type Convert = (sql: string) => string;
const wholeOfReal: Convert = (sql) => `kql_real_to_long(${sql}::DOUBLE)`;
const ticksOfDatetime: Convert = (sql) => `(epoch_us(${sql}) * 10 + 621355968000000000)`;
const same: Convert = (sql) => sql;

/** How one scalar type becomes another; a pair that is not here has no conversion, and the result is null. */
const CONVERSIONS: Partial<Record<KqlType, Partial<Record<KqlType, Convert>>>> = {
  long: {
    bool: (sql) => `${sql}::BIGINT`,
    int: (sql) => `${sql}::BIGINT`,
    real: wholeOfReal,
    decimal: (sql) => `TRY_CAST(trunc(${sql}) AS BIGINT)`,
    timespan: same,
    datetime: ticksOfDatetime,
  },
  int: {
    bool: (sql) => `${sql}::INTEGER`,
    long: (sql) => `TRY_CAST(${sql} AS INTEGER)`,
    real: (sql) => `TRY_CAST(${wholeOfReal(sql)} AS INTEGER)`,
    decimal: (sql) => `TRY_CAST(trunc(${sql}) AS INTEGER)`,
    timespan: (sql) => `TRY_CAST(${sql} AS INTEGER)`,
  },
  real: {
    bool: (sql) => `${sql}::INTEGER::DOUBLE`,
    int: (sql) => `${sql}::DOUBLE`,
    long: (sql) => `${sql}::DOUBLE`,
    decimal: (sql) => `${sql}::DOUBLE`,
    timespan: (sql) => `${sql}::DOUBLE`,
    datetime: (sql) => `${ticksOfDatetime(sql)}::DOUBLE`,
  },
  decimal: {
    bool: (sql) => `${sql}::INTEGER::DECIMAL(38,18)`,
    int: (sql) => `${sql}::DECIMAL(38,18)`,
    long: (sql) => `TRY_CAST(${sql} AS DECIMAL(38,18))`,
    real: (sql) => `TRY_CAST(${sql} AS DECIMAL(38,18))`,
    timespan: (sql) => `TRY_CAST(${sql} AS DECIMAL(38,18))`,
    datetime: (sql) => `TRY_CAST(${ticksOfDatetime(sql)} AS DECIMAL(38,18))`,
  },
  bool: {
    int: (sql) => `(${sql} <> 0)`,
    long: (sql) => `(${sql} <> 0)`,
    real: (sql) => `(${sql} <> 0)`,
    decimal: (sql) => `(${sql} <> 0)`,
    timespan: (sql) => `(${sql} <> 0)`,
  },
  timespan: {
    int: (sql) => `${sql}::BIGINT`,
    long: same,
    real: wholeOfReal,
    decimal: (sql) => `TRY_CAST(trunc(${sql}) AS BIGINT)`,
  },
  datetime: {
    int: (sql) => `kql_datetime_of_ticks(${sql}::BIGINT)`,
    long: (sql) => `kql_datetime_of_ticks(${sql})`,
    real: (sql) => `kql_datetime_of_ticks(${wholeOfReal(sql)})`,
  },
};
