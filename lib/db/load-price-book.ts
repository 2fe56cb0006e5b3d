import { readAgreements } from "../pricing/agreement.ts";
import { type AssembledPriceBook, assemblePriceBook } from "../pricing/assemble-price-book.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { listPriceOverrides } from "./price-overrides.ts";
import type { StateDb } from "./state.ts";
import { openSyncedPrices } from "./synced-prices.ts";

/**
 * The price book of a data folder: negotiated prices from state over synced rows over the bundled catalogue.
 * Throws when a stored agreement can no longer be read, naming it: a wrong price is worse than none.
 */
export async function loadPriceBook(db: StateDb, dataDir: string): Promise<AssembledPriceBook> {
  const bundled = loadBundledCatalogue();
  const synced = await openSyncedPrices(dataDir).load();
  const list = assemblePriceBook({ bundled, synced, negotiated: [] });
  const stored = await listPriceOverrides(db);
  if (stored.length === 0) return list;
  const rows = stored.map(({ id, definition }, index) => ({ id, row: index + 1, definition }));
  const read = readAgreements(rows, [], list.book);
  if (read.kind === "refused") {
    const first = read.refusals[0];
    const id = rows.find(({ row }) => row === first?.row)?.id ?? "";
    throw new Error(
      `The negotiated price ${id} cannot be used: ${first?.reason}. Change or retire it on the Prices page.`,
    );
  }
  return assemblePriceBook({ bundled, synced, negotiated: read.agreements });
}
