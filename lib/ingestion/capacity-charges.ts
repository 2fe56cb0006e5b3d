import type { AttributionRule } from "../attribution/attribution-rule.ts";
import { type CapacityCharge, type Owner, UNATTRIBUTED, type UsageCharge } from "../attribution/charge.ts";
import { ownerFinder } from "../attribution/find-owner.ts";
import { allocate, allocateUnits } from "../money/money.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import type { Pricing } from "../pricing/priced-usage.ts";
import { type PaidCapacity, payCapacity } from "../pricing/provisioned/pay-capacity.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import { throughputOf } from "../pricing/provisioned/throughput.ts";
import { addMs, type Instant, minuteOf, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import type { CapacityFact } from "../usage/capacity-fact.ts";
import { createIdentities } from "../usage/identity.ts";

/** What was bought and not deployed belongs to nobody: who may use it is not who left it. */
const UNUSED_OWNER: Owner = { team: UNATTRIBUTED, application: "", rule: "unused-reservation", confidence: "default" };

/**
 * The cost of capacity in every quarter hour, reserved or by the hour: `used` split over owners by equivalent tokens (input +
 * weight × output, cached tokens deducted), `idle` for what the tokens did not load, and `unused` for what was reserved and
 * not deployed. A model without documented throughput has no idle share as long as it served any token.
 */
export function capacityCharges(
  capacities: readonly CapacityFact[],
  quarterHours: readonly Instant[],
  usage: readonly UsageCharge[],
  context: {
    readonly rules: readonly AttributionRule[];
    readonly book: PriceBook;
    readonly reservations: readonly Reservation[];
    /** Reserved capacity is paid up to here, like deployed capacity: nobody knows yet what stands on it later. */
    readonly now: Instant;
  },
): CapacityCharge[] {
  const findOwner = ownerFinder(context.rules);
  const nobody = createIdentities(new Uint8Array()).identify({
    caller: "",
    apimSubscription: "",
    apimProduct: "",
    apimUser: "",
    api: "",
    backend: "",
    application: "",
  });
  const usageBySlot = Map.groupBy(usage, ({ fact }) => `${fact.quarterHour}/${fact.account}/${fact.deployment}`);
  return quarterHours.flatMap((quarterHour) => {
    const end = Math.min(addMs(quarterHour, QUARTER_HOUR_MS), minuteOf(context.now));
    if (end <= quarterHour) return [];
    const within = { start: quarterHour, end: toInstant(end) };
    const paid = payCapacity(capacities, context.reservations, within, context.book);
    return [...Map.groupBy(paid, ({ capacity }) => capacity)].flatMap(([capacity, pieces]): CapacityCharge[] => {
      if (capacity === null) return pieces.flatMap((piece) => unusedCharge(quarterHour, piece));
      const served = usageBySlot.get(`${quarterHour}/${capacity.account}/${capacity.deployment}`) ?? [];
      const { account, deployment, model, version, scope, region } = capacity;
      const common = { kind: "capacity", quarterHour, account, deployment, model, version, scope, region } as const;
      const idleOwner = findOwner({ quarterHour, account, deployment, identity: nobody, isEstimated: false });
      // Load goes to all pieces of a deployment alike, so it is compared with all of its capacity.
      const whole = pieces.reduce((total, { unitMinutes }) => total + unitMinutes, 0n);
      const shares = loadShares(capacity, whole, served);
      const parts = [
        ...shares.used.map(({ owner, weight }) => ({ part: "used" as const, owner, weight })),
        { part: "idle" as const, owner: idleOwner, weight: shares.idle },
      ].filter(({ weight }) => weight > 0n);
      const weights = parts.map(({ weight }) => weight);
      return pieces.flatMap(({ unitMinutes, pricing, reservation }) => {
        const minutes = allocateUnits(unitMinutes, weights);
        const prices = splitPricing(pricing, weights);
        return parts.map(({ part, owner }, index) => ({
          ...common,
          part,
          paidBy: reservation ? ("reservation" as const) : ("hour" as const),
          owner,
          unitMinutes: minutes[index] ?? 0n,
          pricing: prices[index] ?? pricing,
        }));
      });
    });
  });
}

function unusedCharge(quarterHour: Instant, { reservation, unitMinutes, pricing }: PaidCapacity): CapacityCharge[] {
  if (!reservation) return [];
  const { scope, region } = reservation;
  return [
    {
      kind: "capacity",
      quarterHour,
      part: "unused",
      paidBy: "reservation",
      account: "",
      deployment: "",
      model: "",
      version: "",
      scope,
      region,
      unitMinutes,
      pricing,
      owner: UNUSED_OWNER,
    },
  ];
}

type LoadShares = {
  readonly used: readonly { readonly owner: Owner; readonly weight: bigint }[];
  readonly idle: bigint;
};

function loadShares(capacity: CapacityFact, unitMinutes: bigint, served: readonly UsageCharge[]): LoadShares {
  const throughput = throughputOf(capacity.model, "Global");
  const byOwner = new Map<string, { owner: Owner; weight: bigint }>();
  for (const { fact, owner } of served) {
    const factor =
      fact.tokenKind === "output" ? (throughput?.outputWeight ?? 1n) : fact.tokenKind === "cached_input" ? 0n : 1n;
    const id = JSON.stringify(owner);
    byOwner.set(id, { owner, weight: (byOwner.get(id)?.weight ?? 0n) + fact.tokens * factor });
  }
  const used = [...byOwner].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, share]) => share);
  const load = used.reduce((total, { weight }) => total + weight, 0n);
  if (load === 0n) return { used: [], idle: 1n };
  const room = throughput ? throughput.inputTokensPerMinute * unitMinutes : load;
  return { used, idle: room > load ? room - load : 0n };
}

/** The same pricing for each weight, with its amounts allocated so that they sum to the whole. */
function splitPricing(pricing: Pricing, weights: readonly bigint[]): Pricing[] {
  switch (pricing.pricing) {
    case "priced": {
      const list = allocate(pricing.listCost, weights);
      const contracted = allocate(pricing.contractedCost, weights);
      return weights.map((_weight, index) => ({
        ...pricing,
        listCost: list[index] ?? pricing.listCost,
        contractedCost: contracted[index] ?? pricing.contractedCost,
      }));
    }
    case "range": {
      const list = allocate(pricing.listCost, weights);
      const listUpper = allocate(pricing.listCostUpper, weights);
      const contracted = allocate(pricing.contractedCost, weights);
      const contractedUpper = allocate(pricing.contractedCostUpper, weights);
      return weights.map((_weight, index) => ({
        ...pricing,
        listCost: list[index] ?? pricing.listCost,
        listCostUpper: listUpper[index] ?? pricing.listCostUpper,
        contractedCost: contracted[index] ?? pricing.contractedCost,
        contractedCostUpper: contractedUpper[index] ?? pricing.contractedCostUpper,
      }));
    }
    case "unpriced":
    case "included":
      return weights.map(() => pricing);
  }
}
