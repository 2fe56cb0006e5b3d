import type { ScalarFunction } from "./function-types.ts";

/** Hashes, addresses, URLs and base64. */
export const hashIpUrlFunctions: readonly ScalarFunction[] = [
  {
    name: "hash_md5",
    arity: [1, 1],
    lower: ([value], { refuse }) =>
      value?.type === "string" ? `md5(${value.sql})` : refuse("takes only a string here"),
    note: "Of a string only.",
    test: "hash_md5",
  },
];
