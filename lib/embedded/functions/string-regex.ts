import { typeOfSymbol } from "../../kql/syntax.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import { sqlString } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, literalText, nth, plain } from "./rows.ts";
import { textAs } from "./text-as.ts";

const MAX_GROUP = 9;

const extractAll: ScalarFunction = {
  name: "extract_all",
  arity: [2, 3],
  lower: lowerExtractAll,
  note: "One group gives an array of texts, several give an array of arrays; no match is null. At most 9 groups.",
  test: "extract_all",
};

/** Functions over regular expressions (RE2, the library of the service). */
export const regexFunctions: readonly ScalarFunction[] = [
  {
    name: "extract",
    arity: [3, 4],
    lower: (args, call) => {
      const group = groupNumber(args[1], call);
      const found = `regexp_extract(${argument(nth(args, 2), "string")}, ${argument(nth(args, 0), "string")}, ${group})`;
      return args[3] === undefined ? found : textAs(found, typeOfSymbol(call.node.ResultType));
    },
    note: "No match gives the empty string, or null with a type. Groups 0 to 9.",
    test: "extract",
  },
  extractAll,
  alias("extractall", extractAll),
  plain({
    name: "replace_regex",
    args: ["string", "string", "string"],
    gives: "string",
    sql: (s, pattern, rewrite) => `regexp_replace(${s}, ${pattern}, ${rewrite}, 'g')`,
    note: "Every match; \\0 to \\9 in the replacement stand for the match and its groups.",
  }),
  plain({
    name: "replace",
    args: ["string", "string", "string"],
    gives: "string",
    sql: (pattern, rewrite, s) => `regexp_replace(${s}, ${pattern}, ${rewrite}, 'g')`,
    note: "The old form of `replace_regex`.",
  }),
  trimRow("trim", (pattern) => [`^(?:${pattern})+`, `(?:${pattern})+$`], "Every match at both ends."),
  trimRow("trim_start", (pattern) => [`^(?:${pattern})`], "The match at the start."),
  trimRow("trim_end", (pattern) => [`(?:${pattern})$`], "The match at the end."),
  {
    name: "indexof_regex",
    arity: [2, 5],
    lower: (args) => {
      const numbers = [args[2], args[3], args[4]].map((arg, index) =>
        arg === undefined ? (["0", "-1", "1"][index] ?? "0") : argument(arg, "long"),
      );
      const texts = [argument(nth(args, 0), "string"), argument(nth(args, 1), "string"), ...numbers];
      return once(texts, (...all) => `kql_index_of_regex(${all.join(", ")})`);
    },
    note: "Counts from 0; -1 where there is no such match; matches do not overlap.",
    test: "indexof_regex",
  },
  plain({
    name: "regex_quote",
    args: ["string"],
    gives: "string",
    sql: (s) => `regexp_replace(${s}, '([\\\\^$.|?*+()\\[\\]{}\\-])', '\\\\\\1', 'g')`,
    note: "Puts a backslash before every character that means something in a regular expression.",
  }),
];

function trimRow(name: string, patterns: (pattern: string) => string[], note: string): ScalarFunction {
  return {
    name,
    arity: [2, 2],
    lower: (args) => {
      const pattern = nth(args, 0);
      const source = argument(nth(args, 1), "string");
      const literal = pattern.literal?.kind === "string" ? pattern.literal.value : null;
      const all =
        literal === null
          ? patterns("\0").map((form) =>
              form
                .split("\0")
                .map(sqlString)
                .join(` || ${argument(pattern, "string")} || `),
            )
          : patterns(literal).map(sqlString);
      return all.reduce((text, form) => `regexp_replace(${text}, ${form}, '')`, source);
    },
    isTotal: true,
    note,
    test: name,
  };
}

function groupNumber(arg: Expr | undefined, call: CallContext): number {
  const value = arg?.literal?.kind === "integer" ? Number(arg.literal.value) : null;
  if (value === null) return call.refuse("needs its capture group written as a number in the query");
  return value < 0 || value > MAX_GROUP ? call.refuse(`reads the groups 0 to ${MAX_GROUP} here`) : value;
}

function lowerExtractAll(args: readonly Expr[], call: CallContext): string {
  const pattern = literalText(args[0], "its regular expression", call);
  const names = groupNames(pattern);
  if (names.length === 0) return call.refuse("needs a regular expression with a capture group");
  const groups = args.length === 2 ? names.map((_, index) => index + 1) : chosenGroups(args[1], names, call);
  if (groups.some((group) => group > MAX_GROUP)) return call.refuse(`reads the groups 1 to ${MAX_GROUP} here`);
  return once([argument(nth(args, args.length - 1), "string")], (source) => {
    const columns = groups.map((group) => `regexp_extract_all(${source}, ${sqlString(pattern)}, ${group})`);
    const first = columns[0] ?? "[]";
    if (columns.length === 1) return `to_json(nullif(${first}, []))`;
    const rows = `list_transform(range(1, len(${first}) + 1), lambda i_all: [${columns.map((list) => `(${list})[i_all]`).join(", ")}])`;
    return `CASE WHEN len(${first}) > 0 THEN to_json(${rows}) END`;
  });
}

/** The capture groups of a regular expression in order; an unnamed one is an empty text. */
function groupNames(pattern: string): string[] {
  const names: string[] = [];
  let isClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "\\") at += 1;
    else if (isClass) isClass = character !== "]";
    else if (character === "[") {
      isClass = true;
      // A closing bracket that comes first in a class is one of its members.
      if (pattern[at + 1] === "^") at += 1;
      if (pattern[at + 1] === "]") at += 1;
    } else if (character === "(") {
      const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(pattern.slice(at));
      if (named !== null) names.push(named[1] ?? "");
      else if (pattern[at + 1] !== "?") names.push("");
    }
  }
  return names;
}

function chosenGroups(arg: Expr | undefined, names: readonly string[], call: CallContext): number[] {
  const parsed: unknown = arg?.literal?.kind === "dynamic" ? JSON.parse(arg.literal.json) : null;
  if (!Array.isArray(parsed)) return call.refuse("needs its capture groups written as dynamic([…]) in the query");
  return parsed.map((group: unknown) => {
    const index = typeof group === "number" ? group : names.indexOf(String(group)) + 1;
    return index >= 1 && index <= names.length ? index : call.refuse(`has no capture group ${JSON.stringify(group)}`);
  });
}
