import type { AggregateFunction } from "./function-types.ts";

/** Aggregation functions with one result column; arg_max, arg_min, take_any and percentiles belong to the summarize operator. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  {
    name: "count",
    arity: [0, 1],
    lower: () => "count(*)",
    isTotal: true,
    note: "Counts rows.",
    test: "count",
  },
  {
    name: "countif",
    arity: [1, 1],
    lower: ([condition]) => `count(*) FILTER (WHERE ${condition?.sql})`,
    isTotal: true,
    note: "A null condition does not count.",
    test: "countif",
  },
  {
    name: "make_list",
    arity: [1, 2],
    lower: ([value, limit], { orderBy }) => {
      const list = `list((${value?.sql})${orderBy}) FILTER (WHERE (${value?.sql}) IS NOT NULL)`;
      const cut = limit === undefined ? list : `list_slice(${list}, 1, ${limit.sql})`;
      return `coalesce(kql_list_to_dyn(${cut}), '[]'::JSON)`;
    },
    isTotal: true,
    note: "Keeps the input's order and leaves nulls out; nothing gives an empty array.",
    test: "make_list",
  },
];
