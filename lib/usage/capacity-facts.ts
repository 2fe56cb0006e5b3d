import type { Instant } from "../time/instant.ts";
import type { CapacityFact } from "./capacity-fact.ts";
import { skuMeaning } from "./deployment-sku.ts";
import type { Inventory } from "./inventory-lookup.ts";

/**
 * What the inventory says was deployed, used or not, up to `now`: an idle provisioned deployment costs money and writes
 * nothing, and a hole in the logs does not erase its cost.
 */
export function capacityFacts(inventory: Inventory, now: Instant): CapacityFact[] {
  return inventory.rows.flatMap((row) => {
    const { isProvisioned, scope } = skuMeaning(row.sku);
    if (!isProvisioned || row.ptu === null || row.ptu <= 0) return [];
    const to = row.to === null || row.to > now ? now : row.to;
    if (to <= row.from) return [];
    const { account, deployment, region, model, version, from } = row;
    return [{ account, deployment, kind: "ptu", scope, region, model, version, units: BigInt(row.ptu), from, to }];
  });
}
