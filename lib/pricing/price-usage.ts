import type { Money } from "../money/money.ts";
import { costOf, type UnitPrice } from "../money/unit-price.ts";
import type { UsageFact } from "../usage/usage-fact.ts";
import type { PriceBook } from "./price-book.ts";
import type { Pricing } from "./priced-usage.ts";
import { type Resolution, resolveTokenPrice } from "./resolve-price.ts";
import { statedEnd } from "./stated-end.ts";

/** Usage of provisioned capacity: its tokens have no price of their own. */
export const INCLUDED: Pricing = { pricing: "included" };

/**
 * The cost of a usage fact by the price of its whole key on its own quarter hour. Facts of provisioned deployments are
 * not asked here: they are `INCLUDED`, and their capacity is priced by `priceCapacity`.
 */
export function priceUsage(fact: UsageFact, book: PriceBook): Pricing {
  const resolution = resolveTokenPrice(fact, fact.quarterHour, book, fact.cachedShareUnknown);
  return pricingOf(fact.tokens, resolution, { source: fact.source });
}

/**
 * Units ÷ `per` × the resolved price (60 for minutes at a price per hour); each charge line is rounded once. `source` is where the
 * units were counted, which decides the price that a range stands at.
 */
export function pricingOf(units: bigint, resolution: Resolution, { per = 1n, source = "" } = {}): Pricing {
  switch (resolution.kind) {
    case "one": {
      const { line } = resolution;
      const listCost = cost(units, line.listUnitPrice, per);
      const contractedCost =
        line.contractedUnitPrice === line.listUnitPrice ? listCost : cost(units, line.contractedUnitPrice, per);
      return { pricing: "priced", listCost, contractedCost, line };
    }
    case "range": {
      const { lower, upper, unknownPart } = resolution;
      const stated = statedEnd(source, unknownPart);
      const [a, b] = [cost(units, lower.listUnitPrice, per), cost(units, upper.listUnitPrice, per)] as const;
      const [listCost, listCostUpper] = a <= b ? [a, b] : [b, a];
      const contractedCostUpper = cost(units, upper.contractedUnitPrice, per);
      return {
        pricing: "range",
        listCost: stated === "upper" ? listCostUpper : listCost,
        listCostUpper,
        contractedCost: stated === "upper" ? contractedCostUpper : cost(units, lower.contractedUnitPrice, per),
        contractedCostUpper,
        lower,
        upper,
        unknownPart,
        stated,
      };
    }
    case "none":
      return { pricing: "unpriced", reason: resolution.reason };
  }
}

function cost(units: bigint, price: UnitPrice, per: bigint): Money {
  return costOf(units, per === 1n ? price : { numerator: price.numerator, denominator: price.denominator * per });
}
