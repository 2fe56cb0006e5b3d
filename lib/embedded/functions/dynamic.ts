import { arrayFunctions } from "./array.ts";
import { arrayOrderFunctions } from "./array-order.ts";
import { bagFunctions } from "./bag.ts";
import type { ScalarFunction } from "./function-types.ts";
import { script } from "./script-rows.ts";
import { setFunctions } from "./set.ts";

/** Functions over dynamic values; a dynamic is held as JSON and a dynamic null as SQL NULL. */
export const dynamicFunctions: readonly ScalarFunction[] = [
  ...arrayFunctions,
  ...arrayOrderFunctions,
  ...setFunctions,
  ...bagFunctions,
  script("treepath", [1, 1], "Every path in the order of the document."),
  script("dynamic_to_json", [1, 1], "Keys in order, no blanks."),
];
