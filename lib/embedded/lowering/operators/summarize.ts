import { columnsOfSymbol, need, part, parts, type SyntaxNode, typeOfSymbol } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { AGGREGATE_FUNCTIONS } from "../../functions/registry.ts";
import { as } from "../binary-operators.ts";
import { callName } from "../call.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import type { TabularOperator } from "./operator-types.ts";
import { lowerTupleAggregate, TUPLE_AGGREGATES } from "./tuple-aggregates.ts";

export const summarizeOperators: readonly TabularOperator[] = [
  {
    name: "summarize",
    kind: "SummarizeOperator",
    isSource: false,
    lower: lowerSummarize,
    note: "With arg_max, arg_min, take_any and percentiles of several columns; without `by` an empty input gives one row.",
    test: "summarize",
  },
];

/** What one aggregate needs inside the GROUP BY, and the values it gives outside of it. */
export type LoweredAggregate = { readonly inside: readonly string[]; readonly values: readonly Expr[] };

function lowerSummarize(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row: Scope = { ...scope, row: input };
  const by = part(node, "ByClause");
  const keys = (by === null ? [] : parts(by, "Expressions")).map((key) => lowerExpression(key, row));
  const keyColumns = keys.map((expr) => ({ expr, sql: freshName(scope.query, "key") }));
  const aggregates = parts(node, "Aggregates").map((aggregate) => lowerAggregateItem(aggregate, row));
  return grouped(node, scope, input, keyColumns, aggregates);
}

/** GROUP BY in two steps: the aggregates inside, the tuples taken apart outside, in the binder's column order. */
function grouped(
  node: SyntaxNode,
  scope: Scope,
  input: Relation,
  keys: readonly { expr: Expr; sql: string }[],
  aggregates: readonly LoweredAggregate[],
): Relation {
  const schema = resultColumns(node);
  const inside = [
    ...input.carried,
    ...keys.map(({ expr, sql }) => `${expr.sql} AS ${sql}`),
    ...aggregates.flatMap((aggregate) => aggregate.inside),
  ];
  const groups = [...input.carried, ...keys.map((_, index) => String(input.carried.length + index + 1))];
  const group = groups.length === 0 ? "" : ` GROUP BY ${groups.join(", ")}`;
  const values = [
    ...keys.map(({ expr, sql }) => ({ ...expr, sql })),
    ...aggregates.flatMap((aggregate) => aggregate.values),
  ];
  if (values.length === 0) return refuse(node, "A summarize needs an aggregate or a key to group by", "unknown");
  if (values.length !== schema.length)
    return refuse(node, "The columns of this summarize are not what the binder says", "unknown");
  const columns = schema.map(
    (column, index): Column => ({
      ...column,
      sql: freshName(scope.query, column.name),
      nullable: values[index]?.nullable ?? true,
    }),
  );
  const outside = columns.map((column, index) => {
    const value = values[index];
    return `${value === undefined ? "NULL" : as(value, column.type).sql} AS ${column.sql}`;
  });
  const groupedRows = `(SELECT ${inside.length === 0 ? "1" : inside.join(", ")} FROM ${input.from}${group})`;
  return {
    from: derived(scope.query, `SELECT ${[...input.carried, ...outside].join(", ")} FROM ${groupedRows}`),
    columns,
    order: [],
    isSerialized: false,
    carried: input.carried,
  };
}

/** One item of a summarize: a named or unnamed expression over aggregates, or an aggregate of several columns. */
function lowerAggregateItem(node: SyntaxNode, row: Scope): LoweredAggregate {
  const kind = kindOf(node);
  const call = kind === "SimpleNamedExpression" || kind === "CompoundNamedExpression" ? need(node, "Expression") : node;
  if (kindOf(call) === "FunctionCallExpression") {
    const tuple = TUPLE_AGGREGATES.get(callName(call));
    const columns = columnsOfSymbol(call.ResultType);
    if (tuple !== undefined && (columns.length > 0 || !AGGREGATE_FUNCTIONS.has(callName(call)))) {
      return lowerTupleAggregate(
        tuple,
        call,
        row,
        columns.length > 0 ? columns : [{ name: "", type: typeOfSymbol(call.ResultType) }],
      );
    }
  }
  const sql = freshName(row.query, "value");
  const value = lowerExpression(call, { ...row, isAggregate: true });
  return { inside: [`${value.sql} AS ${sql}`], values: [{ type: value.type, nullable: value.nullable, sql }] };
}
