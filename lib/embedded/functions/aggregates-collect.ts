import { asDynamic } from "../lowering/coerce.ts";
import type { Expr } from "../lowering/expression-types.ts";
import { truth } from "./aggregates-number.ts";
import type { AggregateContext, AggregateFunction } from "./function-types.ts";
import { argument, nth } from "./rows.ts";

const SIZE = "1048576";
/** The most elements of the deprecated names where no size is given. */
const OLD_SIZE = "128";

const makeList = collected(
  "make_list",
  false,
  list,
  "In the order of the input; nulls are left out. Nothing gives an empty array.",
);
const makeSet = collected(
  "make_set",
  false,
  set,
  "Each value once, sorted, where the service leaves the order open; nulls are left out. Of arrays, the elements.",
);
const makeBag = collected(
  "make_bag",
  false,
  bag,
  "Of several values of one key the first stays; what is no bag is left out.",
);

/** Aggregates that collect values into a dynamic. */
export const collectAggregates: readonly AggregateFunction[] = [
  makeList,
  collected("make_list_if", true, list, "`make_list` over the rows whose condition is true."),
  {
    ...collected("makelist", false, list, "The old name of `make_list`; at most 128 elements unless told.", OLD_SIZE),
    test: "make_list",
  },
  {
    name: "make_list_with_nulls",
    arity: [1, 1],
    lower: (args, { orderBy }) => `coalesce(to_json(list((${element(nth(args, 0))})${orderBy})), '[]'::JSON)`,
    isTotal: true,
    note: "In the order of the input, nulls included.",
    test: "make_list_with_nulls",
  },
  makeSet,
  collected("make_set_if", true, set, "`make_set` over the rows whose condition is true."),
  {
    ...collected("makeset", false, set, "The old name of `make_set`; at most 128 elements unless told.", OLD_SIZE),
    test: "make_set",
  },
  makeBag,
  collected("make_bag_if", true, bag, "`make_bag` over the rows whose condition is true."),
  {
    ...collected("make_dictionary", false, bag, "The old name of `make_bag`; at most 128 keys unless told.", OLD_SIZE),
    test: "make_bag",
  },
];

type Collect = (value: Expr, filter: string, limit: string, call: AggregateContext) => string;

function collected(
  name: string,
  hasCondition: boolean,
  collect: Collect,
  note: string,
  defaultSize = SIZE,
): AggregateFunction {
  const count = hasCondition ? 2 : 1;
  return {
    name,
    arity: [count, count + 1],
    lower: (args, call) => {
      const limit = args[count];
      const size = limit === undefined ? defaultSize : sizeOf(limit);
      return collect(nth(args, 0), hasCondition ? ` AND (${truth(nth(args, 1))})` : "", size, call);
    },
    isTotal: true,
    note,
    test: name,
  };
}

/** The most elements, one number for all rows. */
function sizeOf(limit: Expr): string {
  const number = limit.literal === undefined ? `any_value(${argument(limit, "long")})` : argument(limit, "long");
  return `CASE WHEN ${number} < 0 THEN ${SIZE} ELSE ${number} END`;
}

/** The value as it goes into the list: as it is where DuckDB writes the same JSON, else as JSON. */
function element(value: Expr): string {
  return ["string", "long", "int", "bool"].includes(value.type) ? value.sql : `(${asDynamic(value)})::JSON`;
}

function list(value: Expr, filter: string, limit: string, { orderBy }: AggregateContext): string {
  const all = `list((${element(value)})${orderBy}) FILTER (WHERE (${element(value)}) IS NOT NULL${filter})`;
  return `coalesce(to_json(list_slice(${all}, 1, ${limit})), '[]'::JSON)`;
}

function set(value: Expr, filter: string, limit: string, { orderBy }: AggregateContext): string {
  if (value.type === "dynamic") {
    // An array gives its elements, and the order is that of their first occurrence: as text numbers would sort wrongly.
    const elements = `kql_set_elements(${asDynamic(value)})`;
    const all = `flatten(list((${elements})${orderBy}) FILTER (WHERE (${asDynamic(value)}) IS NOT NULL${filter}))`;
    return `coalesce(to_json(list_slice(kql_distinct(${all}), 1, ${limit})), '[]'::JSON)`;
  }
  const isNumber = value.type === "real" || value.type === "decimal";
  const kept = isNumber ? value.sql : element(value);
  const all = `list_sort(list(DISTINCT ${kept}) FILTER (WHERE (${kept}) IS NOT NULL${filter}))`;
  const cut = `list_slice(${all}, 1, ${limit})`;
  const written = isNumber
    ? `list_transform(${cut}, lambda n_set: ${asDynamic({ ...value, sql: "n_set", literal: undefined })})`
    : cut;
  return `coalesce(to_json(${written}), '[]'::JSON)`;
}

function bag(value: Expr, filter: string, limit: string, { orderBy }: AggregateContext): string {
  const entries = `kql_entries(${asDynamic(value)})`;
  const all = `flatten(list((${entries})${orderBy}) FILTER (WHERE (${entries}) IS NOT NULL${filter}))`;
  return `list_transform([${all}], lambda l_bag: kql_bag_of(list_slice(kql_first_of_key(l_bag), 1, ${limit})))[1]`;
}
