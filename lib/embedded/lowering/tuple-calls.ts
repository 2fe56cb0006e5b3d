import { columnsOfSymbol, need, part, parts, type SyntaxNode, textOf } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { as } from "./binary-operators.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import type { Scope } from "./scope.ts";

/**
 * The columns of a call that gives several values, such as `series_fit_line(x)` or `(a, b) = series_stats(x)`; null for any
 * other expression. The registry's row writes the values as one dynamic array, which is computed once.
 */
export function lowerTupleCall(expression: SyntaxNode, scope: Scope): { name: string; expr: Expr }[] | null {
  const call = isNamed(expression) ? need(expression, "Expression") : expression;
  if (kindOf(call) !== "FunctionCallExpression") return null;
  const columns = columnsOfSymbol(call.ResultType);
  if (columns.length === 0) return null;
  const given = givenNames(expression);
  const lowered = lowerExpression(call, scope);
  const array = scope.stage?.(lowered) ?? lowered;
  return columns.map(({ name, type }, index) => {
    const value: Expr = { sql: `kql_dyn(json_extract(${array.sql}, '$[${index}]'))`, type: "dynamic", nullable: true };
    return { name: given[index] ?? name, expr: as(value, type) };
  });
}

function isNamed(expression: SyntaxNode): boolean {
  return /^(Simple|Compound)NamedExpression$/.test(kindOf(expression));
}

function givenNames(expression: SyntaxNode): string[] {
  if (kindOf(expression) === "SimpleNamedExpression") return [need(expression, "Name").SimpleName ?? ""];
  if (kindOf(expression) !== "CompoundNamedExpression") return [];
  const names = part(expression, "Names");
  return names === null ? [] : parts(names, "Names").map((name) => name.SimpleName ?? textOf(name));
}
