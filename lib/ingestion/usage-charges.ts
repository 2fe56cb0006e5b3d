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
  const charged: { readonly fact: UsageFact; readonly owner: Owner }[] = [];
  const capped = new Map<string, { fact: UsageFact; readonly owner: Owner }>();
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
    if (fact.identityId === NOBODY || kept.get(slotOf(fact))?.has(fact.identityId) !== false) {
      charged.push({ fact, owner });
      continue;
    }
    // Facts differ in key or identity; those that lose their identity may now be one.
    const { tokens, ...key } = { ...fact, identityId: OTHER_CALLERS };
    const id = JSON.stringify([...Object.values(key), ...Object.values(owner)]);
    const known = capped.get(id);
    if (known) known.fact = { ...known.fact, tokens: known.fact.tokens + tokens };
    else capped.set(id, { fact: { ...key, tokens }, owner });
  }
  return [...charged, ...capped.values()].map(({ fact, owner }) => ({
    kind: "usage",
    fact,
    pricing: isProvisioned(fact, context.inventory) ? INCLUDED : priceUsage(fact, context.book),
    owner,
  }));
}

function isProvisioned(fact: UsageFact, inventory: Inventory): boolean {
  return skuMeaning(inventory.at(fact.account, fact.deployment, fact.quarterHour)?.row.sku).isProvisioned;
}

/** The identities that stay, for the accounts and quarter hours that have more than the cap; the others keep all of theirs. */
function keptByAccount(facts: readonly IdentifiedFact[], cap: number): Map<string, ReadonlySet<IdentityId>> {
  const tokens = new Map<string, Map<IdentityId, bigint>>();
  for (const { fact } of facts) {
    if (fact.identityId === NOBODY) continue;
    const key = slotOf(fact);
    let slot = tokens.get(key);
    if (!slot) {
      slot = new Map();
      tokens.set(key, slot);
    }
    slot.set(fact.identityId, (slot.get(fact.identityId) ?? 0n) + fact.tokens);
  }
  return new Map(
    [...tokens].flatMap(([slot, byId]) => (byId.size <= cap ? [] : [[slot, keptIdentities(byId, cap)] as const])),
  );
}

function slotOf(fact: UsageFact): string {
  return `${fact.quarterHour}/${fact.account}`;
}
