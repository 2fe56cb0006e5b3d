import type { ScalarFunction } from "./function-types.ts";
import { alias, plain } from "./rows.ts";
import { joinFunctions } from "./string-join.ts";
import { regexFunctions } from "./string-regex.ts";
import { searchFunctions } from "./string-search.ts";

const toCodePoints = plain({
  name: "unicode_codepoints_from_string",
  args: ["string"],
  gives: "dynamic",
  sql: (s) => `to_json(kql_code_points(${s}))`,
  isTotal: true,
  note: "The Unicode code points, one number each.",
});

/** Functions over text; a missing string is the empty string, never null. */
export const stringFunctions: readonly ScalarFunction[] = [
  plain({
    name: "strlen",
    args: ["string"],
    gives: "long",
    sql: (s) => `length(${s})`,
    isTotal: true,
    note: "Counts characters, not bytes.",
  }),
  plain({
    name: "string_size",
    args: ["string"],
    gives: "long",
    sql: (s) => `strlen(${s})`,
    isTotal: true,
    note: "Counts bytes of UTF-8.",
  }),
  plain({ name: "toupper", args: ["string"], gives: "string", sql: (s) => `upper(${s})`, note: "Any script." }),
  plain({ name: "tolower", args: ["string"], gives: "string", sql: (s) => `lower(${s})`, note: "Any script." }),
  plain({
    name: "reverse",
    args: ["string"],
    gives: "string",
    sql: (s) => `array_to_string(list_reverse(string_split(${s}, '')), '')`,
    note: "By characters; a value that is no text is written as text first.",
  }),
  plain({
    name: "substring",
    args: ["string", "long", "long"],
    defaults: ["2000000000"],
    gives: "string",
    sql: (s, start, length) => `kql_substring(${s}, ${start}, ${length})`,
    note: "Counts from 0; a negative start counts from the end.",
  }),
  plain({
    name: "strcmp",
    args: ["string", "string"],
    gives: "long",
    sql: (a, b) => `kql_compare_text(${a}, ${b})`,
    isTotal: true,
    note: "-1, 0 or 1, by code points.",
  }),
  plain({
    name: "strrep",
    args: ["string", "long", "string"],
    defaults: ["''"],
    gives: "string",
    sql: (s, n, delimiter) => `kql_repeat_text(${s}, ${n}, ${delimiter})`,
    note: "At most 1,024 times; nothing for a count below 1.",
  }),
  plain({
    name: "translate",
    args: ["string", "string", "string"],
    gives: "string",
    sql: (from, to, s) => `kql_translate(${from}, ${to}, ${s})`,
    note: "A shorter replacement list repeats its last character; an empty one removes.",
  }),
  toCodePoints,
  alias("to_utf8", toCodePoints),
  plain({
    name: "isascii",
    args: ["string"],
    gives: "bool",
    sql: (s) => `(length(${s}) = strlen(${s}))`,
    isTotal: true,
    note: "True of the empty string.",
  }),
  plain({
    name: "isutf8",
    args: ["string"],
    gives: "bool",
    sql: (s) => `(${s}) IS NOT NULL`,
    isTotal: true,
    note: "Always true: every stored text is UTF-8.",
  }),
  ...joinFunctions,
  ...searchFunctions,
  ...regexFunctions,
];
