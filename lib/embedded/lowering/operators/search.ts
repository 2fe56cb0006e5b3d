import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { condition } from "../binary-operators.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { columnExpr, derived, type Relation } from "../relation.ts";
import { refuse, type Scope } from "../scope.ts";
import { asSearched, hasTerm } from "../text-operators.ts";
import type { TabularOperator } from "./operator-types.ts";
import { namedParameter } from "./parameters.ts";
import { lowerTable } from "./sources.ts";
import { legsOf, stack } from "./union.ts";

export const searchOperators: readonly TabularOperator[] = [
  {
    name: "search",
    kind: "SearchOperator",
    isSource: "either",
    lower: lowerSearch,
    note: "Terms with * at either end, column:term, comparisons, and, or, not; kind=case_sensitive.",
    test: "search",
  },
];

function lowerSearch(node: SyntaxNode, scope: Scope, input: Relation | null): Relation {
  const clause = part(node, "InClause");
  const legs =
    input !== null
      ? [{ relation: input, source: "" }]
      : clause !== null
        ? parts(clause, "Expressions").flatMap((table, index) => legsOf(table, scope, index))
        : [...scope.query.tables.values()].map((table) => ({ relation: lowerTable(table, scope), source: table.name }));
  const rows = stack(node, scope, legs, "$table");
  const ignoresCase = namedParameter(node, "kind") !== "case_sensitive";
  const test = searchTest(need(node, "Condition"), { ...scope, row: rows }, ignoresCase);
  return { ...rows, from: derived(scope.query, `SELECT * FROM ${rows.from} WHERE ${test}`) };
}

/** A search condition as SQL: a bare text is sought in every column. */
function searchTest(node: SyntaxNode, scope: Scope, ignoresCase: boolean): string {
  const kind = kindOf(node);
  const inner = (name: string): string => searchTest(need(node, name), scope, ignoresCase);
  switch (kind) {
    case "ParenthesizedExpression":
      return `(${inner("Expression")})`;
    case "AndExpression":
      return `(${inner("Left")} AND ${inner("Right")})`;
    case "OrExpression":
      return `(${inner("Left")} OR ${inner("Right")})`;
    case "StarExpression":
      return "true";
    case "StringLiteralExpression":
    case "CompoundStringLiteralExpression":
      return anyColumnHas(String(node.LiteralValue ?? ""), scope, ignoresCase);
    case "SearchExpression":
      return columnHas(node, scope, ignoresCase);
    default:
      return `coalesce(${condition(node, scope, true).sql}, false)`;
  }
}

function columnHas(node: SyntaxNode, scope: Scope, ignoresCase: boolean): string {
  const left = lowerExpression(need(node, "Left"), scope);
  const right = lowerExpression(need(node, "Right"), scope);
  if (right.literal?.kind === "string") return termTest(left, right.literal.value, ignoresCase);
  if (left.type === "string")
    return refuse(node, `'${textOf(node)}' compares a text with a value of another type`, "refused_there_too");
  return `coalesce(${left.sql} = ${right.sql}, false)`;
}

function anyColumnHas(term: string, scope: Scope, ignoresCase: boolean): string {
  if (term === "*" || term === "") return "true";
  const columns = (scope.row?.columns ?? []).filter(({ name }) => name !== "$table");
  if (columns.length === 0) return "false";
  return `(${columns.map((column) => termTest(columnExpr(column), term, ignoresCase)).join(" OR ")})`;
}

/** `term` whole, `term*` at the start of a term, `*term` at its end, `*term*` anywhere. */
function termTest(value: Expr, term: string, ignoresCase: boolean): string {
  const haystack = asSearched(value, ignoresCase);
  const opens = term.startsWith("*");
  const closes = term.length > 1 && term.endsWith("*");
  const bare = term.slice(opens ? 1 : 0, closes ? -1 : undefined);
  if (bare.includes("*")) return `regexp_matches(${haystack.sql}, ${wildcardPattern(bare, ignoresCase)})`;
  const needle = asSearched(
    { sql: "", type: "string", nullable: false, literal: { kind: "string", value: bare } },
    true,
  );
  const literal: Expr = ignoresCase ? needle : { ...needle, literal: { kind: "string", value: bare } };
  return `(${hasTerm(haystack.sql, literal, !opens, !closes)})`;
}

function wildcardPattern(term: string, ignoresCase: boolean): string {
  const text = ignoresCase ? term.toLowerCase() : term;
  const pattern = text
    .split("*")
    .map((piece) => piece.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
    .join(".*");
  return `'${pattern.replaceAll("'", "''")}'`;
}
