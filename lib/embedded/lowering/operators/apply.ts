import { need, part, type SyntaxNode } from "../../../kql/syntax.ts";
import { lowerExpression } from "../expression.ts";
import { type Column, derived, type Relation, withComputed } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import { lowerTabular } from "../tabular.ts";
import { expanded, numberedRows } from "./expand.ts";
import type { TabularOperator } from "./operator-types.ts";

/** Operators that run a sub-query once per row or per group: every step inside carries the row's number or the group's key. */
export const applyOperators: readonly TabularOperator[] = [
  {
    name: "mv-apply",
    kind: "MvApplyOperator",
    isSource: false,
    lower: lowerMvApply,
    note: "Any operators inside but those that need other tables' rows on the right of a join.",
    test: "mv-apply",
  },
  {
    name: "partition",
    kind: "PartitionOperator",
    isSource: false,
    lower: lowerPartition,
    note: "With a sub-query in parentheses, of any operators but `as`, `evaluate`, `getschema`, `make-series`, `top-nested` and `union`.",
    test: "partition",
  },
];

function lowerMvApply(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  if (part(node, "ContextIdClause") !== null)
    refuse(node, "mv-apply with 'id' is not supported by the embedded engine", "runs");
  const { rows: numbered, id } = numberedRows(scope, input);
  const elements = expanded(node, scope, numbered);
  // Inside, the elements of one row come in their order in the array; the row itself is the group.
  const inner = subquery(need(need(node, "Subquery"), "Expression"), scope, {
    ...elements,
    carried: [...input.carried, id],
    order: elements.order.slice(1),
    isSerialized: true,
  });
  return joinedBack(node, scope, numbered, inner, id);
}

function subquery(node: SyntaxNode, scope: Scope, rows: Relation): Relation {
  return lowerTabular(node, { ...scope, row: null, implicitInput: rows });
}

function joinedBack(node: SyntaxNode, scope: Scope, outer: Relation, inner: Relation, id: string): Relation {
  const innerId = freshName(scope.query, "row");
  // The sub-query's rows offer the same SQL names as the rows they come from, so both sides list what they give.
  const renamed = inner.columns.map(
    (column): Column => ({
      ...column,
      sql: freshName(scope.query, column.name),
      jsonPath: undefined,
      shred: undefined,
    }),
  );
  const cells = renamed.map((column, index) => `${inner.columns[index]?.sql} AS ${column.sql}`);
  const order = inner.order.map((key) => ({ ...key, sql: freshName(scope.query, "order") }));
  const keys = order.map(({ sql }, index) => `${inner.order[index]?.sql} AS ${sql}`);
  const right = `(SELECT ${[`${id} AS ${innerId}`, ...cells, ...keys].join(", ")} FROM ${inner.from})`;
  const from = derived(scope.query, `SELECT * FROM ${outer.from} JOIN ${right} ON ${id} = ${innerId}`);
  const columns = resultColumns(node).map(
    ({ name }): Column =>
      renamed.find((column) => column.name === name) ??
      outer.columns.find((column) => column.name === name) ??
      refuse(node, `The column '${name}' is lost`, "unknown"),
  );
  // The sub-query's rows come in its order, one input row after the other.
  return {
    ...outer,
    from,
    columns,
    order: [...outer.order, ...order],
    rowNumber: undefined,
    isSerialized: false,
  };
}

function lowerPartition(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const operand = need(node, "Operand");
  const query = part(operand, "Subquery") ?? part(operand, "Expression");
  if (query === null) return refuse(node, "This form of partition is not supported by the embedded engine", "runs");
  const key = lowerExpression(need(node, "ByExpression"), { ...scope, row: input });
  const { relation, columns } = withComputed(scope.query, input, [
    { name: "partition", expr: { ...key, sql: `(${key.sql})` } },
  ]);
  const keySql = columns[0]?.sql ?? "";
  const inner = subquery(query, scope, { ...relation, carried: [...input.carried, keySql], order: [] });
  return { ...inner, carried: input.carried, order: [], isSerialized: false, rowNumber: undefined };
}
