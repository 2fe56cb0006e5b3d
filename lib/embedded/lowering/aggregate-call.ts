import { columnsOfSymbol, type SyntaxNode, typeOfSymbol } from "../../kql/syntax.ts";
import type { AggregateFunction } from "../functions/function-types.ts";
import { callArguments, callContext, checkArity } from "./call.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import { orderBy } from "./relation.ts";
import type { Scope } from "./scope.ts";

/** Lowers one aggregation function with one result; its arguments stand on the input's rows. */
export function lowerAggregateCall(row: AggregateFunction, node: SyntaxNode, scope: Scope): Expr {
  const args = callArguments(node).map((argument) => lowerExpression(argument, { ...scope, isAggregate: false }));
  // What could give several columns gives its one value here.
  const resultType = columnsOfSymbol(node.ResultType)[0]?.type ?? typeOfSymbol(node.ResultType);
  const context = { ...callContext(node, scope), resultType, orderBy: orderBy(scope.row?.order ?? []) };
  checkArity(args.length, row.arity, context);
  return {
    sql: row.lower(args, context),
    type: resultType,
    nullable: row.isTotal !== true && context.resultType !== "string",
  };
}
