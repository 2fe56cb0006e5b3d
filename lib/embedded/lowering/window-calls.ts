import type { SyntaxNode } from "../../kql/syntax.ts";
import type { Expr } from "./expression-types.ts";
import type { Scope } from "./scope.ts";

/** `row_number`, `prev`, `next`, `row_cumsum` … over the order of the rows; null for any other name. */
export function lowerWindowCall(_name: string, _node: SyntaxNode, _scope: Scope): Expr | null {
  return null;
}
