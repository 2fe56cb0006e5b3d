import { part, parts, type SyntaxNode, typeOfSymbol } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { AGGREGATE_FUNCTIONS } from "../../functions/registry.ts";
import { callArguments, callContext, callName, checkArity } from "../call.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, derived, orderBy, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import type { TabularOperator } from "./operator-types.ts";

export const summarizeOperators: readonly TabularOperator[] = [
  {
    name: "summarize",
    kind: "SummarizeOperator",
    isSource: false,
    lower: lowerSummarize,
    note: "",
    test: "summarize",
  },
];

function lowerSummarize(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const schema = resultColumns(node);
  const row: Scope = { ...scope, row: input };
  const by = part(node, "ByClause");
  const keys = by === null ? [] : parts(by, "Expressions").map((key) => lowerExpression(key, row));
  const values = parts(node, "Aggregates").map((aggregate) => lowerAggregate(aggregate, row));
  const all = [...keys, ...values];
  const columns = schema.map(
    (column, index): Column => ({
      ...column,
      sql: freshName(scope.query, column.name),
      nullable: all[index]?.nullable ?? true,
    }),
  );
  const selected = columns.map((column, index) => `${all[index]?.sql} AS ${column.sql}`);
  const group = keys.length === 0 ? "" : ` GROUP BY ${keys.map((_, index) => index + 1).join(", ")}`;
  return {
    from: derived(scope.query, `SELECT ${selected.join(", ")} FROM ${input.from}${group}`),
    columns,
    order: [],
    isSerialized: false,
    carried: [],
  };
}

/** Lowers an expression in which aggregation functions may stand. */
export function lowerAggregate(node: SyntaxNode, scope: Scope): Expr {
  if (kindOf(node) === "SimpleNamedExpression") {
    const inner = part(node, "Expression");
    return inner === null ? refuse(node, "This aggregate is empty", "unknown") : lowerAggregate(inner, scope);
  }
  if (kindOf(node) !== "FunctionCallExpression") return lowerExpression(node, { ...scope, isAggregate: true });
  const row = AGGREGATE_FUNCTIONS.get(callName(node));
  if (row === undefined) return lowerExpression(node, { ...scope, isAggregate: true });
  const args = callArguments(node).map((argument) => lowerExpression(argument, { ...scope, isAggregate: false }));
  const context = { ...callContext(node, scope), orderBy: orderBy(scope.row?.order ?? []) };
  checkArity(args.length, row.arity, context);
  return {
    sql: row.lower(args, context),
    type: typeOfSymbol(node.ResultType),
    nullable: row.isTotal !== true && context.resultType !== "string",
  };
}
