import type { Money } from "../money/money.ts";
import type { UnitPrice } from "../money/unit-price.ts";
import type { Instant } from "../time/instant.ts";
import type { PriceKey } from "../usage/price-key.ts";
import type { StatedEnd } from "./stated-end.ts";

/** Which layer of the price book answered, the first match winning; or a reservation, which is paid before any price. */
export type PriceLayer = "reservation" | "negotiated" | "synced" | "bundled";

/** One price used by a charge: the meter, its unit, its validity and where it came from. */
export type PriceLine = {
  readonly meterName: string;
  readonly meterId: string | null;
  readonly unitOfMeasure: string;
  readonly listUnitPrice: UnitPrice;
  readonly contractedUnitPrice: UnitPrice;
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
  readonly layer: PriceLayer;
  readonly source: string;
};

/**
 * The cost of one usage or capacity fact. A `range` names the unknown part of the key and carries both price lines; its
 * `listCost` and `contractedCost` are those of the `stated` one. `included` is usage of provisioned capacity, which has no
 * price per token.
 */
export type Pricing =
  | { readonly pricing: "priced"; readonly listCost: Money; readonly contractedCost: Money; readonly line: PriceLine }
  | {
      readonly pricing: "range";
      readonly listCost: Money;
      readonly listCostUpper: Money;
      readonly contractedCost: Money;
      readonly contractedCostUpper: Money;
      readonly lower: PriceLine;
      readonly upper: PriceLine;
      readonly unknownPart: keyof PriceKey | "cachedShare";
      readonly stated: StatedEnd;
    }
  | {
      readonly pricing: "unpriced";
      readonly reason: "unknown-model" | "no-price-in-period" | "ambiguous-version" | "no-meter";
    }
  | { readonly pricing: "included" };
