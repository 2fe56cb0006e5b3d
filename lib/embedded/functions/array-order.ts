import { columnsOfSymbol } from "../../kql/syntax.ts";
import { asDynamic } from "../lowering/coerce.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";

/** Functions that sort; the further arrays follow the order of the first. */
export const arrayOrderFunctions: readonly ScalarFunction[] = [
  sortRow("array_sort_asc", false),
  sortRow("array_sort_desc", true),
];

function sortRow(name: string, isDescending: boolean): ScalarFunction {
  return {
    name,
    arity: [1, 65],
    lower: (args, call) => lowerSort(args, call, isDescending),
    note: "Numbers before texts; nulls last unless `false` is given as the last argument. Several arrays give several columns.",
    test: name,
  };
}

function lowerSort(args: readonly Expr[], call: CallContext, isDescending: boolean): string {
  const last = args[args.length - 1];
  const hasOption = args.length > 1 && last?.type === "bool";
  const nullsLast = hasOption ? (last?.sql ?? "true") : "true";
  const arrays = (hasOption ? args.slice(0, -1) : args).map((arg) => `kql_items(${asDynamic(arg)})`);
  return once(arrays, (...lists) => {
    const first = lists[0] ?? "[]";
    const places = `kql_sorted_places(${first}, ${isDescending}, ${nullsLast})`;
    const inOrder = (list: string) => `list_transform(${places}, lambda i_sorted: ${list}[i_sorted])`;
    const isTuple = columnsOfSymbol(call.node.ResultType).length > 0;
    if (!isTuple) return `to_json(${inOrder(first)})`;
    const sorted = lists.map((list) => `CASE WHEN len(${list}) = len(${first}) THEN to_json(${inOrder(list)}) END`);
    return `to_json([${sorted.join(", ")}])`;
  });
}
