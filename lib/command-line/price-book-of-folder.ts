import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "../env.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import type { CommandIo } from "./command.ts";

/**
 * The price book of the data folder with its synced and negotiated prices, or the bundled catalogue when there is no data
 * folder yet: pricing makes none.
 */
export async function currentPriceBook(io: Pick<CommandIo, "runtime">): Promise<PriceBook> {
  const { dataDir } = parseEnv(process.env, process.cwd());
  if (!existsSync(join(dataDir, "folder.json"))) return loadBundledCatalogue();
  return (await io.runtime()).priceBook();
}
