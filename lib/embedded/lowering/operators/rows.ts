import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { once } from "../../functions/once.ts";
import { condition } from "../binary-operators.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { derived, orderBy, type Relation, type SortKey, withComputed } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import { stagedRow } from "../staging.ts";
import type { TabularOperator } from "./operator-types.ts";

/** Operators that choose and order rows. */
export const rowOperators: readonly TabularOperator[] = [
  {
    name: "where",
    kind: "FilterOperator",
    isSource: false,
    lower: lowerWhere,
    note: "A null condition drops the row.",
    test: "where",
  },
  {
    name: "sort / order",
    kind: "SortOperator",
    isSource: false,
    lower: (node, scope, input) => sorted(parts(node, "Expressions"), scope, input),
    note: "Descending unless said; nulls come last descending and first ascending.",
    test: "trap 11: sort",
  },
  {
    name: "top",
    kind: "TopOperator",
    isSource: false,
    lower: (node, scope, input) =>
      limited(sorted([need(node, "ByExpression")], scope, input), need(node, "Expression"), scope),
    note: "The result is sorted.",
    test: "top",
  },
  {
    name: "take / limit",
    kind: "TakeOperator",
    isSource: false,
    lower: (node, scope, input) => limited(input, need(node, "Expression"), scope),
    note: "Which rows, where no order is given, is not specified.",
    test: "take",
  },
  {
    name: "count",
    kind: "CountOperator",
    isSource: false,
    lower: lowerCount,
    note: "One row, one column.",
    test: "count",
  },
  { name: "distinct", kind: "DistinctOperator", isSource: false, lower: lowerDistinct, note: "", test: "distinct" },
  {
    name: "sample",
    kind: "SampleOperator",
    isSource: false,
    lower: lowerSample,
    note: "Random rows, others at each run.",
    test: "sample",
  },
  {
    name: "sample-distinct",
    kind: "SampleDistinctOperator",
    isSource: false,
    lower: lowerSampleDistinct,
    note: "",
    test: "sample-distinct",
  },
];

function lowerWhere(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const row = stagedRow(scope, input);
  const test = condition(need(node, "Condition"), row.scope, true);
  const rows = row.relation();
  const hasWindow = rows.rowNumber !== input.rowNumber || rows.rowNumber !== undefined;
  // SQL has no window functions in WHERE, so such a condition becomes a column first.
  const kept = hasWindow ? withComputed(scope.query, rows, [{ name: "kept", expr: test }]) : null;
  const from = derived(
    scope.query,
    `SELECT * FROM ${(kept?.relation ?? rows).from} WHERE ${kept?.columns[0]?.sql ?? test.sql}`,
  );
  return { ...rows, from, rowNumber: undefined };
}

/** Gives the relation an order; the rows themselves are sorted where the order is used. */
export function sorted(keys: readonly SyntaxNode[], scope: Scope, input: Relation): Relation {
  const row = { ...scope, row: input };
  const values = keys.map((key) => lowerExpression(key, row));
  const computed = values.flatMap((value) => sortValues(value).map((expr) => ({ name: "sort", expr })));
  const { relation, columns } = withComputed(scope.query, input, computed);
  let place = 0;
  const order = keys.flatMap((key, index): SortKey[] => {
    const way = direction(key);
    const main: SortKey = { sql: columns[place]?.sql ?? "", ...way };
    place += 1;
    if (values[index]?.type !== "real") return [main];
    place += 1;
    return [main, { sql: columns[place - 1]?.sql ?? "", isDescending: way.nullsFirst, nullsFirst: true }];
  });
  return { ...relation, order, isSerialized: true };
}

/** What a key is sorted by. NaN stands with the nulls, on their inner side. */
function sortValues(value: Expr): Expr[] {
  if (value.type !== "real") return [value];
  const number = once([value.sql], (x) => `CASE WHEN isnan(${x}) THEN NULL ELSE ${x} END`);
  return [
    { sql: number, type: "real", nullable: true },
    { sql: `((${value.sql}) IS NULL)`, type: "bool", nullable: false },
  ];
}

function direction(key: SyntaxNode): { isDescending: boolean; nullsFirst: boolean } {
  const ordering = kindOf(key) === "OrderedExpression" ? part(key, "Ordering") : null;
  const word = ordering === null ? null : part(ordering, "AscOrDescKeyword");
  const isDescending = word === null || textOf(word) !== "asc";
  const nulls = ordering === null ? null : part(ordering, "NullsClause");
  const nullsWord = nulls === null ? null : textOf(need(nulls, "FirstOrLastKeyword"));
  return { isDescending, nullsFirst: nullsWord === null ? !isDescending : nullsWord === "first" };
}

/** The first `count` rows in the relation's order. */
export function limited(input: Relation, count: SyntaxNode, scope: Scope): Relation {
  const limit = lowerExpression(count, { ...scope, row: null });
  const rows =
    limit.literal?.kind === "integer"
      ? String(limit.literal.value < 0n ? 0n : limit.literal.value)
      : `greatest(0, (${limit.sql})::BIGINT)`;
  if (input.carried.length === 0) {
    return { ...input, from: derived(scope.query, `SELECT * FROM ${input.from}${orderBy(input.order)} LIMIT ${rows}`) };
  }
  const window = `PARTITION BY ${input.carried.join(", ")}${orderBy(input.order)}`;
  return {
    ...input,
    from: derived(scope.query, `SELECT * FROM ${input.from} QUALIFY row_number() OVER (${window}) <= ${rows}`),
  };
}

function lowerCount(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const name = resultColumns(node)[0]?.name ?? "Count";
  const sql = freshName(scope.query, name);
  const column = { name, type: "long", sql, nullable: false } as const;
  const groups = input.carried.length === 0 ? "" : ` GROUP BY ${input.carried.join(", ")}`;
  const cells = [...input.carried, `count(*) AS ${sql}`].join(", ");
  return {
    from: derived(scope.query, `SELECT ${cells} FROM ${input.from}${groups}`),
    columns: [column],
    order: [],
    isSerialized: false,
    carried: input.carried,
  };
}

function lowerDistinct(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const expressions = parts(node, "Expressions");
  const isStar = expressions.some((expression) => kindOf(expression) === "StarExpression");
  const row = { ...scope, row: input };
  const schema = resultColumns(node);
  const source = isStar
    ? { relation: input, columns: input.columns }
    : withComputed(
        scope.query,
        input,
        expressions.map((expression, index) => ({
          name: schema[index]?.name ?? "",
          expr: lowerExpression(expression, row),
        })),
      );
  return distinctOf(source.relation, source.columns, schema, scope, node);
}

function distinctOf(
  relation: Relation,
  columns: Relation["columns"],
  schema: readonly { name: string }[],
  scope: Scope,
  node: SyntaxNode,
): Relation {
  const renamed = columns.map((column, index) => ({
    ...column,
    jsonPath: undefined,
    shred: undefined,
    name: schema[index]?.name ?? column.name,
    sql: freshName(scope.query, column.name),
  }));
  if (renamed.length === 0) refuse(node, "distinct needs a column", "refused_there_too");
  const selected = columns.map((column, index) => `${column.sql} AS ${renamed[index]?.sql}`);
  return {
    from: derived(
      scope.query,
      `SELECT DISTINCT ${[...selected, ...relation.carried].join(", ")} FROM ${relation.from}`,
    ),
    columns: renamed,
    order: [],
    isSerialized: false,
    carried: relation.carried,
  };
}

function lowerSample(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const order = [{ sql: "random()", isDescending: false, nullsFirst: false }];
  return { ...limited({ ...input, order }, need(node, "Expression"), scope), order: [], isSerialized: false };
}

function lowerSampleDistinct(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const value = lowerExpression(need(node, "OfExpression"), { ...scope, row: input });
  const schema = resultColumns(node);
  const source = withComputed(scope.query, input, [{ name: schema[0]?.name ?? "", expr: value }]);
  const distinct = distinctOf(source.relation, source.columns, schema, scope, node);
  return limited(distinct, need(node, "Expression"), scope);
}
