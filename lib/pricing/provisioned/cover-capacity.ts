import { allocate, allocateUnits, type Money, money } from "../../money/money.ts";
import type { Instant } from "../../time/instant.ts";
import { MINUTE_MS } from "../../time/instant.ts";
import type { CapacityFact } from "../../usage/capacity-fact.ts";
import { amortisedBetween, type Reservation } from "./reservations.ts";

/** A stretch of whole minutes in which nothing is deployed, resized, bought or ended. */
export type Slice = { readonly start: Instant; readonly end: Instant };

/** What a reservation pays of one deployment in a slice. */
export type ReservedPart = { readonly reservation: Reservation; readonly unitMinutes: bigint; readonly cost: Money };

/** How deployed capacity of a slice is paid, and what was bought and not deployed. */
export type CoveredSlice = {
  readonly deployments: readonly {
    readonly capacity: CapacityFact;
    readonly reserved: readonly ReservedPart[];
    readonly hourlyUnitMinutes: bigint;
  }[];
  readonly unused: readonly ReservedPart[];
};

/**
 * Pays the deployed capacity of a slice by reservations first: a reservation covers capacity of its scope, region and what it
 * applies to, shared by all models in proportion to what is deployed; the narrower applies before the wider, as Azure does.
 * Minutes that nobody deployed are lost, and what goes beyond is billed by the hour. Reserved and unused costs sum to the
 * reservations' amortised cost of the slice.
 */
export function coverCapacity(
  deployed: readonly CapacityFact[],
  reservations: readonly Reservation[],
  slice: Slice,
): CoveredSlice {
  const minutes = BigInt((slice.end - slice.start) / MINUTE_MS);
  const left = new Map(deployed.map((capacity) => [capacity, capacity.units * minutes]));
  const reserved = new Map<CapacityFact, ReservedPart[]>(deployed.map((capacity) => [capacity, []]));
  const unused: ReservedPart[] = [];
  for (const reservation of reservations.filter((one) => isRunning(one, slice)).toSorted(narrowestFirst)) {
    const matching = deployed.filter((capacity) => covers(reservation, capacity));
    const wanted = matching.map((capacity) => left.get(capacity) ?? 0n);
    const [bought, total] = [reservation.units * minutes, wanted.reduce((a, b) => a + b, 0n)];
    const covered = total <= bought ? wanted : allocateUnits(bought, wanted);
    const over = total < bought ? bought - total : 0n;
    const cost = amortisedBetween(reservation, slice.start, slice.end);
    const costs = allocate(cost, [...covered, over]);
    matching.forEach((capacity, index) => {
      const unitMinutes = covered[index] ?? 0n;
      if (unitMinutes === 0n) return;
      reserved.get(capacity)?.push({ reservation, unitMinutes, cost: costs[index] ?? money(0n) });
      left.set(capacity, (left.get(capacity) ?? 0n) - unitMinutes);
    });
    if (over > 0n) unused.push({ reservation, unitMinutes: over, cost: costs[matching.length] ?? money(0n) });
  }
  return {
    deployments: deployed.map((capacity) => ({
      capacity,
      reserved: reserved.get(capacity) ?? [],
      hourlyUnitMinutes: left.get(capacity) ?? 0n,
    })),
    unused,
  };
}

/** Whether a reservation may pay for a deployment: the same scope and region, inside what it applies to. */
export function covers({ scope, region, appliedTo }: Reservation, capacity: CapacityFact): boolean {
  if (capacity.kind !== "ptu" || capacity.scope !== scope) return false;
  if (region !== "" && regionKey(region) !== regionKey(capacity.region)) return false;
  if (appliedTo === "shared") return true;
  const account = capacity.account.toLowerCase();
  return appliedTo.some((id) => account === id || account.startsWith(`${id}/`));
}

function isRunning({ term, units }: Reservation, slice: Slice): boolean {
  return units > 0n && term.start <= slice.start && slice.end <= term.end;
}

function narrowestFirst(a: Reservation, b: Reservation): number {
  const depth = ({ appliedTo }: Reservation) =>
    appliedTo === "shared" ? 0 : Math.max(0, ...appliedTo.map((id) => id.split("/").length));
  return depth(b) - depth(a) || (a.id < b.id ? -1 : 1);
}

function regionKey(region: string): string {
  return region.toLowerCase().replace(/\s+/g, "");
}
