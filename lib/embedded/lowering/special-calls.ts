import type { SyntaxNode } from "../../kql/syntax.ts";
import { condition } from "./binary-operators.ts";
import { callArguments, callContext } from "./call.ts";
import type { Expr } from "./expression-types.ts";
import type { Scope } from "./scope.ts";
import { lowerWindowCall } from "./window-calls.ts";

type SpecialCall = (node: SyntaxNode, scope: Scope) => Expr;

/** Calls that need the syntax or the row set rather than only lowered arguments. */
const SPECIAL_CALLS: Readonly<Record<string, SpecialCall>> = {
  not: (node, scope) => {
    const operand = callArguments(node)[0];
    if (operand === undefined) return callContext(node, scope).refuse("needs an argument");
    const value = condition(operand, scope, false);
    return { sql: `(NOT ${value.sql})`, type: "bool", nullable: value.nullable };
  },
};

/** The call's lowering when its name is one of them, else null. */
export function lowerSpecialCall(name: string, node: SyntaxNode, scope: Scope): Expr | null {
  return SPECIAL_CALLS[name]?.(node, scope) ?? lowerWindowCall(name, node, scope);
}
