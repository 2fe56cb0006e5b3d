import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { alias, argument, nth } from "./rows.ts";

const hash: ScalarFunction = {
  name: "hash",
  arity: [1, 2],
  lower: (args, call) => {
    const sum = `kql_script(${hashed(nth(args, 0), call)})::BIGINT`;
    return args[1] === undefined ? sum : `kql_mod(${sum}, (${argument(args[1], "long")})::BIGINT)`;
  },
  note: "xxHash64 of a string, a datetime or a long. The modulo is never negative.",
  test: "hash",
};

/** The service's hash; other types are hashed by bytes that are not documented. */
export const hashFunctions: readonly ScalarFunction[] = [hash, alias("hash_xxhash64", hash)];

function hashed(value: Expr, { refuse }: CallContext): string {
  switch (value.type) {
    case "string":
      return `'hash_text', ${value.sql}`;
    case "long":
      return `'hash_long', (${value.sql})::VARCHAR`;
    case "datetime":
      return `'hash_long', (epoch_us(${value.sql}) * 10 + 621355968000000000)::VARCHAR`;
    default:
      return refuse("takes a string, a datetime or a long here");
  }
}
