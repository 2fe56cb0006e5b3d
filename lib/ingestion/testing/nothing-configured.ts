import type { PriceBook } from "../../pricing/price-book.ts";
import type { IngestionOptions } from "../ingestion.ts";

/** What an ingestion is told besides its ledger and its sources where nobody set anything up: no rules, no inventory, no metrics. */
export function nothingConfigured(book: PriceBook): Omit<IngestionOptions, "logs" | "ledger"> {
  return {
    metrics: undefined,
    priceBook: async () => book,
    rules: async () => [],
    inventory: async () => [],
    reservations: async () => [],
    hmacKey: new Uint8Array(32),
    accounts: [],
    workspace: "w",
  };
}
