import { need, part, parts, type SyntaxNode } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { callArguments, callName } from "./call.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import { lowerLet } from "./let-statement.ts";
import { isTabular } from "./membership.ts";
import type { Relation } from "./relation.ts";
import { type Binding, type Environment, environmentInside, refuse, type Scope } from "./scope.ts";
import { lowerTabular } from "./tabular.ts";

export type FunctionResult =
  | { readonly kind: "scalar"; readonly expr: Expr }
  | { readonly kind: "relation"; readonly relation: Relation };

/** Lowers the body the binder bound for this very call, with the parameters standing for the arguments. */
export function lowerUserFunction(
  call: SyntaxNode,
  { declaration, environment }: Extract<Binding, { kind: "function" }>,
  scope: Scope,
  piped?: Relation,
): FunctionResult {
  const body = call.GetCalledFunctionBody?.() ?? part(declaration, "Body");
  if (body === null) return refuse(call, `The body of '${callName(call)}' could not be bound`, "unknown");
  const inside = environmentInside(environment);
  bindArguments(call, declaration, inside, scope, piped);
  const bodyScope: Scope = { query: scope.query, environment: inside, row: null };
  for (const statement of parts(body, "Statements")) lowerLet(statement, bodyScope);
  const expression = part(body, "Expression");
  if (expression === null) return refuse(call, `'${callName(call)}' has no result`, "unknown");
  return isTabular(expression)
    ? { kind: "relation", relation: lowerTabular(expression, bodyScope) }
    : { kind: "scalar", expr: lowerExpression(expression, bodyScope) };
}

function bindArguments(
  call: SyntaxNode,
  declaration: SyntaxNode,
  inside: Environment,
  scope: Scope,
  piped: Relation | undefined,
): void {
  const declared = part(declaration, "Parameters");
  const parameters = declared === null ? [] : parts(declared, "Parameters");
  const names = parameters.map((parameter) => need(need(parameter, "NameAndType"), "Name").SimpleName ?? "");
  let position = 0;
  if (piped !== undefined && names[0] !== undefined) {
    inside.names.set(names[0], { kind: "relation", lower: () => piped });
  }
  for (const argument of callArguments(call)) {
    const label = kindOf(argument) === "SimpleNamedExpression" ? need(argument, "Name").SimpleName : undefined;
    const isNamed = label !== undefined && names.includes(label);
    while (!isNamed && inside.names.has(names[position] ?? "")) position += 1;
    const name = isNamed ? label : names[position];
    if (name === undefined) refuse(argument, `'${callName(call)}' takes fewer arguments`, "refused_there_too");
    inside.names.set(name, bindingOf(label === undefined ? argument : need(argument, "Expression"), scope));
  }
  for (const [index, parameter] of parameters.entries()) {
    const name = names[index] ?? "";
    const fallback = part(parameter, "DefaultValue");
    if (inside.names.has(name)) continue;
    if (fallback === null) refuse(call, `'${callName(call)}' needs a value for '${name}'`, "refused_there_too");
    inside.names.set(name, bindingOf(need(fallback, "Value"), { ...scope, row: null }));
  }
}

function bindingOf(argument: SyntaxNode, scope: Scope): Binding {
  if (!isTabular(argument)) return { kind: "scalar", expr: lowerExpression(argument, scope) };
  return { kind: "relation", lower: () => lowerTabular(argument, { ...scope, row: null }) };
}
