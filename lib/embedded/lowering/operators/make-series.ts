import { need, part, parts, type SyntaxNode } from "../../../kql/syntax.ts";
import { alike, as } from "../binary-operators.ts";
import { asDynamic } from "../coerce.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import type { TabularOperator } from "./operator-types.ts";
import { namedParameter } from "./parameters.ts";

export const seriesOperators: readonly TabularOperator[] = [
  {
    name: "make-series",
    kind: "MakeSeriesOperator",
    isSource: false,
    lower: lowerMakeSeries,
    note: "`to` is exclusive; without from and to the bins reach from the first value to the last. At most 1,048,576 points in a series.",
    test: "make-series",
  },
];

type Aggregate = { readonly value: Expr; readonly fallback: string; readonly sql: string; readonly type: Expr["type"] };

function lowerMakeSeries(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row: Scope = { ...scope, row: input };
  const schema = resultColumns(node);
  const axis = lowerExpression(need(need(node, "OnClause"), "Expression"), row);
  const range = need(node, "RangeClause");
  const step = boundOf(range, "MakeSeriesStepClause", scope);
  if (step === null)
    return refuse(
      range,
      "This form of make-series is not supported by the embedded engine; use 'from … to … step'",
      "unknown",
    );
  const from = boundOf(range, "MakeSeriesFromClause", scope);
  const to = boundOf(range, "MakeSeriesToClause", scope);
  const by = part(node, "ByClause");
  const keys = (by === null ? [] : parts(by, "Expressions")).map((key) => ({
    expr: lowerExpression(key, row),
    sql: freshName(scope.query, "key"),
  }));
  const aggregates = parts(node, "Aggregates").map((item): Aggregate => aggregateOf(item, row));
  const grid = gridOf(axis, from, to, step);
  const columns = schema.map(
    (column): Column => ({ ...column, sql: freshName(scope.query, column.name), nullable: true }),
  );
  const keepsEmpty = namedParameter(node, "kind") === "nonempty" && keys.length === 0;
  const select = seriesSelect(input, keys, aggregates, grid, columns, keepsEmpty);
  return { from: derived(scope.query, select), columns, order: [], isSerialized: false, carried: [] };
}

function aggregateOf(item: SyntaxNode, row: Scope): Aggregate {
  const value = lowerExpression(need(item, "Expression"), { ...row, isAggregate: true });
  const clause = part(item, "DefaultExpression");
  const fallback =
    clause === null
      ? zeroOf(value)
      : as(lowerExpression(need(clause, "Expression"), { ...row, row: null }), value.type).sql;
  return { value, fallback, sql: freshName(row.query, "value"), type: value.type };
}

/** An empty bin holds 0 unless a default is given. */
function zeroOf(value: Expr): string {
  return as({ sql: "0", type: "long", nullable: false, literal: { kind: "integer", value: 0n } }, value.type).sql;
}

function boundOf(range: SyntaxNode, clause: string, scope: Scope): Expr | null {
  const found = part(range, clause);
  return found === null ? null : lowerExpression(need(found, "Expression"), { ...scope, row: null });
}

type Grid = {
  /** Axis value and bounds as integers (ticks for time) or doubles. */
  readonly position: string;
  /** Filter of the rows by the bounds that were given. */
  readonly inside: string;
  readonly start: string;
  readonly count: string;
  /** The bin's number of a row. */
  readonly index: string;
  readonly hasStart: boolean;
  readonly label: (index: string) => Expr;
};

function gridOf(axis: Expr, from: Expr | null, to: Expr | null, step: Expr): Grid {
  const isTime = axis.type === "datetime";
  const isReal = axis.type === "real" || axis.type === "decimal" || step.type === "real";
  const number = (expr: Expr): string =>
    isTime ? `kql_ticks(${expr.sql})` : isReal ? `(${expr.sql})::DOUBLE` : `(${expr.sql})::BIGINT`;
  const bound = (expr: Expr): string => number(alike(axis, expr)[1]);
  const width = isReal ? `(${step.sql})::DOUBLE` : `(${step.sql})::BIGINT`;
  const floor = (value: string): string =>
    isReal ? `floor((${value}) / ${width}) * ${width}` : `kql_floor_div(${value}, ${width}) * ${width}`;
  const start = from === null ? floor("(SELECT min(position) FROM source)") : bound(from);
  // Without an end the bin of the last value is the last one; with one, the end itself is outside.
  const end = to === null ? `${floor("(SELECT max(position) FROM source)")} + ${width}` : bound(to);
  // Known bounds filter the axis itself, so that stored rows outside of them are never read.
  const inside = [
    from === null ? null : `(${axis.sql}) >= ${alike(axis, from)[1].sql}`,
    to === null ? null : `(${axis.sql}) < ${alike(axis, to)[1].sql}`,
  ].filter((test) => test !== null);
  const count = isReal
    ? `ceil((${end} - (${start})) / ${width} - 1e-9)`
    : `ceil((${end} - (${start}))::DOUBLE / ${width})`;
  return {
    position: number(axis),
    inside: inside.length === 0 ? "" : ` WHERE ${inside.join(" AND ")}`,
    start,
    index: isReal
      ? `floor((position - ${from === null ? "grid_start" : bound(from)}) / ${width})::BIGINT`
      : `((position - ${from === null ? "grid_start" : bound(from)}) // ${width})`,
    count: `kql_series_length(${count})`,
    hasStart: from !== null,
    label: (index) =>
      isTime
        ? { sql: `kql_from_ticks(grid_start + ${index} * ${width})`, type: "datetime", nullable: false }
        : { sql: `grid_start + ${index} * ${width}`, type: isReal ? "real" : axis.type, nullable: false },
  };
}

function seriesSelect(
  input: Relation,
  keys: readonly { expr: Expr; sql: string }[],
  aggregates: readonly Aggregate[],
  grid: Grid,
  columns: readonly Column[],
  keepsEmpty: boolean,
): string {
  const keyNames = keys.map(({ sql }) => sql);
  const { index } = grid;
  const series =
    keyNames.length === 0
      ? keepsEmpty
        ? "SELECT 1 AS one"
        : "SELECT DISTINCT 1 AS one FROM binned"
      : `SELECT DISTINCT ${keyNames.join(", ")} FROM binned`;
  const same = keyNames.map((name) => `series.${name} IS NOT DISTINCT FROM binned.${name}`);
  const lists = aggregates.map(({ sql, fallback, type }) => {
    const cell: Expr = {
      sql: `CASE WHEN binned.bin IS NULL THEN ${fallback} ELSE binned.${sql} END`,
      type,
      nullable: true,
    };
    return `to_json(list(${asDynamic(cell)} ORDER BY i))`;
  });
  const axis = `to_json(list(${asDynamic(grid.label("i"))} ORDER BY i))`;
  const cells = [...keyNames.map((name) => `series.${name}`), ...lists, axis];
  const named = columns.map((column, at) => `${cells[at]} AS ${column.sql}`);
  return `WITH source AS (SELECT *, ${[`${grid.position} AS position`, ...keys.map(({ expr, sql }) => `${expr.sql} AS ${sql}`)].join(", ")} FROM ${input.from}${grid.inside}),
bounds AS MATERIALIZED (SELECT ${grid.start} AS grid_start, ${grid.count} AS grid_count),
binned AS MATERIALIZED (SELECT ${[...keyNames, `${index} AS bin`, ...aggregates.map(({ value, sql }) => `${value.sql} AS ${sql}`)].join(", ")}
  FROM source${grid.hasStart ? "" : ", bounds"} WHERE position IS NOT NULL GROUP BY ALL)
SELECT ${named.join(", ")}
FROM (${series}) AS series CROSS JOIN bounds CROSS JOIN LATERAL (SELECT unnest(range(grid_count)) AS i)
LEFT JOIN binned ON ${[...same, "binned.bin = i"].join(" AND ")}
${keyNames.length === 0 ? "GROUP BY series.one" : `GROUP BY ${keyNames.map((name) => `series.${name}`).join(", ")}`}`;
}
