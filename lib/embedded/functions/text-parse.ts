import { typeOfSymbol } from "../../kql/syntax.ts";
import { sqlString } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, literalText, nth, plain } from "./rows.ts";
import { script } from "./script-rows.ts";
import { textAs } from "./text-as.ts";

const parseUrl = plain({
  name: "parse_url",
  args: ["string"],
  gives: "dynamic",
  sql: (s) => `kql_parse_url(${s})`,
  note: "Parts that are missing are empty texts; query parameters are not decoded.",
});
const parseUrlQuery = plain({
  name: "parse_urlquery",
  args: ["string"],
  gives: "dynamic",
  sql: (s) => `json_object('Query Parameters', kql_query_parameters(ltrim(${s}, '?')))`,
  note: "Parameters are not decoded; of several with one name the first stays.",
});
const extractJson: ScalarFunction = {
  name: "extract_json",
  arity: [2, 3],
  lower: (args, call) => {
    const path = duckPath(literalText(args[0], "its path", call));
    if (path === null) return call.refuse("reads paths such as $.a.b[0]['c']");
    const text = once(
      [argument(nth(args, 1), "string")],
      (s) => `coalesce(CASE WHEN json_valid(${s}) THEN json_extract_string(${s}, ${sqlString(path)}) END, '')`,
    );
    return args[2] === undefined ? text : textAs(text, typeOfSymbol(call.node.ResultType));
  },
  note: "Nothing at the path gives the empty string, or null with a type.",
  test: "extract_json",
};

/** Functions that read a text of a known form. */
export const parseFunctions: readonly ScalarFunction[] = [
  parseUrl,
  alias("parseurl", parseUrl),
  parseUrlQuery,
  alias("parseurlquery", parseUrlQuery),
  extractJson,
  alias("extractjson", extractJson),
  plain({
    name: "parse_path",
    args: ["string"],
    gives: "dynamic",
    sql: (s) => `kql_parse_path(${s})`,
    note: "Both kinds of slash, schemes, shares and alternate streams.",
  }),
  plain({
    name: "parse_csv",
    args: ["string"],
    gives: "dynamic",
    sql: (s) => `to_json(kql_csv_fields(${s}))`,
    note: "The fields of the first record.",
  }),
  {
    name: "parse_version",
    arity: [1, 1],
    // Versions need 25 digits before the point, more than other decimals have here.
    lower: (args) => once([argument(nth(args, 0), "string")], (s) => `kql_parse_version(${s})`),
    note: "Up to four parts of up to eight digits; null for anything else.",
    test: "parse_version",
  },
  {
    name: "parse_command_line",
    arity: [2, 2],
    lower: (args, call) => {
      const kind = literalText(args[1], "its parser", call);
      return kind === "windows"
        ? script("parse_command_line", [1, 1], "").lower(args.slice(0, 1), call)
        : call.refuse("knows the parser 'windows'");
    },
    note: "By the rules of Windows.",
    test: "parse_command_line",
  },
  {
    name: "format_bytes",
    arity: [1, 3],
    lower: (args, call) => {
      const unit = args[2] === undefined ? "" : literalText(args[2], "its unit", call);
      if (unit !== "" && !UNITS.includes(unit)) return call.refuse(`knows no unit '${unit}'`);
      const precision = args[1] === undefined ? "0" : `(${argument(args[1], "long")})::INTEGER`;
      return once([argument(nth(args, 0), "real")], (size) => {
        const power = unit === "" ? `kql_byte_power(${size})` : String(UNITS.indexOf(unit));
        return `coalesce(kql_real_text(round(${size} / pow(1024, ${power}), ${precision})) || ' ' || [${UNITS.map(sqlString).join(", ")}][${power} + 1], '')`;
      });
    },
    isTotal: true,
    note: "Steps of 1,024; zeros at the end are left out.",
    test: "format_bytes",
  },
];

const UNITS = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];

/** A JSON path in DuckDB's spelling; null for wildcards, filters and anything else with more than one result. */
function duckPath(path: string): string | null {
  if (!path.startsWith("$")) return null;
  let rest = path.slice(1);
  let written = "$";
  while (rest !== "") {
    const step = /^\.([A-Za-z_$][\w$-]*)|^\[(?:'([^']*)'|"([^"]*)"|(\d+))\]/.exec(rest);
    if (step === null) return null;
    const name = step[1] ?? step[2] ?? step[3];
    written += name === undefined ? `[${step[4]}]` : `.${JSON.stringify(name)}`;
    rest = rest.slice(step[0].length);
  }
  return written;
}
