import { asDynamic } from "../lowering/coerce.ts";
import type { Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { nth, plain } from "./rows.ts";

/** Functions that take arrays for sets: each element once, in the order of its first occurrence. */
export const setFunctions: readonly ScalarFunction[] = [
  {
    name: "set_union",
    arity: [2, 64],
    lower: (args) => once([`list_concat(${lists(args).join(", ")})`], (all) => `to_json(kql_distinct(${all}))`),
    note: "In the order of the first occurrence.",
    test: "set_union",
  },
  combined(
    "set_intersect",
    (element, others) => others.map((list) => `list_contains(${list}, ${element})`).join(" AND "),
    "What stands in every one.",
  ),
  combined(
    "set_difference",
    (element, others) => others.map((list) => `NOT coalesce(list_contains(${list}, ${element}), false)`).join(" AND "),
    "What stands in the first alone.",
  ),
  {
    name: "set_has_element",
    arity: [2, 2],
    lower: (args) => `list_contains(kql_items(${asDynamic(nth(args, 0))}), ${asDynamic(nth(args, 1))})`,
    note: "Null where the first argument is no array.",
    test: "set_has_element",
  },
  {
    name: "set_equals",
    arity: [2, 2],
    lower: (args) => once(lists(args), (a, b) => `(list_sort(list_distinct(${a})) = list_sort(list_distinct(${b})))`),
    note: "Neither order nor repetition counts.",
    test: "set_equals",
  },
  plain({
    name: "jaccard_index",
    args: ["dynamic", "dynamic"],
    gives: "real",
    sql: (a, b) =>
      `list_transform([{'a': list_distinct(kql_items(${a})), 'b': list_distinct(kql_items(${b}))}], lambda p_jaccard:
         len(list_intersect(p_jaccard.a, p_jaccard.b)) / nullif(len(list_distinct(list_concat(p_jaccard.a, p_jaccard.b))), 0))[1]`,
    note: "The size of the intersection over that of the union.",
  }),
];

function lists(args: readonly Expr[]): string[] {
  return args.map((arg) => `kql_items(${asDynamic(arg)})`);
}

function combined(
  name: string,
  keeps: (element: string, others: readonly string[]) => string,
  note: string,
): ScalarFunction {
  return {
    name,
    arity: [2, 64],
    lower: (args) =>
      once(
        lists(args),
        (first, ...others) => `to_json(kql_distinct(list_filter(${first}, lambda e_set: ${keeps("e_set", others)})))`,
      ),
    note,
    test: name,
  };
}
