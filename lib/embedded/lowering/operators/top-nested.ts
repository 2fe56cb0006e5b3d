import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { as } from "../binary-operators.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import { sqlNull } from "../sql-text.ts";
import type { TabularOperator } from "./operator-types.ts";
import { limited } from "./rows.ts";

export const topNestedOperators: readonly TabularOperator[] = [
  {
    name: "top-nested",
    kind: "TopNestedOperator",
    isSource: false,
    lower: lowerTopNested,
    note: "`with others` at one of the levels; its rows have no value at the levels below.",
    test: "top-nested",
  },
  {
    name: "top-hitters",
    kind: "TopHittersOperator",
    isSource: false,
    lower: lowerTopHitters,
    note: "Exact, where the service estimates; the largest first.",
    test: "top-hitters",
  },
];

/** The values with the most rows, or with the largest sum. */
function lowerTopHitters(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row: Scope = { ...scope, row: input };
  const by = part(node, "ByClause");
  const value = lowerExpression(need(node, "OfExpression"), row);
  const amount = by === null ? null : lowerExpression(need(by, "Expression"), row);
  const columns = resultColumns(node).map(
    (column): Column => ({ ...column, sql: freshName(scope.query, column.name), nullable: column.type !== "string" }),
  );
  const [hitter, measure] = columns;
  if (hitter === undefined || measure === undefined) return refuse(node, "This top-hitters has no columns", "unknown");
  const total = amount === null ? "count(*)" : `coalesce(sum(${amount.sql}), 0)`;
  const measured = as(
    { sql: total, type: amount?.type === "real" ? "real" : "decimal", nullable: false },
    measure.type,
  );
  const groups = [...input.carried, hitter.sql];
  const select = `SELECT ${[...input.carried, `${value.sql} AS ${hitter.sql}`, `${measured.sql} AS ${measure.sql}`].join(", ")} FROM ${input.from} GROUP BY ${groups.join(", ")}`;
  const order = [{ sql: measure.sql, isDescending: true, nullsFirst: false }];
  const rows = {
    ...input,
    from: derived(scope.query, select),
    columns,
    order,
    isSerialized: true,
    rowNumber: undefined,
  };
  return limited(rows, need(node, "Expression"), scope);
}

type Level = {
  readonly value: Expr;
  readonly valueSql: string;
  readonly measure: Expr;
  readonly measureSql: string;
  readonly count: string | null;
  readonly isAscending: boolean;
  /** SQL of what stands for all values that are not among the best ones. */
  readonly others: string | null;
};

/** Level by level: the best values of the first expression, then within each of them those of the next. */
function lowerTopNested(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row: Scope = { ...scope, row: input };
  const levels = parts(node, "Clauses").map((clause) => levelOf(clause, row));
  if (levels.filter(({ others }) => others !== null).length > 1)
    return refuse(node, "'with others' at more than one level is not supported by the embedded engine", "runs");
  let others: string | null = null;
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
    const measured = `${level.measure.sql} AS ${level.measureSql}`;
    const top = `(SELECT ${[...group, measured].join(", ")} FROM ${source} GROUP BY ${group.join(", ")}${best})`;
    if (level.others !== null) {
      const isBest = [...above, level.valueSql].map((name) => `rest.${name} IS NOT DISTINCT FROM best.${name}`);
      const outer = [...above, ...measures].map((name) => `rest.${name}`);
      const groups = outer.length === 0 ? " HAVING count(*) > 0" : ` GROUP BY ${outer.join(", ")}`;
      const below = levels
        .slice(levels.indexOf(level) + 1)
        .flatMap(({ value, valueSql, measure, measureSql }) => [
          `${sqlNull(value.type)} AS ${valueSql}`,
          `${sqlNull(measure.type)} AS ${measureSql}`,
        ]);
      const cells = [...outer, `${level.others} AS ${level.valueSql}`, measured, ...below];
      others = `(SELECT ${cells.join(", ")} FROM ${source} AS rest ANTI JOIN ${top} AS best ON ${isBest.join(" AND ")}${groups})`;
    }
    kept = top;
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
  const rows = others === null ? kept : `(SELECT * FROM ${kept} UNION ALL BY NAME SELECT * FROM ${others})`;
  return {
    from: derived(scope.query, `SELECT ${selected.join(", ")} FROM ${rows}`),
    columns,
    order: [],
    isSerialized: false,
    carried: [],
  };
}

function levelOf(clause: SyntaxNode, row: Scope): Level {
  const others = part(clause, "WithOthersClause");
  const by = need(clause, "ByExpression");
  const ordering = kindOf(by) === "OrderedExpression" ? part(by, "Ordering") : null;
  const word = ordering === null ? null : part(ordering, "AscOrDescKeyword");
  const count = part(clause, "Expression");
  const value = lowerExpression(need(clause, "OfExpression"), row);
  return {
    value,
    valueSql: freshName(row.query, "level"),
    measure: lowerExpression(by, { ...row, isAggregate: true }),
    measureSql: freshName(row.query, "measure"),
    count: count === null ? null : lowerExpression(count, { ...row, row: null }).sql,
    isAscending: word !== null && textOf(word) === "asc",
    others:
      others === null ? null : as(lowerExpression(need(others, "Expression"), { ...row, row: null }), value.type).sql,
  };
}
