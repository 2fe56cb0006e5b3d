import type { DeploymentEra } from "../deployments.ts";

/** Picodollars per token: a price of p dollars per million tokens is p × 1,000,000. Null: the model has no such price. */
export type TokenPrices = { readonly input: number; readonly cached: number | null; readonly output: number | null };

/**
 * The prices of the demo's models, copied by hand from the pricing reference (section 4, 2026-07-31; cached and Regional
 * figures from the retail price list of that day). Nothing of the product's price book is used, so that both can be wrong
 * only independently. Undefined: nobody knows a price.
 */
export function tokenPricesAt(era: DeploymentEra, at: number, isLong: boolean): TokenPrices | undefined {
  if (era.model === "gpt-5.6-sol") return at < SOL_PRICE_CUT ? SOL_BEFORE : SOL_SINCE;
  if (era.model === "gpt-5.4" && isLong) return { input: 5_000_000, cached: 500_000, output: 22_500_000 };
  if (!BY_ERA.has(era)) BY_ERA.set(era, PRICES[`${era.model} ${era.sku}`]);
  return BY_ERA.get(era);
}

const BY_ERA = new Map<DeploymentEra, TokenPrices | undefined>();

/** Picodollars of one PTU-hour of a Global provisioned deployment: one dollar. */
export const PTU_HOUR_PICODOLLARS = 1_000_000_000_000;

/** More prompt tokens than this make a request of gpt-5.4 a long one. */
export const LONG_PROMPT_TOKENS = 272_000;

const SOL_PRICE_CUT = Date.UTC(2026, 8, 1);
const SOL_BEFORE: TokenPrices = { input: 5_000_000, cached: 500_000, output: 30_000_000 };
const SOL_SINCE: TokenPrices = { input: 4_000_000, cached: 400_000, output: 20_000_000 };

const PRICES: Readonly<Record<string, TokenPrices>> = {
  "gpt-4.1 GlobalStandard": { input: 2_000_000, cached: 500_000, output: 8_000_000 },
  "gpt-4.1 Standard": { input: 2_200_000, cached: 550_000, output: 8_800_000 },
  "gpt-4.1-mini GlobalStandard": { input: 400_000, cached: 100_000, output: 1_600_000 },
  "o4-mini GlobalStandard": { input: 1_100_000, cached: 275_000, output: 4_400_000 },
  "o3 DataZoneStandard": { input: 2_200_000, cached: 550_000, output: 8_800_000 },
  "gpt-4o Standard": { input: 3_025_000, cached: 1_513_000, output: 12_100_000 },
  "gpt-4o DataZoneStandard": { input: 2_750_000, cached: 1_375_000, output: 11_000_000 },
  "gpt-4o-mini GlobalStandard": { input: 150_000, cached: 75_000, output: 600_000 },
  "gpt-4o-mini DataZoneStandard": { input: 165_000, cached: 83_000, output: 660_000 },
  "gpt-5 GlobalStandard": { input: 1_250_000, cached: 125_000, output: 10_000_000 },
  "gpt-5.1 GlobalStandard": { input: 1_250_000, cached: 125_000, output: 10_000_000 },
  "gpt-5.4 GlobalStandard": { input: 2_500_000, cached: 250_000, output: 15_000_000 },
  "gpt-5-mini DataZoneStandard": { input: 275_000, cached: 27_500, output: 2_200_000 },
  "gpt-5-mini GlobalBatch": { input: 125_000, cached: 12_500, output: 1_000_000 },
  "text-embedding-3-large GlobalStandard": { input: 130_000, cached: null, output: null },
  "text-embedding-3-small DataZoneStandard": { input: 22_000, cached: null, output: null },
};
