import { need, part, parts, type SyntaxNode, textOf } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { KQL_TYPES, type KqlType } from "../../kql/tables/table-schema.ts";
import { as } from "./binary-operators.ts";
import { callArguments, callName } from "./call.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr, LiteralValue } from "./expression-types.ts";
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
  const body = calledBody(call) ?? part(declaration, "Body");
  if (body === null) return refuse(call, `The body of '${nameOf(call)}' could not be bound`, "unknown");
  const inside = environmentInside(environment);
  bindArguments(call, declaration, inside, scope, piped);
  const bodyScope: Scope = { query: scope.query, environment: inside, row: null };
  for (const statement of parts(body, "Statements")) lowerLet(statement, bodyScope);
  const expression = part(body, "Expression");
  if (expression === null) return refuse(call, `'${nameOf(call)}' has no result`, "unknown");
  return isTabular(expression)
    ? { kind: "relation", relation: lowerTabular(expression, bodyScope) }
    : { kind: "scalar", expr: lowerExpression(expression, bodyScope) };
}

/** The body as the binder bound it for this call; null where it failed on the call's arguments. */
function calledBody(call: SyntaxNode): SyntaxNode | null {
  try {
    return call.GetCalledFunctionBody?.() ?? null;
  } catch {
    return refuse(call, `The arguments of '${nameOf(call)}' do not fit its parameters`, "refused_there_too");
  }
}

function nameOf(call: SyntaxNode): string {
  return kindOf(call) === "FunctionCallExpression" ? callName(call) : (call.SimpleName ?? textOf(call));
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
  for (const argument of kindOf(call) === "FunctionCallExpression" ? callArguments(call) : []) {
    const label = kindOf(argument) === "SimpleNamedExpression" ? need(argument, "Name").SimpleName : undefined;
    const isNamed = label !== undefined && names.includes(label);
    while (!isNamed && inside.names.has(names[position] ?? "")) position += 1;
    const name = isNamed ? label : names[position];
    if (name === undefined) refuse(argument, `'${nameOf(call)}' takes fewer arguments`, "refused_there_too");
    const value = label === undefined ? argument : need(argument, "Expression");
    inside.names.set(name, bindingOf(value, typeOfParameter(parameters[names.indexOf(name)]), scope));
  }
  for (const [index, parameter] of parameters.entries()) {
    const name = names[index] ?? "";
    const fallback = part(parameter, "DefaultValue");
    if (inside.names.has(name)) continue;
    if (fallback === null) refuse(call, `'${nameOf(call)}' needs a value for '${name}'`, "refused_there_too");
    inside.names.set(name, bindingOf(need(fallback, "Value"), typeOfParameter(parameter), { ...scope, row: null }));
  }
}

/** The scalar type a parameter was declared with; null of a table. */
function typeOfParameter(parameter: SyntaxNode | undefined): KqlType | null {
  const type = parameter === undefined ? null : part(need(parameter, "NameAndType"), "Type");
  const word = type === null || kindOf(type) !== "PrimitiveTypeExpression" ? "" : textOf(type);
  return OTHER_NAMES[word] ?? KQL_TYPES.find((known) => known === word) ?? null;
}

const OTHER_NAMES: Readonly<Record<string, KqlType>> = {
  double: "real",
  date: "datetime",
  time: "timespan",
  boolean: "bool",
  uuid: "guid",
};
const NUMBERS: readonly KqlType[] = ["int", "long", "real", "decimal"];

function bindingOf(argument: SyntaxNode, type: KqlType | null, scope: Scope): Binding {
  if (isTabular(argument)) {
    return { kind: "relation", lower: () => lowerTabular(argument, { ...scope, row: null }) };
  }
  const expr = lowerExpression(argument, scope);
  if (type === null || expr.type === type) return { kind: "scalar", expr };
  const isNumber = NUMBERS.includes(expr.type) && NUMBERS.includes(type);
  if (!isNumber && expr.type !== "dynamic" && type !== "dynamic") {
    return refuse(argument, `A value of type ${expr.type} stands where ${type} is declared`, "refused_there_too");
  }
  return { kind: "scalar", expr: { ...as(expr, type), literal: literalAs(expr.literal, type) } };
}

/** A whole number stays known where a parameter only widens it. */
function literalAs(literal: LiteralValue | undefined, type: KqlType): LiteralValue | undefined {
  return literal?.kind === "integer" && (type === "int" || type === "long") ? literal : undefined;
}
