import { type Instant, MINUTE_MS, minuteOf, type Period, toInstant } from "../time/instant.ts";
import type { CapacityFact } from "../usage/capacity-fact.ts";
import type { PriceBook } from "./price-book.ts";
import { pricingOf } from "./price-usage.ts";
import type { Pricing } from "./priced-usage.ts";
import { type HourKey, hourPriceChanges, resolveHourPrice } from "./resolve-price.ts";

/** The cost of capacity during a stretch with one price. `unitMinutes` is units × whole minutes of existence. */
export type PricedCapacity = { readonly period: Period; readonly unitMinutes: bigint; readonly pricing: Pricing };

/**
 * The cost of deployed capacity inside `within`: billed per minute of existence whatever the traffic, and cut where the
 * hourly price changes. Empty when the capacity did not exist in that period.
 */
export function priceCapacity(fact: CapacityFact, within: Period, book: PriceBook): PricedCapacity[] {
  const start = minuteOf(toInstant(Math.max(fact.from, within.start)));
  const end = minuteOf(toInstant(Math.min(fact.to, within.end)));
  if (start >= end) return [];
  const key: HourKey = { ...fact, measure: fact.kind === "ptu" ? "ptu_hour" : "hosting_hour" };
  const cuts = hourPriceChanges(key, book).filter((at) => at > start && at < end);
  const edges: Instant[] = [start, ...cuts, end];
  return edges.slice(1).map((to, index) => {
    const from = edges[index] ?? start;
    const unitMinutes = fact.units * BigInt((to - from) / MINUTE_MS);
    return {
      period: { start: from, end: to },
      unitMinutes,
      pricing: pricingOf(unitMinutes, resolveHourPrice(key, from, book), { per: 60n }),
    };
  });
}
