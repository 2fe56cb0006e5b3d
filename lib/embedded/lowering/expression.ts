import { need, type SyntaxNode, textOf, typeOfSymbol } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import type { KqlType } from "../../kql/tables/table-schema.ts";
import { as, lowerBinary } from "./binary-operators.ts";
import { lowerCall } from "./call.ts";
import { lowerDynamicLiteral, lowerElement, lowerPath } from "./dynamic-access.ts";
import type { Expr } from "./expression-types.ts";
import { literalExpr, readLiteral } from "./literal.ts";
import { lowerMembership } from "./membership.ts";
import { columnExpr } from "./relation.ts";
import { countWork, lookUp, refuse, type Scope } from "./scope.ts";
import { lowerTextOperator } from "./text-operators.ts";
import { lowerToScalar } from "./to-scalar.ts";

/**
 * Lowers a scalar expression. `positive` is true where a null counts as false (the condition of `where`), which lets a
 * comparison stay a bare one that DuckDB can prune with.
 */
export function lowerExpression(node: SyntaxNode, scope: Scope, positive = false): Expr {
  countWork(scope, node);
  const kind = kindOf(node);
  switch (kind) {
    case "ParenthesizedExpression": {
      const inner = lowerExpression(need(node, "Expression"), scope, positive);
      return { ...inner, sql: inner.literal === undefined ? `(${inner.sql})` : inner.sql };
    }
    case "SimpleNamedExpression":
    case "OrderedExpression":
      return lowerExpression(need(node, "Expression"), scope, positive);
    case "CompoundStringLiteralExpression":
      return literalExpr({ kind: "string", value: String(node.LiteralValue ?? "") }, "string");
    case "NullLiteralExpression":
      return literalExpr({ kind: "null" }, "dynamic");
    case "TypeOfLiteralExpression":
      // The binder has already given the call around it that type.
      return literalExpr({ kind: "string", value: textOf(node) }, "string");
    case "DynamicExpression":
      return lowerDynamicLiteral(node);
    case "NameReference":
      return lowerName(node, scope);
    case "PathExpression":
      return lowerPath(node, scope);
    case "ElementExpression":
      return lowerElement(node, scope);
    case "FunctionCallExpression":
      return lowerCall(node, scope);
    case "ToScalarExpression":
      return lowerToScalar(node, scope);
    case "UnaryMinusExpression":
    case "UnaryPlusExpression":
      return lowerSign(node, scope, kind === "UnaryMinusExpression");
    case "InExpression":
    case "InCsExpression":
    case "NotInExpression":
    case "NotInCsExpression":
    case "HasAnyExpression":
    case "HasAllExpression":
    case "BetweenExpression":
    case "NotBetweenExpression":
      return lowerMembership(node, kind, scope, positive);
  }
  if (kind.endsWith("LiteralExpression")) {
    const literal = readLiteral(node, typeOfSymbol(node.ResultType));
    return literal ?? refuse(node, `The literal '${textOf(node)}' is not a value the engine can read`, "unknown");
  }
  return (
    lowerBinary(node, kind, scope, positive) ??
    lowerTextOperator(node, kind, scope) ??
    refuse(node, `The expression '${textOf(node).slice(0, 60)}' is not supported by the embedded engine`, "unknown")
  );
}

function lowerName(node: SyntaxNode, scope: Scope): Expr {
  const name = node.ReferencedSymbol?.Name ?? node.SimpleName ?? textOf(node);
  const column = scope.row?.columns.find((candidate) => candidate.name === name);
  const binding = lookUp(scope.environment, name);
  if (column !== undefined) return columnExpr(column);
  if (binding?.kind === "scalar") return binding.expr;
  return refuse(node, `The name '${name}' has no scalar value here`, "unknown");
}

function lowerSign(node: SyntaxNode, scope: Scope, isMinus: boolean): Expr {
  const operand = lowerExpression(need(node, "Expression"), scope);
  if (!isMinus) return operand;
  const { literal, type } = operand;
  if (literal?.kind === "integer") return literalExpr({ kind: "integer", value: -literal.value }, type);
  if (literal?.kind === "timespan") return literalExpr({ kind: "timespan", ticks: -literal.ticks }, type);
  if (literal?.kind === "number" && Number.isFinite(literal.value)) {
    const text = literal.text.startsWith("-") ? literal.text.slice(1) : `-${literal.text}`;
    return literalExpr({ kind: "number", value: -literal.value, text }, type);
  }
  const result = typeOfSymbol(node.ResultType);
  const signed = type === "dynamic" && SIGNED.includes(result) ? as(operand, result) : operand;
  if (!SIGNED.includes(signed.type)) return refuse(node, `'-' before a ${type} is not supported`, "unknown");
  return { sql: `(-(${signed.sql}))`, type: signed.type, nullable: signed.nullable };
}

const SIGNED: readonly KqlType[] = ["int", "long", "real", "decimal", "timespan"];
