import { need, part, parts, type SyntaxNode } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
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
    note: "`to` is exclusive, the end of `in range(…)` is not; without from or to a series begins or ends with its own first or last value. At most 1,048,576 points in a series.",
    test: "make-series",
  },
];

type Aggregate = { readonly value: Expr; readonly fallback: string; readonly sql: string; readonly type: Expr["type"] };

function lowerMakeSeries(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row: Scope = { ...scope, row: input };
  const schema = resultColumns(node);
  const axis = lowerExpression(need(need(node, "OnClause"), "Expression"), row);
  const { from, to, step, isInRange } = boundsOf(need(node, "RangeClause"), scope);
  const by = part(node, "ByClause");
  const keys = (by === null ? [] : parts(by, "Expressions")).map((key) => ({
    expr: lowerExpression(key, row),
    sql: freshName(scope.query, "key"),
  }));
  const aggregates = parts(node, "Aggregates").map((item): Aggregate => aggregateOf(item, row));
  const grid = gridOf(axis, { from, to, step, isInRange });
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

type Bounds = {
  readonly from: Expr | null;
  readonly to: Expr | null;
  readonly step: Expr;
  /** The older `in range(…)`: the end is inside, and bins lie on multiples of the step. */
  readonly isInRange: boolean;
};

function boundsOf(range: SyntaxNode, scope: Scope): Bounds {
  if (kindOf(range) === "MakeSeriesInRangeClause") {
    const plain = { ...scope, row: null };
    const [from, to, step] = parts(need(range, "Arguments"), "Expressions").map((node) => lowerExpression(node, plain));
    return from === undefined || to === undefined || step === undefined
      ? refuse(range, "'in range' takes a start, an end and a step", "refused_there_too")
      : { from, to, step, isInRange: true };
  }
  const step =
    boundOf(range, "MakeSeriesStepClause", scope) ?? refuse(range, "make-series needs a step", "refused_there_too");
  const from = boundOf(range, "MakeSeriesFromClause", scope);
  return { from, to: boundOf(range, "MakeSeriesToClause", scope), step, isInRange: false };
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
  /** First point and number of points; without bounds in the query they are aggregates over one series' rows. */
  readonly start: string;
  readonly count: string;
  /** The bin's number of a row. */
  readonly index: string;
  readonly hasStart: boolean;
  readonly isFixed: boolean;
  readonly label: (index: string) => Expr;
};

function gridOf(axis: Expr, { from, to, step, isInRange }: Bounds): Grid {
  const isTime = axis.type === "datetime";
  const isReal = axis.type === "real" || axis.type === "decimal" || step.type === "real";
  const number = (expr: Expr): string =>
    isTime ? `kql_ticks(${expr.sql})` : isReal ? `(${expr.sql})::DOUBLE` : `(${expr.sql})::BIGINT`;
  const bound = (expr: Expr): string => number(alike(axis, expr)[1]);
  const width = isReal ? `(${step.sql})::DOUBLE` : `(${step.sql})::BIGINT`;
  const floor = (value: string): string =>
    isReal ? `floor((${value}) / ${width}) * ${width}` : `kql_floor_div(${value}, ${width}) * ${width}`;
  const given = from === null ? null : isInRange ? floor(bound(from)) : bound(from);
  const start = given ?? floor("min(position)");
  // Without an end the bin of the last value is the last one; with one, the end itself is outside, but for `in range`.
  const last = to === null ? "max(position)" : bound(to);
  const end = to === null || isInRange ? `${floor(last)} + ${width}` : last;
  // Known bounds filter the axis itself, so that stored rows outside of them are never read.
  const inside = [
    from === null ? null : `(${axis.sql}) >= ${alike(axis, from)[1].sql}`,
    to === null ? null : `(${axis.sql}) ${isInRange ? "<=" : "<"} ${alike(axis, to)[1].sql}`,
  ].filter((test) => test !== null);
  const count = isReal
    ? `ceil((${end} - (${start})) / ${width} - 1e-9)`
    : `ceil((${end} - (${start}))::DOUBLE / ${width})`;
  const origin = given ?? "grid_start";
  return {
    position: number(axis),
    inside: inside.length === 0 ? "" : ` WHERE ${inside.join(" AND ")}`,
    start,
    index: isReal ? `floor((position - ${origin}) / ${width})::BIGINT` : `((position - ${origin}) // ${width})`,
    count: `kql_series_length(${count})`,
    hasStart: given !== null,
    isFixed: from !== null && to !== null,
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
  const source = [`${grid.position} AS position`, ...keys.map(({ expr, sql }) => `${expr.sql} AS ${sql}`)];
  const bin = aggregates.map(({ value, sql }) => `${value.sql} AS ${sql}`);
  const binned = `binned AS MATERIALIZED (SELECT ${[...keyNames.map((name) => `source.${name}`), `${grid.index} AS bin`, ...bin].join(", ")}
  FROM source${grid.hasStart ? "" : startOfSeries(keyNames)} WHERE position IS NOT NULL GROUP BY ALL)`;
  const series = seriesOf(keyNames, grid, keepsEmpty);
  const group = [...keyNames.map((name) => `series.${name}`), "grid_start", "grid_count"].join(", ");
  // The bounds of fixed series come from the query, those of others from each series' own rows.
  return `WITH source AS (SELECT *, ${source.join(", ")} FROM ${input.from}${grid.inside}),
${(grid.isFixed ? [binned, series] : [series, binned]).join(",\n")}
SELECT ${named.join(", ")}
FROM series CROSS JOIN LATERAL (SELECT unnest(range(grid_count)) AS i)
LEFT JOIN binned ON ${[...same, "binned.bin = i"].join(" AND ")}
GROUP BY ${group}`;
}

function startOfSeries(keyNames: readonly string[]): string {
  const same = keyNames.map((name) => `series.${name} IS NOT DISTINCT FROM source.${name}`);
  return ` JOIN series ON ${same.length === 0 ? "true" : same.join(" AND ")}`;
}

/** One row for each series: its keys, first point and number of points. */
function seriesOf(keyNames: readonly string[], { isFixed, start, count }: Grid, keepsEmpty: boolean): string {
  const bounds = `${start} AS grid_start, ${count} AS grid_count`;
  if (isFixed) {
    const rows = keyNames.length === 0 && keepsEmpty ? "" : " FROM binned";
    return `series AS MATERIALIZED (SELECT DISTINCT ${[...keyNames, bounds].join(", ")}${rows})`;
  }
  const group = keyNames.length > 0 ? ` GROUP BY ${keyNames.join(", ")}` : keepsEmpty ? "" : " HAVING count(*) > 0";
  return `series AS MATERIALIZED (SELECT ${[...keyNames, bounds].join(", ")} FROM source WHERE position IS NOT NULL${group})`;
}
