import { coerce } from "../lowering/coerce.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import { SQL_TYPES } from "../lowering/sql-text.ts";
import type { AggregateFunction } from "./function-types.ts";
import { nth } from "./rows.ts";

type Form = {
  readonly name: string;
  /** How many arguments come before the condition of the `if` form. */
  readonly values: number;
  readonly sql: (args: readonly Expr[], filter: string, call: CallContext) => string;
  readonly isTotal: boolean;
  readonly note: string;
};

const FORMS: readonly Form[] = [
  { name: "sum", values: 1, sql: sum, isTotal: true, note: "Nulls do not count; the sum of nothing is 0." },
  {
    name: "avg",
    values: 1,
    sql: average,
    isTotal: false,
    note: "Nulls do not count; of nothing: NaN for numbers, null for others.",
  },
  {
    name: "min",
    values: 1,
    sql: (args, filter, call) => extreme("min", args, filter, call),
    isTotal: false,
    note: "Nulls do not count.",
  },
  {
    name: "max",
    values: 1,
    sql: (args, filter, call) => extreme("max", args, filter, call),
    isTotal: false,
    note: "Nulls do not count.",
  },
  {
    name: "stdev",
    values: 1,
    sql: spread("stddev_samp"),
    isTotal: true,
    note: "Of a sample; fewer than two values give 0.",
  },
  { name: "stdevp", values: 1, sql: spread("stddev_pop"), isTotal: true, note: "Of a population; nothing gives 0." },
  {
    name: "variance",
    values: 1,
    sql: spread("var_samp"),
    isTotal: true,
    note: "Of a sample; fewer than two values give 0.",
  },
  { name: "variancep", values: 1, sql: spread("var_pop"), isTotal: true, note: "Of a population; nothing gives 0." },
  {
    name: "covariance",
    values: 2,
    sql: pairSpread("covar_samp"),
    isTotal: true,
    note: "Of a sample; fewer than two pairs give 0.",
  },
  {
    name: "covariancep",
    values: 2,
    sql: pairSpread("covar_pop"),
    isTotal: true,
    note: "Of a population; nothing gives 0.",
  },
  { name: "count_distinct", values: 1, sql: distinct, isTotal: true, note: "Exact." },
];

/** Aggregates that give a number or a value of their argument's own type, each with its `if` form where KQL has one. */
export const numberAggregates: readonly AggregateFunction[] = [
  {
    name: "count",
    arity: [0, 1],
    lower: ([condition]) => (condition === undefined ? "count(*)" : `count(*) FILTER (WHERE ${truth(condition)})`),
    isTotal: true,
    note: "Counts rows.",
    test: "count",
  },
  {
    name: "countif",
    arity: [1, 1],
    lower: (args) => `count(*) FILTER (WHERE ${truth(nth(args, 0))})`,
    isTotal: true,
    note: "A null condition does not count.",
    test: "countif",
  },
  ...FORMS.flatMap((form) => (form.name === "stdevp" ? [plainForm(form)] : [plainForm(form), ifForm(form)])),
  {
    name: "dcount",
    arity: [1, 2],
    lower: (args) => distinct(args, ""),
    isTotal: true,
    note: "Exact, where the service estimates; the accuracy is not needed.",
    test: "dcount",
  },
  {
    name: "dcountif",
    arity: [2, 3],
    lower: (args) => distinct(args, ` FILTER (WHERE ${truth(nth(args, 1))})`),
    isTotal: true,
    note: "Exact, where the service estimates; the accuracy is not needed.",
    test: "dcountif",
  },
];

function plainForm({ name, values, sql, isTotal, note }: Form): AggregateFunction {
  return { name, arity: [values, values], lower: (args, call) => sql(args, "", call), isTotal, note, test: name };
}

function ifForm({ name, values, sql, isTotal, note }: Form): AggregateFunction {
  return {
    name: `${name}if`,
    arity: [values + 1, values + 1],
    lower: (args, call) => sql(args, ` FILTER (WHERE ${truth(nth(args, values))})`, call),
    isTotal,
    note: `Over the rows whose condition is true. ${note}`,
    test: `${name}if`,
  };
}

export function truth(condition: Expr): string {
  return condition.type === "bool" ? condition.sql : coerce(condition, "bool");
}

function sum(args: readonly Expr[], filter: string, { resultType, refuse }: CallContext): string {
  const value = nth(args, 0);
  if (resultType === "datetime") return refuse("adds numbers and timespans, not date-times");
  const type = value.type === "dynamic" ? resultType : value.type;
  const summed = `coalesce(sum(${number(value, type === "int" ? "long" : type)})${filter}, 0)`;
  return `${summed}::${SQL_TYPES[resultType]}`;
}

function average(args: readonly Expr[], filter: string, { resultType }: CallContext): string {
  const value = nth(args, 0);
  if (resultType === "timespan") return `kql_real_to_long(avg(${number(value, "timespan")})${filter})`;
  if (resultType === "datetime") return `make_timestamp(kql_real_to_long(avg(epoch_us(${value.sql}))${filter}))`;
  if (resultType === "decimal") return `(avg(${number(value, "decimal")})${filter})::DECIMAL(38,18)`;
  return `coalesce(avg(${number(value, "real")})${filter}, 'nan'::DOUBLE)`;
}

function extreme(name: "min" | "max", args: readonly Expr[], filter: string, { resultType }: CallContext): string {
  const value = nth(args, 0);
  const sql = `${name}(${value.type === resultType ? value.sql : coerce(value, resultType)})${filter}`;
  return resultType === "string" ? `coalesce(${sql}, '')` : sql;
}

function spread(name: string): Form["sql"] {
  return (args, filter) => `coalesce(${name}(${number(nth(args, 0), "real")})${filter}, 0)`;
}

function pairSpread(name: string): Form["sql"] {
  return (args, filter) =>
    `coalesce(${name}(${number(nth(args, 0), "real")}, ${number(nth(args, 1), "real")})${filter}, 0)`;
}

function distinct(args: readonly Expr[], filter: string): string {
  const value = nth(args, 0);
  return `count(DISTINCT ${value.type === "dynamic" ? (value.text ?? `kql_dyn_text(${value.sql})`) : value.sql})${filter}`;
}

function number(value: Expr, type: "real" | "decimal" | "long" | Expr["type"]): string {
  return value.type === type
    ? value.sql
    : value.type === "dynamic"
      ? coerce(value, type)
      : `(${value.sql})::${SQL_TYPES[type]}`;
}
