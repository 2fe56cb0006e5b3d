import type { NegotiatedPrice } from "./negotiated-price.ts";
import type { PriceRow } from "./price-row.ts";

/**
 * Every dated price that may answer, of one currency. `rows` hold the layers synced and bundled, superseded and
 * future ones included; `negotiated` lies over them. `version` names the book in receipts and closed months.
 */
export type PriceBook = {
  readonly version: string;
  readonly currency: string;
  readonly rows: readonly PriceRow[];
  readonly negotiated: readonly NegotiatedPrice[];
};
