import { allocate, type Money, money } from "../../money/money.ts";

/** The cost of deployed capacity in one stretch of time: what was loaded, and what stood idle. They are never mixed. */
export type CapacityShares<Key> = { readonly used: ReadonlyMap<Key, Money>; readonly idle: Money };

/**
 * Splits the cost of deployed capacity into used shares, by equivalent tokens, and idle. `capacityTokens` is what the capacity
 * could have processed in that time; load above it (short bursts may pass) leaves nothing idle. The parts sum to `cost`.
 */
export function splitCapacityCost<Key>(
  cost: Money,
  loads: ReadonlyMap<Key, bigint>,
  capacityTokens: bigint,
): CapacityShares<Key> {
  const keys = [...loads.keys()];
  const weights = [...loads.values()];
  const loaded = weights.reduce((a, b) => a + b, 0n);
  const idleWeight = loaded >= capacityTokens ? 0n : capacityTokens - loaded;
  if (loaded === 0n) return { used: new Map(), idle: cost };
  const parts = allocate(cost, [...weights, idleWeight]);
  return {
    used: new Map(keys.map((key, index) => [key, parts[index] ?? money(0n)])),
    idle: parts[keys.length] ?? money(0n),
  };
}
