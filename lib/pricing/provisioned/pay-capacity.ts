import { type Instant, minuteOf, type Period } from "../../time/instant.ts";
import type { CapacityFact } from "../../usage/capacity-fact.ts";
import type { PriceBook } from "../price-book.ts";
import { priceCapacity } from "../price-capacity.ts";
import { pricingOf } from "../price-usage.ts";
import type { PriceLine, Pricing } from "../priced-usage.ts";
import { type HourKey, hourPriceChanges, resolveHourPrice } from "../resolve-price.ts";
import { coverCapacity, type ReservedPart, type Slice } from "./cover-capacity.ts";
import { type Reservation, reservedHour } from "./reservations.ts";

/** One stretch of capacity and how it is paid. Without a `capacity` it was bought and not deployed; then `reservation` is there. */
export type PaidCapacity = { readonly unitMinutes: bigint; readonly pricing: Pricing } & (
  | { readonly capacity: CapacityFact; readonly reservation: Reservation | null }
  | { readonly capacity: null; readonly reservation: Reservation }
);

/**
 * The cost of everything that was deployed or reserved inside `within`: by reservations first (`coverCapacity`), then by the
 * hour. The period is cut at every minute at which something begins, ends or changes its price.
 */
export function payCapacity(
  capacities: readonly CapacityFact[],
  reservations: readonly Reservation[],
  within: Period,
  book: PriceBook,
): PaidCapacity[] {
  const running = reservations.filter(({ term }) => term.start < within.end && within.start < term.end);
  const isShared = (capacity: CapacityFact) => running.length > 0 && capacity.kind === "ptu";
  const byHour = capacities
    .filter((capacity) => !isShared(capacity))
    .flatMap((capacity) =>
      priceCapacity(capacity, within, book).map(
        ({ unitMinutes, pricing }): PaidCapacity => ({
          capacity,
          reservation: null,
          unitMinutes,
          pricing,
        }),
      ),
    );
  if (running.length === 0) return byHour;
  const units = capacities.filter((one) => isShared(one) && one.from < within.end && within.start < one.to);
  return [
    ...byHour,
    ...slicesOf(units, running, within, book).flatMap((slice) => paySlice(units, running, slice, book)),
  ];
}

function paySlice(
  capacities: readonly CapacityFact[],
  reservations: readonly Reservation[],
  slice: Slice,
  book: PriceBook,
): PaidCapacity[] {
  const deployed = capacities.filter((one) => minuteOf(one.from) <= slice.start && slice.end <= minuteOf(one.to));
  const { deployments, unused } = coverCapacity(deployed, reservations, slice);
  return [
    ...deployments.flatMap(({ capacity, reserved, hourlyUnitMinutes }): PaidCapacity[] => {
      const atTheHour = (unitMinutes: bigint) =>
        pricingOf(unitMinutes, resolveHourPrice(hourKey(capacity), slice.start, book), { per: 60n });
      return [
        ...reserved.map((part) => ({
          capacity,
          reservation: part.reservation,
          unitMinutes: part.unitMinutes,
          pricing: reservedPricing(part, atTheHour(part.unitMinutes)),
        })),
        ...(hourlyUnitMinutes === 0n
          ? []
          : [{ capacity, reservation: null, unitMinutes: hourlyUnitMinutes, pricing: atTheHour(hourlyUnitMinutes) }]),
      ];
    }),
    ...unused.map(
      (part): PaidCapacity => ({
        capacity: null,
        reservation: part.reservation,
        unitMinutes: part.unitMinutes,
        pricing: unusedPricing(part),
      }),
    ),
  ];
}

/** Amortised cost, beside what the same hours would cost at list; without a list price the reservation is its own. */
function reservedPricing(part: ReservedPart, hourly: Pricing): Pricing {
  const line = lineOf(part.reservation, hourly.pricing === "priced" ? hourly.line : undefined);
  const listCost = hourly.pricing === "priced" ? hourly.listCost : part.cost;
  return { pricing: "priced", listCost, contractedCost: part.cost, line };
}

/** What nobody deployed has no list price: nobody would have bought it by the hour. */
function unusedPricing(part: ReservedPart): Pricing {
  const line = lineOf(part.reservation, undefined);
  return {
    pricing: "priced",
    listCost: 0n as typeof part.cost,
    contractedCost: part.cost,
    line: { ...line, listUnitPrice: { numerator: 0n, denominator: 1n } },
  };
}

/** The price line of a reserved hour: the meter of the hour, the reservation's own price, term and name. */
function lineOf(reservation: Reservation, hourly: PriceLine | undefined): PriceLine {
  const price = reservedHour(reservation);
  return {
    meterName: hourly?.meterName ?? PTU_METERS[reservation.scope],
    meterId: hourly?.meterId ?? null,
    unitOfMeasure: hourly?.unitOfMeasure ?? "1 Hour",
    listUnitPrice: hourly?.listUnitPrice ?? price,
    contractedUnitPrice: price,
    validFrom: reservation.term.start,
    validTo: reservation.term.end,
    layer: "reservation",
    source: `reservation ${reservation.name} (${reservation.id}), ${reservation.source}`,
  };
}

/** The meters that Azure bills reserved units on (pricing reference, section 3). */
const PTU_METERS = {
  Global: "Provisioned Managed Global Unit",
  DataZone: "Provisioned Managed Data Zone Unit",
  Regional: "Provisioned Managed Regional Unit",
} as const;

function slicesOf(
  capacities: readonly CapacityFact[],
  reservations: readonly Reservation[],
  within: Period,
  book: PriceBook,
): Slice[] {
  const edges = new Set<Instant>([minuteOf(within.start), minuteOf(within.end)]);
  const cut = (at: Instant) => {
    const minute = minuteOf(at);
    if (minute > within.start && minute < within.end) edges.add(minute);
  };
  for (const { term } of reservations) for (const at of [term.start, term.end]) cut(at);
  for (const capacity of capacities) {
    for (const at of [capacity.from, capacity.to, ...hourPriceChanges(hourKey(capacity), book)]) cut(at);
  }
  const sorted = [...edges].toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, index) => ({ start: sorted[index] ?? end, end }));
}

function hourKey({ model, version, scope, region }: CapacityFact): HourKey {
  return { model, version, scope, region, measure: "ptu_hour" };
}
