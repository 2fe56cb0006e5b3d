import type { PriceKey } from "../usage/price-key.ts";

/** Which price of a range a figure is made with: totals say "at least" of the lower one and "at most" of the upper one. */
export type StatedEnd = "lower" | "upper";

/**
 * A hole in the telemetry must not become a saving (ADR 6): what only the platform metric counts stands at its dearest price, and
 * input whose cached part no source tells stands without the discount. Every other range stands at its lower end (ADR 2).
 */
export function statedEnd(source: string, unknownPart: keyof PriceKey | "cachedShare"): StatedEnd {
  return source === "metric" || unknownPart === "cachedShare" ? "upper" : "lower";
}
