import type { ScalarFunction } from "./function-types.ts";

/** Conversions; a text that is no value of the type becomes null. */
export const conversionFunctions: readonly ScalarFunction[] = [
  {
    name: "tolong",
    arity: [1, 1],
    lower: ([value]) => {
      switch (value?.type) {
        case "real":
          return `kql_real_to_long(${value.sql})`;
        case "string":
          return `kql_text_to_long(${value.sql})`;
        case "dynamic":
          return `kql_text_to_long(kql_dyn_text(${value.sql}))`;
        default:
          return `(${value?.sql})::BIGINT`;
      }
    },
    note: "Cuts the fraction; a text that is no number is null.",
    test: "tolong",
  },
];
