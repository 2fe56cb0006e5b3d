import type { UnitPrice } from "../../money/unit-price.ts";
import { isFar } from "../plausibility.ts";
import type { PriceRow } from "../price-row.ts";
import { meterKey } from "./estimate-line.ts";
import type { InvoiceLine } from "./invoice-lines.ts";

/** Invoices round the cost of a line, so a smaller cost says nothing about its price. */
const SMALLEST_TELLING_COST = 1_000_000n;

/**
 * Finds lines of tokens whose unit cannot be right: cost ÷ quantity is more than a factor of fifty away from every price that
 * the list ever had for the meter, as when 1K and 1M are mixed up. No contract takes 98 % off.
 */
export function mixedUpUnitFinder(rows: readonly PriceRow[]): (line: InvoiceLine) => boolean {
  const prices = Map.groupBy(
    rows.filter((row) => row.measure === "token"),
    ({ meterName }) => meterKey(meterName),
  );
  return ({ chargeType, isReserved, microUnits, cost, meterName }) => {
    if (chargeType !== "usage" || isReserved || microUnits <= 0n || cost < SMALLEST_TELLING_COST) return false;
    const listed = prices.get(meterKey(meterName)) ?? [];
    const billed: UnitPrice = { numerator: cost * 1_000_000n, denominator: microUnits };
    return listed.length > 0 && listed.every(({ price }) => isFar(price, billed));
  };
}
