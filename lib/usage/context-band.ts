import { LONG_CONTEXT_TOKENS } from "../queries/calls.ts";
import type { ContextBand } from "./price-key.ts";

/** The prompt's size decides the band of the whole request: more tokens than the limit that the query applies are long. */
export function contextBandOf(promptTokens: bigint): ContextBand {
  return promptTokens > BigInt(LONG_CONTEXT_TOKENS) ? "long" : "short";
}
