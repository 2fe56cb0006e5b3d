import { coerce } from "../lowering/coerce.ts";
import type { ScalarFunction } from "./function-types.ts";

/** Functions that choose between values; a null condition counts as false. */
export const conditionalFunctions: readonly ScalarFunction[] = [
  {
    name: "iff",
    arity: [3, 3],
    lower: ([condition, yes, no], { resultType }) =>
      condition === undefined || yes === undefined || no === undefined
        ? ""
        : `CASE WHEN ${condition.sql} THEN ${coerce(yes, resultType)} ELSE ${coerce(no, resultType)} END`,
    note: "A null condition takes the second value.",
    test: "iff",
  },
];
