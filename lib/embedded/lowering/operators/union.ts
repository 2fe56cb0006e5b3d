import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import { freshName, lookUp, refuse, resultColumns, type Scope } from "../scope.ts";
import { sqlNull, sqlString } from "../sql-text.ts";
import { lowerTabular } from "../tabular.ts";
import type { TabularOperator } from "./operator-types.ts";
import { namedParameter } from "./parameters.ts";
import { lowerTable } from "./sources.ts";

export const unionOperators: readonly TabularOperator[] = [
  {
    name: "union",
    kind: "UnionOperator",
    isSource: "either",
    lower: (node, scope, input) => unionOf(node, scope, input),
    note: "kind=outer and inner, withsource, wildcards; a column with two types becomes two columns, as in KQL.",
    test: "union",
  },
];

type Leg = { readonly relation: Relation; readonly source: string };

function unionOf(node: SyntaxNode, scope: Scope, input: Relation | null): Relation {
  const legs: Leg[] = input === null ? [] : [{ relation: input, source: pipedName(node, scope) ?? "union_arg0" }];
  const isFuzzy = namedParameter(node, "isfuzzy") === "true";
  for (const expression of parts(node, "Expressions")) {
    // A fuzzy union goes on without the tables that do not exist.
    const source = sourceOf(expression);
    if (isFuzzy && kindOf(source) === "NameReference" && !exists(textOf(source), scope)) continue;
    legs.push(...legsOf(expression, scope, legs.length));
  }
  if (legs.length === 0) return refuse(node, "union has no table", "refused_there_too");
  const withSource = namedParameter(node, "withsource");
  return stack(node, scope, legs, withSource);
}

/** Puts the legs' rows under each other, in the columns the binder gives the node. */
export function stack(node: SyntaxNode, scope: Scope, legs: readonly Leg[], withSource: string | undefined): Relation {
  const schema = resultColumns(node);
  const columns = schema.map(
    (column): Column => ({
      ...column,
      sql: freshName(scope.query, column.name),
      nullable: column.type !== "string",
    }),
  );
  const carried = legs[0]?.relation.carried ?? [];
  if (legs.some(({ relation }) => carried.some((key) => !relation.carried.includes(key))))
    refuse(
      node,
      "A union with other rows inside mv-apply or partition is not supported by the embedded engine",
      "runs",
    );
  const selects = legs.map(({ relation, source }) => {
    const cells = columns.map((column) =>
      column.name === withSource
        ? `${sqlString(source)} AS ${column.sql}`
        : `${cellOf(relation, column, schema)} AS ${column.sql}`,
    );
    return `SELECT ${[...cells, ...carried].join(", ")} FROM ${relation.from}`;
  });
  return { from: derived(scope.query, selects.join(" UNION ALL ")), columns, order: [], isSerialized: false, carried };
}

/** The leg's column of the same name and type; `Name_type` is what KQL calls a column that has other types elsewhere. */
function cellOf(relation: Relation, column: Column, schema: readonly { name: string }[]): string {
  const suffix = `_${column.type}`;
  const same = relation.columns.find(({ name, type }) => name === column.name && type === column.type);
  if (same !== undefined) return same.sql;
  if (column.name.endsWith(suffix)) {
    const base = column.name.slice(0, -suffix.length);
    const split = relation.columns.find(({ name, type }) => name === base && type === column.type);
    const baseStays = schema.some(({ name }) => name === base);
    if (split !== undefined && !baseStays) return split.sql;
  }
  return sqlNull(column.type);
}

/** The row sets that one item of union or search names; a name may hold wildcards. */
export function legsOf(expression: SyntaxNode, scope: Scope, index: number): Leg[] {
  const text = textOf(expression);
  if (kindOf(expression) === "NameReference" && text.includes("*")) {
    const pattern = new RegExp(`^${text.split("*").map(escapeText).join(".*")}$`);
    const view = viewNames(scope).find((name) => pattern.test(name));
    // The binder gives such a union the columns of the tables alone.
    if (view !== undefined) refuse(expression, `A wildcard that reaches the view '${view}' is not supported`, "runs");
    const names = [...scope.query.tables.keys()].filter((name) => pattern.test(name));
    return names.map((name) => ({ relation: lowerNamedTable(name, expression, scope), source: name }));
  }
  const source = kindOf(expression) === "NameReference" ? text : (asName(expression) ?? `union_arg${index}`);
  return [{ relation: lowerTabular(expression, { ...scope, row: null }), source }];
}

/** The name that the last step of a row set gives it with `as`. */
function asName(expression: SyntaxNode): string | undefined {
  if (kindOf(expression) === "ParenthesizedExpression") return asName(need(expression, "Expression"));
  if (kindOf(expression) !== "PipeExpression") return undefined;
  const last = need(expression, "Operator");
  return kindOf(last) === "AsOperator" ? need(last, "Name").SimpleName : undefined;
}

/** What the steps of a leg start from. */
function sourceOf(expression: SyntaxNode): SyntaxNode {
  const isWrapped = ["ParenthesizedExpression", "PipeExpression"].includes(kindOf(expression));
  return isWrapped ? sourceOf(need(expression, "Expression")) : expression;
}

function exists(name: string, scope: Scope): boolean {
  return name.includes("*") || scope.query.tables.has(name) || lookUp(scope.environment, name) !== null;
}

/** The stored table that is piped into the union as it stands, or what `as` calls the rows. */
function pipedName(node: SyntaxNode, scope: Scope): string | undefined {
  const pipe = node.Parent ?? null;
  const source = pipe !== null && kindOf(pipe) === "PipeExpression" ? need(pipe, "Expression") : null;
  if (source === null || kindOf(source) !== "NameReference") return source === null ? undefined : asName(source);
  return scope.query.tables.has(textOf(source)) ? textOf(source) : undefined;
}

/** Functions declared as views, which a wildcard reaches as it reaches tables. */
function viewNames(scope: Scope): string[] {
  const found: string[] = [];
  for (let at: Scope["environment"] | null = scope.environment; at !== null; at = at.outer) {
    for (const [name, binding] of at.names) {
      if (binding.kind === "function" && part(binding.declaration, "ViewKeyword") !== null) found.push(name);
    }
  }
  return found;
}

function lowerNamedTable(name: string, node: SyntaxNode, scope: Scope): Relation {
  const table = scope.query.tables.get(name);
  return table === undefined ? refuse(node, `There is no table '${name}'`, "unknown") : lowerTable(table, scope);
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`);
}
