import { findProvider, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";
import { type UnitPrice, unitPrice } from "../money/unit-price.ts";
import type { Instant } from "../time/instant.ts";
import type { TokenKind } from "../usage/price-key.ts";
import { readModelName } from "./model-name.ts";
import type { PriceLine } from "./priced-usage.ts";

/** What the package calls the price of a million tokens of each kind. */
const PRICE_KEYS = {
  input: "input_mtok",
  cached_input: "cache_read_mtok",
  cache_write: "cache_write_mtok",
  output: "output_mtok",
} as const satisfies Record<TokenKind, string>;

/** A price of the package: it has no meter and nobody says since when it holds, so no charge of the ledger is ever made with it. */
export type PackageLine = Omit<PriceLine, "validFrom" | "layer"> & {
  readonly validFrom: null;
  readonly layer: "genai_prices";
};

/** The package's price for one kind of a model's tokens in a request of `promptTokens`; undefined when it tells none. */
export type PackagePrice = (tokenKind: TokenKind, promptTokens: bigint) => PackageLine | undefined;

/**
 * The prices in US dollars that `@pydantic/genai-prices` has for Azure's Global deployments of a model (its own comment on them): a
 * snapshot made by hand, without meter. A model is found by exactly its name; the package's patterns, which also answer for names
 * that merely look alike, and the price lists of the makers, which are not Azure's, are left out. Undefined for any other model.
 */
export function packagePriceOf(model: string, version: string, at: Instant): PackagePrice | undefined {
  const name = readModelName(model, version);
  if (name.tuning !== "base") return undefined;
  const names = [
    model.trim().toLowerCase(),
    `${name.model}-${name.version}`,
    ...(name.version === "" ? [name.model] : []),
  ];
  const found = azureModels().find((info) => namesOf(info).some((one) => names.includes(one)));
  const prices = found && pricesAt(found, at);
  if (!found || !prices) return undefined;
  return (tokenKind, promptTokens) => {
    const price = priceOf(prices[PRICE_KEYS[tokenKind]], promptTokens);
    if (price === undefined) return undefined;
    return {
      meterName: `${found.id} ${PRICE_KEYS[tokenKind]}`,
      meterId: null,
      unitOfMeasure: "1M",
      listUnitPrice: price,
      contractedUnitPrice: price,
      validFrom: null,
      validTo: null,
      layer: "genai_prices",
      source: "@pydantic/genai-prices",
    };
  };
}

function azureModels(): readonly ModelInfo[] {
  return findProvider({ providerId: "azure" })?.models ?? [];
}

function namesOf({ id, match }: ModelInfo): readonly string[] {
  const alternatives = "or" in match ? match.or : [match];
  return [id, ...alternatives.flatMap((one) => ("equals" in one ? [one.equals] : []))];
}

/** The prices from the latest start date that is not after `at`; those that hang on the time of day are nobody's. */
function pricesAt({ prices }: ModelInfo, at: Instant): ModelPrice | undefined {
  if (!Array.isArray(prices)) return prices;
  const begun = prices.filter(
    ({ constraint }) =>
      constraint === undefined || (constraint.type === "start_date" && Date.parse(constraint.start_date) <= at),
  );
  return begun.at(-1)?.prices;
}

/** A price by tiers is the last tier's that begins below the size of the prompt, for the whole request. */
function priceOf(price: ModelPrice[string], promptTokens: bigint): UnitPrice | undefined {
  if (price === undefined) return undefined;
  if (typeof price === "number") return unitPrice(decimalOf(price), 1_000_000n);
  const tier = price.tiers.findLast(({ start }) => promptTokens > BigInt(start));
  return unitPrice(decimalOf(tier?.price ?? price.base), 1_000_000n);
}

/** The package's numbers are short decimals: their shortest text is what was published. */
function decimalOf(price: number): string {
  return price.toFixed(12).replace(/\.?0+$/, "");
}
