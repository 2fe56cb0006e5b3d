import type { AggregateFunction } from "./function-types.ts";
import { argument, nth } from "./rows.ts";

/** Aggregates over the 64 bits of longs. */
export const bitAggregates: readonly AggregateFunction[] = [
  bits("binary_all_and", "bit_and"),
  bits("binary_all_or", "bit_or"),
  bits("binary_all_xor", "bit_xor"),
];

function bits(name: string, sql: string): AggregateFunction {
  return {
    name,
    arity: [1, 1],
    lower: (args) => `${sql}((${argument(nth(args, 0), "long")})::BIGINT)`,
    note: "Nulls do not count; nothing gives null.",
    test: name,
  };
}
