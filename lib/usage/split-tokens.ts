import { allocateUnits } from "../money/money.ts";
import type { IdentityId } from "./usage-fact.ts";

/** How much of the unowned tokens an identity gets, in tokens that another source counted for it. `name` orders ties. */
export type SplitWeight = { readonly identityId: IdentityId; readonly name: string; readonly tokens: bigint };

/** What an identity gets. */
export type SplitPart = { readonly identityId: IdentityId; readonly tokens: bigint };

/**
 * Splits tokens that no call-by-call join could place, in proportion to what the gateway (or spans) counted per identity.
 * The parts sum to `tokens`; leftover tokens go to the largest remainders, ties to the lower name.
 */
export function splitTokens(tokens: bigint, weights: readonly SplitWeight[]): SplitPart[] {
  const ordered = mergeWeights(weights);
  const parts = allocateUnits(
    tokens,
    ordered.map((weight) => weight.tokens),
  );
  return ordered
    .map((weight, index) => ({ identityId: weight.identityId, tokens: parts[index] ?? 0n }))
    .filter((part) => part.tokens > 0n);
}

function mergeWeights(weights: readonly SplitWeight[]): SplitWeight[] {
  const merged = new Map<IdentityId, SplitWeight>();
  for (const weight of weights) {
    const tokens = weight.tokens + (merged.get(weight.identityId)?.tokens ?? 0n);
    merged.set(weight.identityId, { ...weight, tokens });
  }
  return [...merged.values()]
    .filter((weight) => weight.tokens > 0n)
    .toSorted((a, b) => (a.name < b.name || (a.name === b.name && a.identityId < b.identityId) ? -1 : 1));
}
