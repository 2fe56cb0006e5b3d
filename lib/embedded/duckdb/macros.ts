import { dynamicMacros } from "./macros/dynamic.ts";
import { numberMacros } from "./macros/number.ts";
import { textMacros } from "./macros/text.ts";
import { timeMacros } from "./macros/time.ts";

/** KQL's rules as DuckDB macros, created at every open, in this order; DuckDB inlines them into the query. */
export const MACROS: readonly string[] = [...textMacros, ...timeMacros, ...numberMacros, ...dynamicMacros];
