import type { ScalarFunction } from "./function-types.ts";

/** Functions over dynamic values; a dynamic is held as JSON and a dynamic null as SQL NULL. */
export const dynamicFunctions: readonly ScalarFunction[] = [
  {
    name: "array_length",
    arity: [1, 1],
    lower: ([value]) => `kql_array_length(${value?.sql})`,
    note: "Of anything but an array: null.",
    test: "array_length",
  },
];
