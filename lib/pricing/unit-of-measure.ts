/**
 * How many units one unit of measure pays for: `1K` is 1,000 tokens, `100` is 100 images, `1/Hour` and `1 Hour` are one hour.
 * Undefined for a unit nobody knows (pricing reference, section 2).
 */
export function unitSizeOf(unitOfMeasure: string): bigint | undefined {
  const unit = unitOfMeasure.trim().toLowerCase().replace(/\s+/g, " ");
  const match = /^(\d+)(k|m)?(?: ?\/? ?(?:hour|day|month|second|tokens?|requests?|images?))?s?$/.exec(unit);
  if (!match) return undefined;
  const factor = match[2] === "k" ? 1_000n : match[2] === "m" ? 1_000_000n : 1n;
  const size = BigInt(match[1] ?? "1") * factor;
  return size > 0n ? size : undefined;
}
