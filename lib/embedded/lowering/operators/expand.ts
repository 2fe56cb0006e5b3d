import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import type { KqlType } from "../../../kql/tables/table-schema.ts";
import { asDynamic, coerce } from "../coerce.ts";
import { lowerExpression } from "../expression.ts";
import { type Column, derived, orderBy, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import type { TabularOperator } from "./operator-types.ts";
import { namedParameter } from "./parameters.ts";

export const expandOperators: readonly TabularOperator[] = [
  {
    name: "mv-expand",
    kind: "MvExpandOperator",
    isSource: false,
    lower: (node, scope, input) =>
      expanded(node, scope, input.order.length === 0 ? input : numberedRows(scope, input).rows),
    note: "Several columns are zipped to the longest; a null gives one row, an empty array none. bagexpansion, with_itemindex, to typeof, limit.",
    test: "trap 22: mv-expand",
  },
];

/** The rows numbered in their order by the column `id`, which is their order from here on. */
export function numberedRows(scope: Scope, input: Relation): { rows: Relation; id: string } {
  const id = freshName(scope.query, "row");
  const numbered = `SELECT *, row_number() OVER (${orderBy(input.order)}) AS ${id} FROM ${input.from}`;
  const order = [{ sql: id, isDescending: false, nullsFirst: true }];
  return { rows: { ...input, from: derived(scope.query, numbered), order }, id };
}

/** Shared by mv-expand and mv-apply: one row per element. Where the rows have an order, their elements follow in theirs. */
export function expanded(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row = { ...scope, row: input };
  const bagKind = namedParameter(node, "bagexpansion") ?? namedParameter(node, "kind") ?? "bag";
  const limit = part(node, "RowLimitClause");
  const limitSql =
    limit === null ? defaultLimit(node) : lowerExpression(need(limit, "RowLimit"), { ...scope, row: null }).sql;
  const taken = new Set(input.columns.map((column) => column.name));
  const fresh = resultColumns(node).flatMap(({ name }) => (taken.has(name) ? [] : [name]));
  const lists: string[] = [];
  const elements: { name: string; type: KqlType; list: string; sql: string }[] = [];
  for (const item of parts(node, "Expressions")) {
    const expression = need(item, "Expression");
    const source = asDynamic(lowerExpression(expression, row));
    const name =
      nameOf(expression) ?? fresh.shift() ?? refuse(expression, "This expanded value needs a name", "unknown");
    const list = freshName(scope.query, "list");
    const array = `kql_dyn_elements(${source}, ${bagKind === "array"})`;
    lists.push(`${limitSql === null ? array : `list_slice(${array}, 1, ${limitSql})`} AS ${list}`);
    elements.push({ name, type: typeOf(item), list, sql: freshName(scope.query, name) });
  }
  const indexName = namedParameter(node, "with_itemindex");
  const index = freshName(scope.query, indexName ?? "index");
  const longest =
    elements.length === 1
      ? `len(${elements[0]?.list})`
      : `greatest(${elements.map(({ list }) => `len(${list})`).join(", ")})`;
  const raw = elements.map(({ list, sql }) => `unnest(${list}) AS ${sql}`);
  const withLists = `(SELECT *, ${lists.join(", ")} FROM ${input.from})`;
  const unnested = `(SELECT *, ${raw.join(", ")}, unnest(range(${longest})) AS ${index} FROM ${withLists})`;
  const typed = elements.map((element) => ({ ...element, typed: freshName(scope.query, element.name) }));
  const casts = typed.map(({ sql, type, typed: target }) => `${fromJson(sql, type)} AS ${target}`);
  const from = derived(scope.query, `SELECT *, ${casts.join(", ")} FROM ${unnested}`);
  const made = new Map<string, Column>(
    typed.map(({ name, type, typed: sql }) => [name, { name, type, sql, nullable: type !== "string" }]),
  );
  if (indexName !== undefined) made.set(indexName, { name: indexName, type: "long", sql: index, nullable: false });
  const columns = (kindOf(node) === "MvApplyOperator" ? applyColumns(input, made) : resultColumns(node)).map(
    ({ name }) =>
      made.get(name) ??
      input.columns.find((column) => column.name === name) ??
      refuse(node, `The column '${name}' is lost`, "unknown"),
  );
  const order = input.order.length === 0 ? [] : [...input.order, { sql: index, isDescending: false, nullsFirst: true }];
  return { ...input, from, columns, order, rowNumber: undefined };
}

/** The old spelling `mvexpand` takes 128 elements of a row where no limit is given. */
function defaultLimit(node: SyntaxNode): string | null {
  const keyword = part(node, "MvExpandKeyword");
  return keyword !== null && textOf(keyword) === "mvexpand" ? "128" : null;
}

function applyColumns(input: Relation, made: ReadonlyMap<string, Column>): { name: string }[] {
  return [...input.columns.filter(({ name }) => !made.has(name)), ...made.values()];
}

function fromJson(sql: string, type: KqlType): string {
  return type === "dynamic"
    ? `kql_dyn(${sql})`
    : coerce({ sql: `kql_dyn(${sql})`, type: "dynamic", nullable: true }, type);
}

function nameOf(expression: SyntaxNode): string | undefined {
  if (kindOf(expression) === "SimpleNamedExpression") return need(expression, "Name").SimpleName;
  return kindOf(expression) === "NameReference" ? expression.SimpleName : undefined;
}

function typeOf(item: SyntaxNode): KqlType {
  const clause = part(item, "ToTypeOf");
  if (clause === null) return "dynamic";
  const type = parts(need(clause, "TypeOf"), "Types")[0];
  return (type?.ReferencedSymbol?.Name ?? "dynamic") as KqlType;
}
