import { need, type SyntaxNode } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { lowerExpression } from "./expression.ts";
import { isTabular } from "./membership.ts";
import { refuse, type Scope } from "./scope.ts";
import { lowerTabular } from "./tabular.ts";

/** Puts what a `let` statement names into the scope's environment. A tabular one is lowered anew at each use. */
export function lowerLet(statement: SyntaxNode, scope: Scope): void {
  if (kindOf(statement) !== "LetStatement") {
    refuse(statement, `A '${kindOf(statement)}' is not supported by the embedded engine`, "unknown");
  }
  const name = need(statement, "Name").SimpleName ?? "";
  const value = need(statement, "Expression");
  const { names } = scope.environment;
  // What the value itself sees is what was declared before it, so a name may be declared again with its old value.
  const environment = { names: new Map(names), outer: scope.environment.outer };
  const before: Scope = { ...scope, environment };
  if (kindOf(value) === "FunctionDeclaration") {
    names.set(name, { kind: "function", declaration: value, environment });
    return;
  }
  if (isTabular(value)) {
    names.set(name, { kind: "relation", lower: () => lowerTabular(value, before) });
    return;
  }
  const expr = lowerExpression(value, before);
  names.set(name, { kind: "scalar", expr: expr.isVolatile === true ? evaluatedOnce(expr, scope) : expr });
}

function evaluatedOnce(expr: ReturnType<typeof lowerExpression>, scope: Scope): typeof expr {
  scope.query.nextName += 1;
  const name = `"once$${scope.query.nextName}"`;
  scope.query.commonTables.push(`${name} AS MATERIALIZED (SELECT ${expr.sql} AS v)`);
  return { sql: `(SELECT v FROM ${name})`, type: expr.type, nullable: expr.nullable };
}
