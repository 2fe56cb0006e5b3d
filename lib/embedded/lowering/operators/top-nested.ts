import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { as } from "../binary-operators.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import type { TabularOperator } from "./operator-types.ts";

export const topNestedOperators: readonly TabularOperator[] = [
  {
    name: "top-nested",
    kind: "TopNestedOperator",
    isSource: false,
    lower: lowerTopNested,
    note: "Without `with others`.",
    test: "top-nested",
  },
];

type Level = {
  readonly value: Expr;
  readonly valueSql: string;
  readonly measure: Expr;
  readonly measureSql: string;
  readonly count: string | null;
  readonly isAscending: boolean;
};

/** Level by level: the best values of the first expression, then within each of them those of the next. */
function lowerTopNested(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row: Scope = { ...scope, row: input };
  const levels = parts(node, "Clauses").map((clause) => levelOf(clause, row));
  const base = `(SELECT *, ${levels.map(({ value, valueSql }) => `${value.sql} AS ${valueSql}`).join(", ")} FROM ${input.from})`;
  let kept = "";
  const above: string[] = [];
  const measures: string[] = [];
  for (const level of levels) {
    const source =
      kept === ""
        ? base
        : `(SELECT base.*, ${measures.map((name) => `above.${name}`).join(", ")} FROM ${base} AS base JOIN ${kept} AS above ON ${above.map((name) => `base.${name} IS NOT DISTINCT FROM above.${name}`).join(" AND ")})`;
    const group = [...above, ...measures, level.valueSql];
    const partition = above.length === 0 ? "" : `PARTITION BY ${above.join(", ")} `;
    const direction = level.isAscending ? "ASC NULLS FIRST" : "DESC NULLS LAST";
    const best =
      level.count === null
        ? ""
        : ` QUALIFY row_number() OVER (${partition}ORDER BY ${level.measureSql} ${direction}) <= ${level.count}`;
    kept = `(SELECT ${[...group, `${level.measure.sql} AS ${level.measureSql}`].join(", ")} FROM ${source} GROUP BY ${group.join(", ")}${best})`;
    above.push(level.valueSql);
    measures.push(level.measureSql);
  }
  const columns = resultColumns(node).map(
    (column): Column => ({ ...column, sql: freshName(scope.query, column.name), nullable: column.type !== "string" }),
  );
  const cells = levels.flatMap(({ value, valueSql, measure, measureSql }) => [
    { ...value, sql: valueSql },
    { ...measure, sql: measureSql },
  ]);
  if (cells.length !== columns.length)
    return refuse(node, "This form of top-nested is not supported by the embedded engine", "runs");
  const selected = columns.map(
    (column, index) =>
      `${as(cells[index] ?? { sql: "NULL", type: column.type, nullable: true }, column.type).sql} AS ${column.sql}`,
  );
  return {
    from: derived(scope.query, `SELECT ${selected.join(", ")} FROM ${kept}`),
    columns,
    order: [],
    isSerialized: false,
    carried: [],
  };
}

function levelOf(clause: SyntaxNode, row: Scope): Level {
  if (part(clause, "WithOthersClause") !== null)
    refuse(clause, "'with others' is not supported by the embedded engine", "runs");
  const by = need(clause, "ByExpression");
  const ordering = kindOf(by) === "OrderedExpression" ? part(by, "Ordering") : null;
  const word = ordering === null ? null : part(ordering, "AscOrDescKeyword");
  const count = part(clause, "Expression");
  return {
    value: lowerExpression(need(clause, "OfExpression"), row),
    valueSql: freshName(row.query, "level"),
    measure: lowerExpression(by, { ...row, isAggregate: true }),
    measureSql: freshName(row.query, "measure"),
    count: count === null ? null : lowerExpression(count, { ...row, row: null }).sql,
    isAscending: word !== null && textOf(word) === "asc",
  };
}
