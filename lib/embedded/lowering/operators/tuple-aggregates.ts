import type { SyntaxNode } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import type { KqlType } from "../../../kql/tables/table-schema.ts";
import { as } from "../binary-operators.ts";
import { callArguments } from "../call.ts";
import { asDynamic } from "../coerce.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { literalShares } from "../percentile-ranks.ts";
import { columnExpr } from "../relation.ts";
import { freshName, refuse, type Scope } from "../scope.ts";
import type { LoweredAggregate } from "./summarize.ts";

type TupleColumns = readonly { readonly name: string; readonly type: KqlType }[];

/** An aggregation function whose values stand in several columns. */
export type TupleAggregate = {
  readonly name: string;
  readonly note: string;
  readonly test: string;
  readonly lower: (call: SyntaxNode, scope: Scope, columns: TupleColumns) => LoweredAggregate;
};

const LIST: readonly TupleAggregate[] = [
  {
    name: "arg_max",
    note: "The row stays together; a null key counts only where there is no other.",
    test: "trap 24: arg_max",
    lower: (call, scope, columns) => extreme("arg_max", call, scope, columns),
  },
  {
    name: "arg_min",
    note: "The row stays together; a null key counts only where there is no other.",
    test: "trap 24: arg_max",
    lower: (call, scope, columns) => extreme("arg_min", call, scope, columns),
  },
  { name: "take_any", note: "Several values come from one row.", test: "take_any", lower: anyRow },
  { name: "any", note: "The old name of take_any.", test: "take_any", lower: anyRow },
  { name: "percentile", note: "Nearest rank, exact.", test: "trap 15: percentile", lower: percentiles },
  {
    name: "percentiles_array",
    note: "As percentiles, in one array.",
    test: "trap 15: percentile",
    lower: (call, scope) => inOneArray(percentileList(call, scope)),
  },
  { name: "percentilew", note: "Nearest rank over weights, exact.", test: "percentilesw", lower: weightedPercentiles },
  { name: "percentiles", note: "Nearest rank, exact.", test: "trap 15: percentile", lower: percentiles },
  {
    name: "percentilesw_array",
    note: "As percentilesw, in one array.",
    test: "percentilesw",
    lower: (call, scope) => inOneArray(weightedPercentiles(call, scope, [])),
  },
  { name: "percentilesw", note: "Nearest rank over weights, exact.", test: "percentilesw", lower: weightedPercentiles },
];

export const TUPLE_AGGREGATES: ReadonlyMap<string, TupleAggregate> = new Map(LIST.map((row) => [row.name, row]));

export function lowerTupleAggregate(
  row: TupleAggregate,
  call: SyntaxNode,
  scope: Scope,
  columns: TupleColumns,
): LoweredAggregate {
  return row.lower(call, scope, columns);
}

function extreme(sqlName: string, call: SyntaxNode, scope: Scope, columns: TupleColumns): LoweredAggregate {
  const [keyNode, ...rest] = callArguments(call);
  if (keyNode === undefined) return refuse(call, `'${sqlName}' needs an argument`, "refused_there_too");
  const key = lowerExpression(keyNode, scope);
  const values = rowValues(rest, scope, columns.slice(1));
  const { struct, fields } = packed([key, ...values], columns);
  const alias = freshName(scope.query, sqlName);
  const sql = key.nullable
    ? `coalesce(${sqlName}(${struct}, ${key.sql}), first(${struct}))`
    : `${sqlName}(${struct}, ${key.sql})`;
  return { inside: [`${sql} AS ${alias}`], values: unpacked(alias, fields) };
}

function anyRow(call: SyntaxNode, scope: Scope, columns: TupleColumns): LoweredAggregate {
  const values = rowValues(callArguments(call), scope, columns);
  const alias = freshName(scope.query, "any");
  if (values.length === 1 && values[0] !== undefined) {
    const [value] = values;
    // Of one value a null is taken only when there is nothing else.
    return {
      inside: [`any_value(${value.sql}) AS ${alias}`],
      values: [filled({ ...value, sql: alias, nullable: true })],
    };
  }
  const { struct, fields } = packed(values, columns);
  return { inside: [`first(${struct}) AS ${alias}`], values: unpacked(alias, fields) };
}

/** The values of the arguments; `*` stands for the columns the binder lists after the others. */
function rowValues(nodes: readonly SyntaxNode[], scope: Scope, columns: TupleColumns): Expr[] {
  const isStar = nodes.some((node) => kindOf(node) === "StarExpression");
  if (!isStar) return nodes.map((node) => lowerExpression(node, scope));
  return columns.map(({ name }) => {
    const column = scope.row?.columns.find((candidate) => candidate.name === name);
    return column === undefined ? { sql: "NULL", type: "dynamic", nullable: true } : columnExpr(column);
  });
}

function packed(values: readonly Expr[], columns: TupleColumns): { struct: string; fields: Expr[] } {
  const typed = values.map((value, index) => as(value, columns[index]?.type ?? value.type));
  return {
    struct: `{${typed.map(({ sql }, index) => `f${index}: ${sql}`).join(", ")}}`,
    fields: typed,
  };
}

function unpacked(alias: string, fields: readonly Expr[]): Expr[] {
  return fields.map(({ type }, index) => filled({ sql: `${alias}.f${index}`, type, nullable: true }));
}

/** Over no rows at all the struct is null, and a string must not be. */
function filled(expr: Expr): Expr {
  return expr.type === "string" ? { sql: `coalesce(${expr.sql}, '')`, type: "string", nullable: false } : expr;
}

function percentiles(call: SyntaxNode, scope: Scope, columns: TupleColumns): LoweredAggregate {
  const list = percentileList(call, scope);
  return {
    ...list,
    values: columns.map(({ type }, index) => ({ sql: list.values[index]?.sql ?? "NULL", type, nullable: true })),
  };
}

function percentileList(call: SyntaxNode, scope: Scope): LoweredAggregate {
  const [valueNode, ...ranks] = callArguments(call);
  if (valueNode === undefined) return refuse(call, "A percentile needs an argument", "refused_there_too");
  const value = lowerExpression(valueNode, scope);
  const shares = ranks.flatMap((rank) => sharesOf(rank, scope));
  const alias = freshName(scope.query, "percentiles");
  return {
    inside: [`quantile_disc(${value.sql}, [${shares.join(", ")}]) AS ${alias}`],
    values: shares.map((_, index) => ({ sql: `${alias}[${index + 1}]`, type: value.type, nullable: true })),
  };
}

function weightedPercentiles(call: SyntaxNode, scope: Scope, columns: TupleColumns): LoweredAggregate {
  const [valueNode, weightNode, ...ranks] = callArguments(call);
  if (valueNode === undefined || weightNode === undefined)
    return refuse(call, "'percentilesw' needs two arguments", "refused_there_too");
  const value = lowerExpression(valueNode, scope);
  const weight = lowerExpression(weightNode, scope);
  const shares = ranks.flatMap((rank) => sharesOf(rank, scope));
  const alias = freshName(scope.query, "weighted");
  const list = `list({v: ${value.sql}, w: (${weight.sql})::BIGINT} ORDER BY ${value.sql}) FILTER (WHERE (${value.sql}) IS NOT NULL AND (${weight.sql}) > 0)`;
  return {
    inside: [`${list} AS ${alias}`],
    values: shares.map((rank, index) => ({
      sql: `kql_weighted_rank(${alias}, ${rank})`,
      type: columns[index]?.type ?? value.type,
      nullable: true,
    })),
  };
}

function inOneArray({ inside, values }: LoweredAggregate): LoweredAggregate {
  const sql = `to_json([${values.map(asDynamic).join(", ")}])`;
  return { inside, values: [{ sql, type: "dynamic", nullable: false }] };
}

/** One percentage, or several in a dynamic array. */
function sharesOf(node: SyntaxNode, scope: Scope): string[] {
  const rank = lowerExpression(node, { ...scope, row: null, isAggregate: false });
  return literalShares(rank, { refuse: (reason) => refuse(node, `A percentile ${reason}`, "unknown") });
}
