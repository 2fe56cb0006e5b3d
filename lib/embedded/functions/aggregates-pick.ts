import { asDynamic } from "../lowering/coerce.ts";
import type { Expr } from "../lowering/expression-types.ts";
import { literalShares } from "../lowering/percentile-ranks.ts";
import { truth } from "./aggregates-number.ts";
import type { AggregateContext, AggregateFunction } from "./function-types.ts";
import { nth } from "./rows.ts";

const percentile: AggregateFunction = {
  name: "percentile",
  arity: [2, 2],
  lower: (args, call) => `quantile_disc(${nth(args, 0).sql}, ${literalShares(nth(args, 1), call)[0] ?? "0.5"})`,
  note: "Nearest rank, exact.",
  test: "percentile",
};
const takeAnyIf: AggregateFunction = {
  name: "take_anyif",
  arity: [2, 2],
  lower: (args, call) => anyValue(nth(args, 0), ` FILTER (WHERE ${truth(nth(args, 1))})`, call),
  note: "Of the rows whose condition is true; a null only where there is nothing else.",
  test: "take_anyif",
};

/** Aggregates that give one of the values they saw, where they stand inside an expression. */
export const pickAggregates: readonly AggregateFunction[] = [
  percentile,
  {
    name: "percentiles_array",
    arity: [2, 64],
    lower: (args, call) => {
      const value = nth(args, 0);
      const shares = args.slice(1).flatMap((rank) => literalShares(rank, call));
      const element = asDynamic({ sql: "v_rank", type: value.type, nullable: true });
      return `to_json(list_transform(quantile_disc(${value.sql}, [${shares.join(", ")}]), lambda v_rank: ${element}))`;
    },
    note: "As percentiles, in one array.",
    test: "percentiles_array",
  },
  takeAnyIf,
  { ...takeAnyIf, name: "anyif", note: "The old name of take_anyif." },
  {
    name: "take_any",
    arity: [1, 1],
    lower: (args, call) => anyValue(nth(args, 0), "", call),
    note: "Several values come from one row.",
    test: "take_any",
  },
];

function anyValue(value: Expr, filter: string, { resultType }: AggregateContext): string {
  const sql = `any_value(${value.sql})${filter}`;
  return resultType === "string" ? `coalesce(${sql}, '')` : sql;
}
