import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { callName } from "../call.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import { freshName, lookUp, refuse, type Scope } from "../scope.ts";
import { sqlString } from "../sql-text.ts";
import { lowerUserFunction } from "../user-function.ts";
import type { TabularOperator } from "./operator-types.ts";

/** Operators about the query rather than its rows. */
export const miscOperators: readonly TabularOperator[] = [
  {
    name: "render",
    kind: "RenderOperator",
    isSource: false,
    lower: lowerRender,
    note: "The chart and its properties are handed back beside the result; the rows are unchanged.",
    test: "render",
  },
  {
    name: "as",
    kind: "AsOperator",
    isSource: false,
    lower: lowerAs,
    note: "Names the rows for the rest of the query.",
    test: "as",
  },
  { name: "getschema", kind: "GetSchemaOperator", isSource: false, lower: lowerGetSchema, note: "", test: "getschema" },
  {
    name: "materialize()",
    kind: "MaterializeExpression",
    isSource: false,
    lower: lowerMaterialize,
    note: "Computed once for the query.",
    test: "trap 30: materialize",
  },
  {
    name: "invoke",
    kind: "InvokeOperator",
    isSource: false,
    lower: lowerInvoke,
    note: "Functions declared with let.",
    test: "invoke",
  },
];

function lowerRender(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const chart = part(node, "ChartType");
  const render: Record<string, unknown> = { visualization: chart === null ? "table" : textOf(chart) };
  const withClause = part(node, "WithClause");
  for (const property of withClause === null ? [] : parts(withClause, "Properties")) {
    const value = need(property, "Expression");
    render[textOf(need(property, "Name"))] = value.LiteralValue ?? textOf(value);
  }
  scope.query.render = render;
  return input;
}

function lowerAs(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  // The name would stand for the rows of every group at once.
  if (input.carried.length > 0)
    refuse(node, "'as' inside mv-apply or partition is not supported by the embedded engine", "runs");
  const kept = materialized(scope, input, "AS MATERIALIZED");
  scope.environment.names.set(need(node, "Name").SimpleName ?? "", {
    kind: "relation",
    lower: () => aliased(scope, kept),
  });
  return aliased(scope, kept);
}

function lowerMaterialize(_node: SyntaxNode, scope: Scope, input: Relation): Relation {
  return aliased(scope, materialized(scope, input, "AS MATERIALIZED"));
}

/** Puts a relation's visible columns before the query, to be computed once. */
function materialized(scope: Scope, input: Relation, words: string): Relation {
  const name = freshName(scope.query, "rows");
  const order = input.order.map(({ sql }) => sql);
  const names = [...new Set([...input.columns.map(({ sql }) => sql), ...input.carried, ...order])];
  scope.query.commonTables.push(`${name} ${words} (SELECT ${names.join(", ")} FROM ${input.from})`);
  const columns = input.columns.map((column) => ({ ...column, jsonPath: undefined, shred: undefined }));
  return { ...input, from: name, columns, rowNumber: undefined, received: undefined };
}

/** The same rows under new SQL names, so that they can meet themselves in a join. */
export function aliased(scope: Scope, kept: Relation): Relation {
  const names = new Map<string, string>();
  const rename = (sql: string): string => {
    const known = names.get(sql) ?? freshName(scope.query, sql.replace(/^"|\$\d+"$/g, ""));
    names.set(sql, known);
    return known;
  };
  const columns = kept.columns.map((column): Column => ({ ...column, sql: rename(column.sql) }));
  const order = kept.order.map((key) => ({ ...key, sql: rename(key.sql) }));
  const selected = [...[...names].map(([from, to]) => `${from} AS ${to}`), ...kept.carried];
  return { ...kept, from: derived(scope.query, `SELECT ${selected.join(", ")} FROM ${kept.from}`), columns, order };
}

const DOTNET_TYPES: Readonly<Record<string, string>> = {
  bool: "System.SByte",
  int: "System.Int32",
  long: "System.Int64",
  real: "System.Double",
  decimal: "System.Data.SqlTypes.SqlDecimal",
  string: "System.String",
  datetime: "System.DateTime",
  timespan: "System.TimeSpan",
  guid: "System.Guid",
  dynamic: "System.Object",
};

function lowerGetSchema(_node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const rows = input.columns.map(
    ({ name, type }, index) =>
      `(${sqlString(name)}, ${index}, ${sqlString(DOTNET_TYPES[type] ?? "")}, ${sqlString(type)})`,
  );
  const columns: Column[] = (
    [
      ["ColumnName", "string"],
      ["ColumnOrdinal", "int"],
      ["DataType", "string"],
      ["ColumnType", "string"],
    ] as const
  ).map(([name, type]) => ({ name, type, sql: freshName(scope.query, name), nullable: false }));
  const names = columns.map(({ sql }) => sql).join(", ");
  const from = derived(scope.query, `SELECT * FROM (VALUES ${rows.join(", ")}) AS v(${names})`);
  return { from, columns, order: [], isSerialized: true, carried: [] };
}

function lowerInvoke(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const call = need(node, "Function");
  const binding = lookUp(scope.environment, callName(call));
  if (binding?.kind !== "function") return refuse(call, `There is no function '${callName(call)}' to invoke`, "runs");
  const result = lowerUserFunction(call, binding, scope, input);
  return result.kind === "relation"
    ? result.relation
    : refuse(call, `'${callName(call)}' gives no rows`, "refused_there_too");
}
