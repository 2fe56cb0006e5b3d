import { need, parts, type SyntaxNode } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { alike, as } from "./binary-operators.ts";
import { coerce } from "./coerce.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import { columnExpr } from "./relation.ts";
import { refuse, type Scope } from "./scope.ts";
import { lowerTabular } from "./tabular.ts";
import { asSearched, hasTerm } from "./text-operators.ts";

/** Lowers `in`, `!in`, `in~`, `has_any`, `has_all`, `between`: never null, a null is in nothing. */
export function lowerMembership(node: SyntaxNode, kind: string, scope: Scope, positive: boolean): Expr {
  if (kind.endsWith("BetweenExpression")) return lowerBetween(node, kind === "NotBetweenExpression", scope);
  const left = lowerExpression(need(node, "Left"), scope);
  const candidates = parts(need(node, "Right"), "Expressions");
  if (kind === "HasAnyExpression" || kind === "HasAllExpression") {
    return hasSome(left, candidates, scope, kind === "HasAllExpression");
  }
  const isNegated = kind.startsWith("Not");
  // The grammar's names mislead: `in~` is the kind with Cs.
  const ignoresCase = kind.includes("Cs");
  const tests = candidates.map((candidate) => memberTest(left, candidate, scope, ignoresCase));
  const plain = tests.filter((test) => test.kind === "value");
  const subject = ignoresCase ? asSearched(left, true) : left;
  const pieces = tests.flatMap((test) => (test.kind === "value" ? [] : [test.sql]));
  if (plain.length > 0) {
    const aligned = alike(subject, plain[0]?.expr ?? subject)[0];
    const values = plain.map(({ expr }) => (expr.type === aligned.type ? expr : alike(expr, aligned)[0]).sql);
    pieces.unshift(`${aligned.sql} IN (${values.join(", ")})`);
  }
  const some = pieces.length === 0 ? "false" : pieces.length === 1 ? `(${pieces[0]})` : `(${pieces.join(" OR ")})`;
  if (positive && !isNegated) return bool(some);
  const total = subject.nullable || pieces.length !== 1 ? `coalesce(${some}, false)` : some;
  return bool(isNegated ? `(NOT ${total})` : total);
}

type MemberTest = { readonly kind: "value"; readonly expr: Expr } | { readonly kind: "test"; readonly sql: string };

function memberTest(left: Expr, candidate: SyntaxNode, scope: Scope, ignoresCase: boolean): MemberTest {
  if (isTabular(candidate)) {
    const relation = lowerTabular(candidate, scope);
    const column = relation.columns[0];
    if (column === undefined) return refuse(candidate, "A sub-query of 'in' needs a column", "refused_there_too");
    const value = columnExpr(column);
    const [subject, member] = ignoresCase ? [asSearched(left, true), asSearched(value, true)] : alike(left, value);
    const filter = member.nullable ? ` WHERE ${member.sql} IS NOT NULL` : "";
    return { kind: "test", sql: `${subject.sql} IN (SELECT ${member.sql} FROM ${relation.from}${filter})` };
  }
  const value = lowerExpression(candidate, scope);
  if (value.type === "dynamic") {
    const subject = asSearched(left.type === "string" ? left : as(left, "string"), ignoresCase);
    const texts = `kql_dyn_texts(${value.sql})`;
    return {
      kind: "test",
      sql: `list_contains(${ignoresCase ? `list_transform(${texts}, lambda x: lower(x))` : texts}, ${subject.sql})`,
    };
  }
  return { kind: "value", expr: ignoresCase ? asSearched(value, true) : value };
}

function hasSome(left: Expr, candidates: SyntaxNode[], scope: Scope, needsAll: boolean): Expr {
  const haystack = asSearched(left, true);
  const tests = candidates.map((candidate) => {
    const value = isTabular(candidate) ? null : lowerExpression(candidate, scope);
    if (value !== null && value.type !== "dynamic")
      return `(${hasTerm(haystack.sql, asSearched(value, true), true, true)})`;
    const texts = value === null ? textsOfRows(candidate, scope) : `kql_dyn_texts(${value.sql})`;
    const needle: Expr = { sql: "lower(x)", type: "string", nullable: false };
    const matches = `list_filter(${texts}, lambda x: ${hasTerm(haystack.sql, needle, true, true)})`;
    return needsAll ? `(len(${matches}) = len(${texts}))` : `(len(${matches}) > 0)`;
  });
  return bool(`coalesce((${tests.join(needsAll ? " AND " : " OR ")}), false)`);
}

/** The first column of a sub-query as one list of texts, read once for the query. */
function textsOfRows(node: SyntaxNode, scope: Scope): string {
  const relation = lowerTabular(node, { ...scope, row: null });
  const column = relation.columns[0];
  if (column === undefined) return refuse(node, "A sub-query of 'has_any' needs a column", "refused_there_too");
  return `coalesce((SELECT list(DISTINCT ${asSearched(columnExpr(column), false).sql}) FROM ${relation.from}), [])`;
}

function lowerBetween(node: SyntaxNode, isNegated: boolean, scope: Scope): Expr {
  const subject = lowerExpression(need(node, "Left"), scope);
  const couple = need(node, "Right");
  const first = lowerExpression(need(couple, "First"), scope);
  const second = lowerExpression(need(couple, "Second"), scope);
  // between (datetime .. timespan) means up to that long after the first.
  const upper: Expr =
    first.type === "datetime" && second.type === "timespan"
      ? { sql: `kql_datetime_add(${first.sql}, ${second.sql})`, type: "datetime", nullable: true }
      : second;
  const from = alike(subject, first)[1];
  const to = alike(subject, upper)[1];
  const value = subject.type === "dynamic" ? { ...subject, sql: coerce(subject, first.type) } : subject;
  const test = `(${value.sql} BETWEEN ${from.sql} AND ${to.sql})`;
  return {
    sql: isNegated ? `(NOT ${test})` : test,
    type: "bool",
    nullable: subject.nullable || from.nullable || to.nullable,
  };
}

/** True of an expression that gives rows rather than a value. */
export function isTabular(node: SyntaxNode): boolean {
  if (kindOf(node) === "PipeExpression" || kindOf(node) === "DataTableExpression") return true;
  return node.ResultType?.Columns !== undefined && node.ResultType?.Columns !== null;
}

function bool(sql: string): Expr {
  return { sql, type: "bool", nullable: false };
}
