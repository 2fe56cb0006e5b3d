import type { ScalarFunction } from "./function-types.ts";

/** Functions over text; a missing string is the empty string, never null. */
export const stringFunctions: readonly ScalarFunction[] = [
  {
    name: "strlen",
    arity: [1, 1],
    lower: ([text]) => `length(${text?.sql})`,
    isTotal: true,
    note: "Counts characters, not bytes.",
    test: "strlen",
  },
];
