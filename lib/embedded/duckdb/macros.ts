import { arrayMacros } from "./macros/arrays.ts";
import { bagMacros } from "./macros/bags.ts";
import { calendarMacros } from "./macros/calendar.ts";
import { conversionMacros } from "./macros/conversion.ts";
import { dynamicMacros } from "./macros/dynamic.ts";
import { mathMacros } from "./macros/math.ts";
import { netMacros } from "./macros/net.ts";
import { numberMacros } from "./macros/number.ts";
import { operatorMacros } from "./macros/operators.ts";
import { stringMacros } from "./macros/strings.ts";
import { textMacros } from "./macros/text.ts";
import { timeMacros } from "./macros/time.ts";

/** KQL's rules as DuckDB macros, created at every open, in this order; DuckDB inlines them into the query. */
export const MACROS: readonly string[] = [
  ...textMacros,
  ...timeMacros,
  ...numberMacros,
  ...dynamicMacros,
  ...arrayMacros,
  ...bagMacros,
  ...conversionMacros,
  ...mathMacros,
  ...calendarMacros,
  ...stringMacros,
  ...netMacros,
  ...operatorMacros,
];
