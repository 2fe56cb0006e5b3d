import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import type { KvOptions } from "../../functions/scripts/parse-kv.ts";
import { asText } from "../coerce.ts";
import { lowerExpression } from "../expression.ts";
import { derived, type Relation } from "../relation.ts";
import { freshName, type Scope } from "../scope.ts";
import { sqlString } from "../sql-text.ts";
import type { TabularOperator } from "./operator-types.ts";
import { capturedValue, captureOf, withMade } from "./parse.ts";

export const parseKvOperators: readonly TabularOperator[] = [
  {
    name: "parse-kv",
    kind: "ParseKvOperator",
    isSource: false,
    lower: lowerParseKv,
    note: "With delimiters, quotes, escapes and greedy values, without delimiters, or with a regular expression.",
    test: "parse-kv",
  },
];

function lowerParseKv(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const options = optionsOf(node);
  const keys = parts(need(node, "Keys"), "Columns").map((key) => captureOf(key, 0));
  const text = asText(lowerExpression(need(node, "Expression"), { ...scope, row: input }));
  const [source, found] = [freshName(scope.query, "text"), freshName(scope.query, "pairs")];
  const [regex] = options.get("regex") ?? [];
  const columns = keys.map((key) => ({
    ...key,
    sql: freshName(scope.query, key.name),
    nullable: key.type !== "string",
  }));
  const pairs =
    regex === undefined
      ? `kql_script('parse_kv', json_array(${source}, ${sqlString(JSON.stringify(kvOptions(options, keys)))}::JSON)::VARCHAR)::JSON`
      : `{'k': list_transform(regexp_extract_all(${source}, ${sqlString(regex)}, 1), lambda k_kv: trim(k_kv)), 'v': regexp_extract_all(${source}, ${sqlString(regex)}, 2)}`;
  const cells = columns.map(({ name, type, sql }, index) => {
    const value =
      regex === undefined
        ? `json_extract_string(${found}, '$[${index}]')`
        : `trim(${found}.v[list_position(${found}.k, ${sqlString(name)})])`;
    return `${capturedValue(`coalesce(${value}, '')`, type, "true")} AS ${sql}`;
  });
  const texts = `(SELECT *, ${text} AS ${source} FROM ${input.from})`;
  const from = derived(
    scope.query,
    `SELECT *, ${cells.join(", ")} FROM (SELECT *, ${pairs} AS ${found} FROM ${texts})`,
  );
  return { ...input, from, columns: withMade(node, input, columns), rowNumber: undefined };
}

function kvOptions(options: ReadonlyMap<string, readonly string[]>, keys: readonly { name: string }[]): KvOptions {
  const [pair] = options.get("pair_delimiter") ?? [];
  const [between] = options.get("kv_delimiter") ?? [];
  return {
    keys: keys.map(({ name }) => name),
    ...(pair === undefined || pair === "" ? {} : { pair }),
    ...(between === undefined || between === "" ? {} : { between }),
    quotes: options.get("quote") ?? [],
    escapes: options.get("escape") ?? [],
    isGreedy: options.get("greedy")?.[0]?.toLowerCase() === "true",
  };
}

/** The `with (name=value, …)` of the step; a name may come more than once. */
function optionsOf(node: SyntaxNode): ReadonlyMap<string, readonly string[]> {
  const clause = part(node, "WithClause");
  const options = new Map<string, string[]>();
  for (const property of clause === null ? [] : parts(clause, "Properties")) {
    const name = textOf(need(property, "Name"));
    const value = need(property, "Expression");
    options.set(name, [...(options.get(name) ?? []), String(value.LiteralValue ?? textOf(value))]);
  }
  return options;
}
