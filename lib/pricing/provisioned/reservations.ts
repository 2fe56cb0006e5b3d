import { z } from "zod";
import { allocate, type Money, money } from "../../money/money.ts";
import { costOf, type UnitPrice, unitPrice } from "../../money/unit-price.ts";
import { type Instant, type Period, toInstant } from "../../time/instant.ts";
import type { Scope } from "../../usage/price-key.ts";
import amendments from "../amendments.json" with { type: "json" };

export type ReservationTerm = "month" | "year";

/** The list price of one reserved PTU for a whole term. */
export type ReservationPrice = {
  readonly scope: Scope;
  readonly term: ReservationTerm;
  readonly price: UnitPrice;
  readonly validFrom: Instant;
  readonly source: string;
};

const schema = z.array(
  z.object({
    scope: z.enum(["Global", "DataZone", "Regional"]),
    term: z.enum(["month", "year"]),
    price: z.string(),
    from: z.string(),
    source: z.string(),
  }),
);

const PRICES: readonly ReservationPrice[] = schema.parse(amendments.reservations).map((row) => ({
  scope: row.scope,
  term: row.term,
  price: unitPrice(row.price, 1n),
  validFrom: toInstant(row.from),
  source: row.source,
}));

/** The bundled list price of a reservation on an instant; undefined before the first one known. */
export function reservationPrice(scope: Scope, term: ReservationTerm, at: Instant): ReservationPrice | undefined {
  return PRICES.filter((price) => price.scope === scope && price.term === term && price.validFrom <= at).toSorted(
    (a, b) => b.validFrom - a.validFrom,
  )[0];
}

/** A reservation that was bought: how many PTU, for which period, and what it cost in total. */
export type Reservation = {
  readonly id: string;
  readonly scope: Scope;
  readonly region: string;
  readonly units: bigint;
  readonly term: Period;
  readonly total: Money;
};

/** What a number of reserved PTU cost for a whole term. */
export function reservationTotal(units: bigint, price: ReservationPrice): Money {
  return costOf(units, price.price);
}

/**
 * A reservation's cost per slice of its term (each hour, or each quarter hour), spread evenly: the *total* is allocated, so
 * all slices of the term sum to what was paid, to the picodollar. Slices outside the term get nothing.
 */
export function amortise(reservation: Reservation, sliceMs: number): ReadonlyMap<Instant, Money> {
  const { start, end } = reservation.term;
  const starts = Array.from({ length: Math.ceil((end - start) / sliceMs) }, (_, index) =>
    toInstant(start + index * sliceMs),
  );
  const weights = starts.map((at) => BigInt(Math.min(at + sliceMs, end) - at));
  const parts = allocate(reservation.total, weights);
  return new Map(starts.map((at, index) => [at, parts[index] ?? money(0n)]));
}

/** How deployed capacity is paid: by reservations first, then by the hour; what was bought and not deployed is unused. */
export type ReservationMatch = {
  readonly reserved: bigint;
  readonly hourly: bigint;
  readonly unused: bigint;
};

/** Matches deployed PTU with reserved PTU of the same scope and region at one moment; models share them. */
export function matchReservations(deployed: bigint, bought: bigint): ReservationMatch {
  return deployed <= bought
    ? { reserved: deployed, hourly: 0n, unused: bought - deployed }
    : { reserved: bought, hourly: deployed - bought, unused: 0n };
}
