import type { AttributionRule } from "../attribution/attribution-rule.ts";
import { type Owner, UNATTRIBUTED, type UsageCharge } from "../attribution/charge.ts";
import { ownerFinder } from "../attribution/find-owner.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { INCLUDED, priceUsage } from "../pricing/price-usage.ts";
import { skuMeaning } from "../usage/deployment-sku.ts";
import { keptIdentities, NOBODY, OTHER_CALLERS } from "../usage/identity.ts";
import type { Inventory } from "../usage/inventory-lookup.ts";
import type { IdentityId, UsageFact } from "../usage/usage-fact.ts";
import type { IdentifiedFact } from "../usage/usage-facts.ts";

/** What only the platform metric counts belongs to nobody: its caller cannot be known (rules of the project, section 3). */
const METRIC_ONLY_OWNER: Owner = { team: UNATTRIBUTED, application: "", rule: "metric-only", confidence: "default" };

/** Identities that keep their own row per account and quarter hour (rules of the project, section 2). */
export const IDENTITY_CAP = 2_000;

/**
 * Facts with owner and price. Owners are found before identities beyond the cap become "other callers", so teams stay exact.
 */
export function usageCharges(
  facts: readonly IdentifiedFact[],
  context: {
    readonly rules: readonly AttributionRule[];
    readonly book: PriceBook;
    readonly inventory: Inventory;
    readonly identityCap?: number;
  },
): UsageCharge[] {
  const findOwner = ownerFinder(context.rules);
  const kept = keptByAccount(facts, context.identityCap ?? IDENTITY_CAP);
  const merged = new Map<string, { fact: UsageFact; owner: Owner }>();
  for (const { fact, identity } of facts) {
    const owner =
      fact.confidence === "metric_only"
        ? METRIC_ONLY_OWNER
        : findOwner({
            quarterHour: fact.quarterHour,
            account: fact.account,
            deployment: fact.deployment,
            identity,
            isEstimated: fact.confidence === "estimated_split",
          });
    const isKept = fact.identityId === NOBODY || kept.get(slotOf(fact))?.has(fact.identityId) === true;
    const capped = isKept ? fact : { ...fact, identityId: OTHER_CALLERS };
    const { tokens, ...key } = capped;
    const id = JSON.stringify([...Object.values(key), ...Object.values(owner)]);
    const known = merged.get(id);
    merged.set(id, { fact: { ...capped, tokens: tokens + (known?.fact.tokens ?? 0n) }, owner });
  }
  return [...merged.values()].map(({ fact, owner }) => ({
    kind: "usage",
    fact,
    pricing: isProvisioned(fact, context.inventory) ? INCLUDED : priceUsage(fact, context.book),
    owner,
  }));
}

function isProvisioned(fact: UsageFact, inventory: Inventory): boolean {
  return skuMeaning(inventory.at(fact.account, fact.deployment, fact.quarterHour)?.row.sku).isProvisioned;
}

function keptByAccount(facts: readonly IdentifiedFact[], cap: number): Map<string, ReadonlySet<IdentityId>> {
  const tokens = new Map<string, Map<IdentityId, bigint>>();
  for (const { fact } of facts) {
    if (fact.identityId === NOBODY) continue;
    const slot = tokens.get(slotOf(fact)) ?? new Map<IdentityId, bigint>();
    slot.set(fact.identityId, (slot.get(fact.identityId) ?? 0n) + fact.tokens);
    tokens.set(slotOf(fact), slot);
  }
  return new Map([...tokens].map(([slot, byId]) => [slot, keptIdentities(byId, cap)]));
}

function slotOf(fact: UsageFact): string {
  return `${fact.quarterHour}/${fact.account}`;
}
