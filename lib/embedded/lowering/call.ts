import { need, part, parts, type SyntaxNode, textOf, typeOfSymbol } from "../../kql/syntax.ts";
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS } from "../functions/registry.ts";
import { lowerAggregateCall } from "./aggregate-call.ts";
import { lowerExpression } from "./expression.ts";
import type { CallContext, Expr } from "./expression-types.ts";
import { lookUp, refuse, type Scope } from "./scope.ts";
import { lowerSpecialCall } from "./special-calls.ts";
import { elsewhereOfFunction } from "./support.ts";
import { lowerUserFunction } from "./user-function.ts";

/** Lowers a call of a built-in or a user's function that gives one value. */
export function lowerCall(node: SyntaxNode, scope: Scope): Expr {
  const name = callName(node);
  const binding = lookUp(scope.environment, name);
  if (binding?.kind === "function") {
    const result = lowerUserFunction(node, binding, scope);
    return result.kind === "scalar"
      ? result.expr
      : refuse(node, `'${name}' gives rows where a value is needed`, "refused_there_too");
  }
  const aggregate = AGGREGATE_FUNCTIONS.get(name);
  if (scope.isAggregate === true && aggregate !== undefined) return lowerAggregateCall(aggregate, node, scope);
  const special = lowerSpecialCall(name, node, scope);
  if (special !== null) return special;
  const row = SCALAR_FUNCTIONS.get(name);
  if (row === undefined) return refuseFunction(node, name);
  const args = callArguments(node).map((argument) => lowerExpression(argument, scope));
  const context = callContext(node, scope);
  checkArity(args.length, row.arity, context);
  return {
    sql: row.lower(args, context),
    type: context.resultType,
    nullable: context.resultType !== "string" && row.isTotal !== true,
    isVolatile: row.isVolatile === true || args.some((argument) => argument.isVolatile === true),
    // Parsing a stored JSON text keeps the way to the columns that hold its parts.
    ...(PARSES_JSON.has(name) ? { jsonPath: args[0]?.jsonPath } : {}),
  };
}

const PARSES_JSON: ReadonlySet<string> = new Set(["parse_json", "todynamic", "toobject", "parsejson"]);

export function callName(node: SyntaxNode): string {
  const name = need(node, "Name");
  return name.SimpleName ?? textOf(name);
}

export function callArguments(node: SyntaxNode): SyntaxNode[] {
  const list = part(node, "ArgumentList");
  return list === null ? [] : parts(list, "Expressions");
}

export function callContext(node: SyntaxNode, scope: Scope): CallContext {
  const name = callName(node);
  return {
    resultType: typeOfSymbol(node.ResultType),
    now: scope.query.now,
    node,
    refuse: (reason) => refuse(node, `'${name}' ${reason}`, "unknown"),
  };
}

export function checkArity(count: number, [min, max]: readonly [number, number], context: CallContext): void {
  if (count < min || count > max)
    context.refuse(`takes ${min === max ? min : `${min} to ${max}`} arguments, not ${count}`);
}

export function refuseFunction(node: SyntaxNode, name: string): never {
  const what = AGGREGATE_FUNCTIONS.has(name)
    ? `The aggregation function '${name}' has no place here`
    : `The function '${name}' is not supported by the embedded engine`;
  return refuse(node, what, elsewhereOfFunction(name));
}
