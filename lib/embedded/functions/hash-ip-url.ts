import { ipFunctions } from "./address.ts";
import { encodingFunctions } from "./encoding.ts";
import type { ScalarFunction } from "./function-types.ts";
import { hashFunctions } from "./hash.ts";
import { parseFunctions } from "./text-parse.ts";

/** Hashes, addresses, URLs, base64 and texts that are read into bags. */
export const hashIpUrlFunctions: readonly ScalarFunction[] = [
  ...hashFunctions,
  ...encodingFunctions,
  ...parseFunctions,
  ...ipFunctions,
];
