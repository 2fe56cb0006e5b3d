import { need, type SyntaxNode, typeOfSymbol } from "../../kql/syntax.ts";
import type { KqlType } from "../../kql/tables/table-schema.ts";
import { coerce } from "./coerce.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import { refuse, type Scope } from "./scope.ts";
import { SQL_TYPES } from "./sql-text.ts";

const NUMERIC: readonly KqlType[] = ["int", "long", "real", "decimal"];
const ORDERINGS: Readonly<Record<string, string>> = {
  LessThanExpression: "<",
  LessThanOrEqualExpression: "<=",
  GreaterThanExpression: ">",
  GreaterThanOrEqualExpression: ">=",
};
const ARITHMETIC: Readonly<Record<string, string>> = {
  AddExpression: "+",
  SubtractExpression: "-",
  MultiplyExpression: "*",
  DivideExpression: "/",
  ModuloExpression: "%",
};

/** Lowers `and or == != < + …`; null where the kind is none of them. */
export function lowerBinary(node: SyntaxNode, kind: string, scope: Scope, positive: boolean): Expr | null {
  const operator = ARITHMETIC[kind];
  if (operator !== undefined) return arithmetic(node, operator, scope);
  switch (kind) {
    case "AndExpression":
    case "OrExpression": {
      const word = kind === "AndExpression" ? "AND" : "OR";
      const left = condition(need(node, "Left"), scope, positive);
      const right = condition(need(node, "Right"), scope, positive);
      return bool(`(${left.sql} ${word} ${right.sql})`, left.nullable || right.nullable);
    }
    case "EqualExpression":
    case "NotEqualExpression": {
      const [left, right] = comparable(node, scope);
      return kind === "EqualExpression" ? equal(left, right, positive) : notEqual(left, right);
    }
  }
  const ordering = ORDERINGS[kind];
  if (ordering === undefined) return null;
  const [left, right] = comparable(node, scope);
  return bool(`(${left.sql} ${ordering} ${right.sql})`, left.nullable || right.nullable);
}

/** A condition; numbers and dynamics that KQL takes for one are compared with zero. */
export function condition(node: SyntaxNode, scope: Scope, positive: boolean): Expr {
  const value = lowerExpression(node, scope, positive);
  if (value.type === "bool") return value;
  if (value.type === "dynamic") return bool(coerce(value, "bool"), true);
  return bool(`((${value.sql}) <> 0)`, value.nullable);
}

/** `a == b`: false when one is null, null when both are. */
export function equal(left: Expr, right: Expr, positive: boolean): Expr {
  if (positive || (!left.nullable && !right.nullable)) return bool(`(${left.sql} = ${right.sql})`, positive);
  if (left.nullable && right.nullable) {
    return bool(
      `CASE WHEN (${left.sql}) IS NOT NULL OR (${right.sql}) IS NOT NULL THEN (${left.sql}) IS NOT DISTINCT FROM (${right.sql}) END`,
      true,
    );
  }
  return bool(`((${left.sql}) IS NOT DISTINCT FROM (${right.sql}))`, false);
}

/** `a != b`: true when one is null, null when both are. */
export function notEqual(left: Expr, right: Expr): Expr {
  if (!left.nullable && !right.nullable) return bool(`(${left.sql} <> ${right.sql})`, false);
  const differs = `((${left.sql}) IS DISTINCT FROM (${right.sql}))`;
  if (!left.nullable || !right.nullable) return bool(differs, false);
  return bool(`CASE WHEN (${left.sql}) IS NOT NULL OR (${right.sql}) IS NOT NULL THEN ${differs} END`, true);
}

/** Both operands in a form that SQL compares as KQL does: a dynamic takes the type of the other side. */
export function comparable(node: SyntaxNode, scope: Scope): [Expr, Expr] {
  return alike(lowerExpression(need(node, "Left"), scope), lowerExpression(need(node, "Right"), scope));
}

export function alike(left: Expr, right: Expr): [Expr, Expr] {
  if (left.type === right.type) return [left, right];
  if (left.type === "dynamic") return [likeOther(left, right), right];
  if (right.type === "dynamic") return [left, likeOther(right, left)];
  if (NUMERIC.includes(left.type) && NUMERIC.includes(right.type)) return [left, right];
  if (left.type === "bool") return [as(left, right.type), right];
  if (right.type === "bool") return [left, as(right, left.type)];
  return [left, right];
}

/** A dynamic beside a whole number keeps its fraction: 1.5 is more than 1. A stored column of whole numbers has none. */
function likeOther(value: Expr, other: Expr): Expr {
  const isWhole = other.type === "int" || other.type === "long";
  if (!isWhole || value.shred !== undefined || value.literal?.kind === "null") return as(value, other.type);
  const { literal } = other;
  const isSmall = literal?.kind === "integer" && literal.value <= EXACT_IN_REAL && literal.value >= -EXACT_IN_REAL;
  return isSmall || other.type === "int" ? as(value, "real") : as(value, "decimal");
}

const EXACT_IN_REAL = 2n ** 52n;

export function as(expr: Expr, type: KqlType): Expr {
  if (expr.type === type) return expr;
  return { sql: coerce(expr, type), type, nullable: type !== "string" };
}

function arithmetic(node: SyntaxNode, operator: string, scope: Scope): Expr {
  const type = typeOfSymbol(node.ResultType);
  const left = lowerExpression(need(node, "Left"), scope);
  const right = lowerExpression(need(node, "Right"), scope);
  const sql = arithmeticSql(operator, type, left, right);
  if (sql === null) {
    return refuse(
      node,
      `'${operator}' between ${left.type} and ${right.type} is not supported by the embedded engine`,
      "unknown",
    );
  }
  const canVanish = operator === "/" || operator === "%";
  return { sql, type, nullable: canVanish || left.nullable || right.nullable };
}

function arithmeticSql(operator: string, type: KqlType, left: Expr, right: Expr): string | null {
  if (type === "datetime") return datetimeArithmetic(operator, left, right);
  if (type === "timespan") return timespanArithmetic(operator, left, right);
  if (left.type === "datetime" && right.type === "timespan" && operator === "/")
    return `(kql_ticks(${left.sql})::DOUBLE / nullif(${right.sql}, 0))`;
  if (left.type === "timespan" && right.type === "timespan") {
    if (operator === "/") return `((${left.sql})::DOUBLE / nullif(${right.sql}, 0))`;
    if (operator === "%") return `kql_mod(${left.sql}, ${right.sql})`;
    return null;
  }
  if (type === "dynamic") return null;
  if (!NUMERIC.includes(type)) return null;
  const a = asNumber(left, type);
  const b = asNumber(right, type);
  const isWhole = type === "int" || type === "long";
  if (operator === "/")
    return isWhole
      ? `kql_long_div(${a}, ${b})`
      : type === "real"
        ? `(${a} / ${b})`
        : `(${a} / nullif(${b}, 0))::DECIMAL(38,18)`;
  if (operator === "%") return isWhole ? `kql_mod(${a}, ${b})` : `kql_real_mod(${a}, ${b})`;
  if (type === "decimal" && operator === "*") return `kql_decimal_times(${a}, ${b})`;
  return `(${a} ${operator} ${b})`;
}

function asNumber(expr: Expr, type: KqlType): string {
  if (expr.type === type) return `(${expr.sql})`;
  return expr.type === "dynamic" ? coerce(expr, type) : `(${expr.sql})::${SQL_TYPES[type]}`;
}

function datetimeArithmetic(operator: string, left: Expr, right: Expr): string | null {
  const [at, span] = left.type === "datetime" ? [left, right] : [right, left];
  if (span.type !== "timespan") return null;
  if (operator === "+") return `kql_datetime_add(${at.sql}, ${span.sql})`;
  return operator === "-" && left.type === "datetime" ? `kql_datetime_add(${at.sql}, -(${span.sql}))` : null;
}

function timespanArithmetic(operator: string, left: Expr, right: Expr): string | null {
  if (left.type === "datetime" && right.type === "datetime") {
    return operator === "-" ? `((epoch_us(${left.sql}) - epoch_us(${right.sql})) * 10)` : null;
  }
  if (left.type === "timespan" && right.type === "timespan") {
    return operator === "%" ? `kql_mod(${left.sql}, ${right.sql})` : `((${left.sql}) ${operator} (${right.sql}))`;
  }
  if (left.type === "datetime" && operator === "%")
    return `kql_mod(epoch_us(${left.sql}) * 10 + 621355968000000000, ${right.sql})`;
  if (operator === "*") return `kql_real_to_long((${left.sql})::DOUBLE * (${right.sql}))`;
  if (operator === "/" && left.type === "timespan")
    return `kql_real_to_long((${left.sql})::DOUBLE / nullif(${right.sql}, 0))`;
  return null;
}

function bool(sql: string, nullable: boolean): Expr {
  return { sql, type: "bool", nullable };
}
