import type { CallContext, Expr } from "../lowering/expression-types.ts";
import { sqlString } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { argument, literalText, nth, plain } from "./rows.ts";

/** Functions that find and replace plain text. */
export const searchFunctions: readonly ScalarFunction[] = [
  {
    name: "indexof",
    arity: [2, 5],
    lower: indexOf,
    note: "Counts from 0; -1 where it is not found; null for a length below -1 or an occurrence below 1.",
    test: "indexof",
  },
  {
    name: "countof",
    arity: [2, 3],
    lower: countOf,
    isTotal: true,
    note: "Plain matches may overlap, matches of a regular expression do not.",
    test: "countof",
  },
  plain({
    name: "replace_string",
    args: ["string", "string", "string"],
    gives: "string",
    sql: (s, lookup, rewrite) => `replace(${s}, ${lookup}, ${rewrite})`,
    note: "Every match, case-sensitive.",
  }),
  {
    name: "replace_strings",
    arity: [3, 3],
    lower: replaceStrings,
    isTotal: true,
    note: "The two lists must be literals. A replaced stretch is not searched again.",
    test: "replace_strings",
  },
  plain({
    name: "has_any_index",
    args: ["string", "dynamic"],
    gives: "long",
    sql: (s, values) =>
      `coalesce(list_position(list_transform(kql_texts(${values}), lambda v_any: contains(lower(${s}), lower(v_any)) AND regexp_matches(lower(${s}), kql_term_pattern(lower(v_any), true, true))), true), 0) - 1`,
    note: "The first of the values that stands in the text as a term, counted from 0; -1 for none.",
  }),
];

function indexOf(args: readonly Expr[], call: CallContext): string {
  const [source, needle] = [argument(nth(args, 0), "string"), argument(nth(args, 1), "string")];
  const start = args[2] === undefined ? "0" : argument(args[2], "long");
  const length = args[3] === undefined ? "-1" : argument(args[3], "long");
  const occurrence = args[4]?.literal?.kind === "integer" ? args[4].literal.value : args[4] === undefined ? 1n : null;
  if (occurrence === null) return call.refuse("needs its occurrence written as a number in the query");
  if (occurrence < 1n) return "NULL::BIGINT";
  if (occurrence > 100n) return call.refuse("looks for at most the 100th occurrence here");
  return once([source, needle, start, length], (s, n, from, size) => {
    let found = `kql_index_of(${s}, ${n}, ${from}, ${size})`;
    // The next one is sought right after the place of the one before, over the same length.
    for (let turn = 1n; turn < occurrence; turn += 1n) {
      found = `list_transform([${found}], lambda at${turn}: CASE WHEN at${turn} = -1 THEN -1 ELSE kql_index_of(${s}, ${n}, at${turn} + 1, ${size}) END)[1]`;
    }
    return found;
  });
}

function countOf(args: readonly Expr[], call: CallContext): string {
  const kind = args[2] === undefined ? "normal" : literalText(args[2], "its kind", call);
  const search = nth(args, 1);
  const texts = [argument(nth(args, 0), "string"), argument(search, "string")];
  if (kind === "regex") return `len(regexp_extract_all(${texts.join(", ")}))`;
  if (kind !== "normal") return call.refuse("knows the kinds 'normal' and 'regex'");
  const overlaps = search.literal?.kind !== "string" || canOverlap(search.literal.value);
  return once(texts, (s, n) => `${overlaps ? "kql_count_of_overlapping" : "kql_count_of"}(${s}, ${n})`);
}

/** True when a text can begin inside a match of itself. */
function canOverlap(text: string): boolean {
  for (let size = 1; size < text.length; size += 1) if (text.startsWith(text.slice(text.length - size))) return true;
  return false;
}

function replaceStrings(args: readonly Expr[], call: CallContext): string {
  const lookups = literalArray(args[1], call);
  const rewrites = literalArray(args[2], call);
  if (lookups.length !== rewrites.length) return call.refuse("needs as many replacements as lookups");
  const pairs = lookups.flatMap((lookup, index) => {
    const rewrite = rewrites[index];
    return typeof lookup === "string" && lookup !== "" && typeof rewrite === "string" ? [{ lookup, rewrite }] : [];
  });
  if (pairs.length > 200) return call.refuse("takes at most 200 replacements here");
  // Private-use characters stand in for the matches until all are found.
  const mark = (index: number) => sqlString(String.fromCodePoint(0xf0000 + index));
  let sql = argument(nth(args, 0), "string");
  for (const [index, { lookup }] of pairs.entries()) sql = `replace(${sql}, ${sqlString(lookup)}, ${mark(index)})`;
  for (const [index, { rewrite }] of pairs.entries()) sql = `replace(${sql}, ${mark(index)}, ${sqlString(rewrite)})`;
  return sql;
}

function literalArray(arg: Expr | undefined, call: CallContext): unknown[] {
  const parsed: unknown = arg?.literal?.kind === "dynamic" ? JSON.parse(arg.literal.json) : null;
  return Array.isArray(parsed) ? parsed : call.refuse("needs its lists written as dynamic([…]) in the query");
}
