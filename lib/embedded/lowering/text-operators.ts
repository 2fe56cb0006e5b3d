import { need, part, type SyntaxNode } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { asText, coerce } from "./coerce.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import { columnExpr } from "./relation.ts";
import type { Scope } from "./scope.ts";
import { sqlString } from "./sql-text.ts";

type TextTest = (haystack: string, needle: Expr) => string;

/** Tests of one text against another; both sides are already lower case where the operator ignores case. */
const TESTS: Readonly<Record<string, TextTest>> = {
  Contains: (h, n) => `contains(${h}, ${n.sql})`,
  StartsWith: (h, n) => `starts_with(${h}, ${n.sql})`,
  EndsWith: (h, n) => `ends_with(${h}, ${n.sql})`,
  Has: (h, n) => hasTerm(h, n, true, true),
  HasPrefix: (h, n) => hasTerm(h, n, true, false),
  HasSuffix: (h, n) => hasTerm(h, n, false, true),
};

/** Lowers `contains`, `has`, `startswith`, `=~`, `matches regex` … and their negations; null where the kind is none of them. */
export function lowerTextOperator(node: SyntaxNode, kind: string, scope: Scope): Expr | null {
  const starred = part(node, "Left");
  if (starred !== null && kindOf(starred) === "StarExpression") return inAnyColumn(node, kind, scope);
  return textTest(node, kind, scope, null);
}

/** `* has "x"`: the test holds for the text of some column; negated, for that of every one. */
function inAnyColumn(node: SyntaxNode, kind: string, scope: Scope): Expr | null {
  const tests = (scope.row?.columns ?? []).map((column) => textTest(node, kind, scope, columnExpr(column)));
  if (tests.length === 0 || tests[0] === null) return null;
  return bool(`(${tests.map((test) => test?.sql).join(kind.startsWith("Not") ? " AND " : " OR ")})`);
}

function textTest(node: SyntaxNode, kind: string, scope: Scope, subject: Expr | null): Expr | null {
  if (kind === "EqualTildeExpression" || kind === "BangTildeExpression") {
    const [left, right] = operands(node, scope, true, subject);
    return bool(`(${left.sql} ${kind === "EqualTildeExpression" ? "=" : "<>"} ${right.sql})`);
  }
  if (kind === "MatchesRegexExpression") {
    const [left, right] = operands(node, scope, false, subject);
    return bool(`regexp_matches(${left.sql}, ${right.sql})`);
  }
  const match = /^(Not)?(Contains|StartsWith|EndsWith|Has|HasPrefix|HasSuffix)(Cs)?Expression$/.exec(kind);
  const test = TESTS[match?.[2] ?? ""];
  if (match === null || test === undefined) return null;
  const [left, right] = operands(node, scope, match[3] === undefined, subject);
  const sql = test(left.sql, right);
  return bool(match[1] === undefined ? `(${sql})` : `(NOT (${sql}))`);
}

/** A term stands alone: no letter or digit touches it. The plain search first is what makes it fast. */
export function hasTerm(haystack: string, needle: Expr, startsTerm: boolean, endsTerm: boolean): string {
  if (needle.literal?.kind === "string") {
    const text = needle.literal.value;
    const before = startsTerm && /^[\p{L}\p{N}]/u.test(text) ? String.raw`(?:^|[^\pL\pN])` : "";
    const after = endsTerm && /[\p{L}\p{N}]$/u.test(text) ? String.raw`(?:$|[^\pL\pN])` : "";
    const plain = `contains(${haystack}, ${sqlString(text)})`;
    if (before === "" && after === "") return plain;
    return `${plain} AND regexp_matches(${haystack}, ${sqlString(before + escapeRegex(text) + after)})`;
  }
  const pattern = `kql_term_pattern(${needle.sql}, ${startsTerm}, ${endsTerm})`;
  return `contains(${haystack}, ${needle.sql}) AND regexp_matches(${haystack}, ${pattern})`;
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}\-/]/g, String.raw`\$&`);
}

function operands(node: SyntaxNode, scope: Scope, ignoresCase: boolean, subject: Expr | null): [Expr, Expr] {
  const left = subject ?? lowerExpression(need(node, "Left"), scope);
  const right = lowerExpression(need(node, "Right"), scope);
  return [asSearched(left, ignoresCase), asSearched(right, ignoresCase)];
}

/** A value as the text that is searched; a literal is folded to lower case here, not per row. */
export function asSearched(expr: Expr, ignoresCase: boolean): Expr {
  const text: Expr =
    expr.type === "string"
      ? expr
      : { sql: expr.type === "dynamic" ? coerce(expr, "string") : asText(expr), type: "string", nullable: false };
  if (!ignoresCase) return text;
  if (text.literal?.kind === "string") {
    const value = text.literal.value.toLowerCase();
    return { ...text, sql: sqlString(value), literal: { kind: "string", value } };
  }
  return { ...text, sql: `lower(${text.sql})` };
}

function bool(sql: string): Expr {
  return { sql, type: "bool", nullable: false };
}
