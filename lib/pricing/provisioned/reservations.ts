import { z } from "zod";
import { type Money, money } from "../../money/money.ts";
import { costOf, type UnitPrice, unitPrice } from "../../money/unit-price.ts";
import { HOUR_MS, type Instant, MINUTE_MS, type Period, toInstant } from "../../time/instant.ts";
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

/** A reservation that was bought: how many PTU, for which period, what it applies to and what it cost in total. */
export type Reservation = {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** ARM region name; empty covers every region. */
  readonly region: string;
  readonly units: bigint;
  readonly term: Period;
  readonly total: Money;
  /** Lower-case ARM ids of subscriptions, resource groups or accounts, or everything of the billing scope. */
  readonly appliedTo: "shared" | readonly string[];
  /** Where the total comes from, for the receipt. */
  readonly source: string;
};

/** What a number of reserved PTU cost for a whole term. */
export function reservationTotal(units: bigint, price: ReservationPrice): Money {
  return costOf(units, price.price);
}

/**
 * The amortised cost of a reservation from one instant to another, in whole minutes: the *total* is allocated over the
 * minutes of its term by largest remainder (they weigh the same, so the first ones get it). However a term is cut, its
 * pieces sum to what was paid; outside of it there is nothing.
 */
export function amortisedBetween(
  { term, total }: Pick<Reservation, "term" | "total">,
  from: Instant,
  to: Instant,
): Money {
  const minutes = BigInt(Math.floor((term.end - term.start) / MINUTE_MS));
  if (minutes <= 0n) return money(0n);
  const paidUntil = (at: Instant) => {
    const passed = BigInt(Math.floor((Math.min(Math.max(at, term.start), term.end) - term.start) / MINUTE_MS));
    const remainder = total % minutes;
    return (total / minutes) * passed + (passed < remainder ? passed : remainder);
  };
  return money(paidUntil(to) - paidUntil(from));
}

/** What one PTU-hour of a reservation costs, exactly. */
export function reservedHour({ term, total, units }: Pick<Reservation, "term" | "total" | "units">): UnitPrice {
  return { numerator: total * BigInt(HOUR_MS), denominator: units * BigInt(term.end - term.start) };
}
