import { allocate, type Money, money, sum } from "../../money/money.ts";
import { addMs, type Instant, MINUTE_MS } from "../../time/instant.ts";
import type { Reservation } from "./reservations.ts";

/** Capacity of one deployment in a slice of time, in PTU × minutes. */
export type DeployedCapacity<Key> = { readonly key: Key; readonly unitMinutes: bigint };

/** How a deployment's slice is paid: the amortised cost of what reservations cover, and the minutes left to pay by the hour. */
export type CoveredCapacity<Key> = {
  readonly key: Key;
  readonly reservedUnitMinutes: bigint;
  readonly reservedCost: Money;
  readonly hourlyUnitMinutes: bigint;
};

/** A slice of one scope and region: every deployment's part, and what was bought and not deployed. */
export type CoveredSlice<Key> = { readonly deployments: readonly CoveredCapacity<Key>[]; readonly unusedCost: Money };

/**
 * Pays deployed capacity of one scope and region by its reservations first: they are shared by all models in proportion to
 * what is deployed, unused minutes are lost, and what goes beyond is billed by the hour. The reserved costs and the unused
 * cost sum to the reservations' amortised cost of the slice.
 */
export function coverCapacity<Key>(
  deployed: readonly DeployedCapacity<Key>[],
  reservations: readonly Reservation[],
  slice: { readonly start: Instant; readonly ms: number },
): CoveredSlice<Key> {
  const running = reservations.filter(
    ({ term }) => slice.start >= term.start && addMs(slice.start, slice.ms) <= term.end,
  );
  const minutes = BigInt(slice.ms / MINUTE_MS);
  const bought = running.reduce((total, { units }) => total + units * minutes, 0n);
  const cost = sum(running.map((reservation) => amortisedSlice(reservation, slice.start, slice.ms)));
  const wanted = deployed.map(({ unitMinutes }) => unitMinutes);
  const total = wanted.reduce((a, b) => a + b, 0n);
  const reserved = total <= bought ? wanted : allocate(money(bought), wanted);
  const unused = total <= bought ? bought - total : 0n;
  const costs = bought === 0n ? [...wanted.map(() => money(0n)), money(0n)] : allocate(cost, [...reserved, unused]);
  return {
    deployments: deployed.map(({ key, unitMinutes }, index) => {
      const covered = reserved[index] ?? 0n;
      const reservedCost = costs[index] ?? money(0n);
      return { key, reservedUnitMinutes: covered, reservedCost, hourlyUnitMinutes: unitMinutes - covered };
    }),
    unusedCost: costs[deployed.length] ?? money(0n),
  };
}

/**
 * The amortised cost of one slice of a reservation's term, as `amortise` gives it, without spreading the whole term: equal
 * slices share the total, and its remainder goes to the first ones. Slices must cut the term evenly.
 */
export function amortisedSlice(reservation: Reservation, start: Instant, sliceMs: number): Money {
  const { term, total } = reservation;
  const slices = BigInt(Math.ceil((term.end - term.start) / sliceMs));
  const index = BigInt(Math.floor((start - term.start) / sliceMs));
  if (index < 0n || index >= slices) return money(0n);
  return money(total / slices + (index < total % slices ? 1n : 0n));
}
