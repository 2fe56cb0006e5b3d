import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RatePair } from "../money/exchange-rates.ts";
import { readExchangeRates } from "../pricing/exchange-rates.ts";

const FILE = "exchange-rates.csv";

/** The dated exchange rates of a data folder; none without the file. Throws an ExchangeRateError for one that cannot be used. */
export async function readExchangeRateFile(dataDir: string): Promise<RatePair[]> {
  const text = await readFile(join(dataDir, FILE), "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? [] : readExchangeRates(text, FILE);
}
