import { need, type SyntaxNode, textOf } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { callName } from "./call.ts";
import { OPERATORS } from "./operators/operator-registry.ts";
import { lowerDatatable, lowerTable } from "./operators/sources.ts";
import type { Relation } from "./relation.ts";
import { type Binding, countWork, lookUp, refuse, type Scope } from "./scope.ts";
import { refuseOperator } from "./support.ts";
import { lowerUserFunction } from "./user-function.ts";

/** Lowers an expression that gives rows. */
export function lowerTabular(node: SyntaxNode, scope: Scope): Relation {
  countWork(scope, node);
  const kind = kindOf(node);
  switch (kind) {
    case "PipeExpression":
      return lowerOperator(need(node, "Operator"), withoutInput(scope), lowerTabular(need(node, "Expression"), scope));
    case "ParenthesizedExpression":
    case "SimpleNamedExpression":
      return lowerTabular(need(node, "Expression"), scope);
    case "NameReference":
      return lowerName(node, scope);
    case "DataTableExpression":
      return lowerDatatable(node, scope);
    case "MaterializeExpression":
      return lowerOperator(node, scope, lowerTabular(need(node, "Expression"), scope));
    case "FunctionCallExpression":
      return lowerTabularCall(node, scope);
  }
  return lowerOperator(node, withoutInput(scope), scope.implicitInput ?? null);
}

/** Only the first operator of a sub-query works on the rows around it. */
function withoutInput(scope: Scope): Scope {
  return scope.implicitInput === undefined ? scope : { ...scope, implicitInput: undefined };
}

/** Lowers one operator over the rows before it; `input` is null for an operator that begins a query. */
export function lowerOperator(node: SyntaxNode, scope: Scope, input: Relation | null): Relation {
  const operator = OPERATORS.get(kindOf(node));
  if (operator === undefined) return refuseOperator(node);
  if (operator.isSource === "either")
    return withinGroups(node, operator.name, input, operator.lower(node, scope, input));
  if (operator.isSource) return operator.lower(node, scope);
  if (input === null) return refuse(node, `'${textOf(node).slice(0, 40)}' needs rows to work on`, "refused_there_too");
  return withinGroups(node, operator.name, input, operator.lower(node, scope, input));
}

/** Inside mv-apply and partition a step must keep what tells the groups apart, or it would work on all of them at once. */
function withinGroups(node: SyntaxNode, name: string, input: Relation | null, rows: Relation): Relation {
  const isLost = input?.carried.some((key) => !rows.carried.includes(key)) === true;
  return isLost
    ? refuse(node, `'${name}' inside mv-apply or partition is not supported by the embedded engine`, "runs")
    : rows;
}

function lowerName(node: SyntaxNode, scope: Scope): Relation {
  const name = node.SimpleName ?? textOf(node);
  const binding = lookUp(scope.environment, name);
  if (binding?.kind === "relation") return binding.lower();
  if (binding?.kind === "function") return rowsOfFunction(node, name, binding, scope);
  const table = scope.query.tables.get(name);
  if (table !== undefined) return lowerTable(table, scope);
  return refuse(node, `The name '${name}' is no table here`, "unknown");
}

function lowerTabularCall(node: SyntaxNode, scope: Scope): Relation {
  const name = callName(node);
  const binding = lookUp(scope.environment, name);
  if (binding?.kind === "function") return rowsOfFunction(node, name, binding, scope);
  const operator = OPERATORS.get(`${name}()`);
  if (operator?.isSource === true) return operator.lower(node, scope);
  return refuseOperator(node);
}

/** The rows of a function that a call, or a view's bare name, stands for. */
function rowsOfFunction(
  node: SyntaxNode,
  name: string,
  binding: Extract<Binding, { kind: "function" }>,
  scope: Scope,
): Relation {
  const result = lowerUserFunction(node, binding, scope);
  return result.kind === "relation"
    ? result.relation
    : refuse(node, `'${name}' gives a value where rows are needed`, "refused_there_too");
}
