import { stat } from "node:fs/promises";
import { type AgreementRow, readAgreements } from "../pricing/agreement.ts";
import { type AssembledPriceBook, assemblePriceBook } from "../pricing/assemble-price-book.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { toIso } from "../time/instant.ts";
import { listPriceOverrides, type StoredPriceOverride } from "./price-overrides.ts";
import type { StateDb } from "./state.ts";
import { openSyncedPrices, syncedPricesPath } from "./synced-prices.ts";

/**
 * The price book of a data folder: negotiated prices from state over synced rows over the bundled catalogue. The same book
 * is returned until one of its layers changes, so that what was resolved once stays resolved.
 * Throws when a stored agreement can no longer be read, naming it: a wrong price is worse than none.
 */
export async function loadPriceBook(db: StateDb, dataDir: string): Promise<AssembledPriceBook> {
  const overrides = await listPriceOverrides(db);
  const stamp = JSON.stringify([await stampOf(syncedPricesPath(dataDir)), overrides]);
  const known = books.get(dataDir);
  if (known?.stamp === stamp) return known.assembled;
  const assembled = await assemble(overrides, dataDir);
  books.set(dataDir, { stamp, assembled });
  return assembled;
}

const books = new Map<string, { readonly stamp: string; readonly assembled: AssembledPriceBook }>();

async function assemble(overrides: readonly StoredPriceOverride[], dataDir: string): Promise<AssembledPriceBook> {
  const bundled = loadBundledCatalogue();
  const synced = await openSyncedPrices(dataDir).load();
  const list = assemblePriceBook({ bundled, synced, negotiated: [] });
  if (overrides.length === 0) return list;
  const rows = overrides.map(agreementRow);
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

/** A stored override as a row for `readAgreements`. */
export function agreementRow(stored: Omit<StoredPriceOverride, "updatedAt">, index: number): AgreementRow {
  const { id, definition, validFrom, validTo } = stored;
  return {
    id,
    row: index + 1,
    definition,
    validFrom: toIso(validFrom),
    validTo: validTo === null ? null : toIso(validTo),
  };
}

async function stampOf(path: string): Promise<string> {
  const file = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  return file ? `${file.ino}/${file.size}/${file.mtimeMs}` : "";
}
