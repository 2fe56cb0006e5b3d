import type { ScalarFunction } from "./function-types.ts";

/** Arithmetic functions; what has no value (logarithm of a negative number, overflow of a conversion) is null or NaN as in KQL. */
export const mathFunctions: readonly ScalarFunction[] = [
  {
    name: "sqrt",
    arity: [1, 1],
    lower: ([x]) => `kql_sqrt((${x?.sql})::DOUBLE)`,
    note: "Of a negative number: null.",
    test: "sqrt",
  },
  {
    name: "bin",
    arity: [2, 2],
    lower: ([value, size], { resultType }) =>
      resultType === "datetime"
        ? `kql_bin_datetime(${value?.sql}, ${size?.sql})`
        : resultType === "real" || resultType === "decimal"
          ? `kql_bin_real((${value?.sql})::DOUBLE, (${size?.sql})::DOUBLE)`
          : `kql_bin_long((${value?.sql})::BIGINT, (${size?.sql})::BIGINT)`,
    note: "Floors, negative values too. Date-times are counted from 0001-01-01, so weeks start on Monday.",
    test: "bin",
  },
];
