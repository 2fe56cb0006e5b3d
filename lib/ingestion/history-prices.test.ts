import { expect, test } from "vitest";
import { DEMO_ACCOUNTS } from "../embedded/demo/accounts.ts";
import { HISTORY_ERAS } from "../embedded/demo/history/history-eras.ts";
import { pricedTally } from "../embedded/demo/truth/tally.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { priceUsage } from "../pricing/price-usage.ts";
import { toInstant } from "../time/instant.ts";
import { skuMeaning } from "../usage/deployment-sku.ts";
import type { DeploymentSku } from "../usage/inventory.ts";
import type { TokenKind } from "../usage/price-key.ts";
import type { AccountId, DeploymentName, IdentityId, UsageFact } from "../usage/usage-fact.ts";

const MONTHS = ["2025-09", "2025-12", "2026-02", "2026-03", "2026-04", "2026-06", "2026-07", "2026-08"];
const TOKENS = { input: 1_000_000n, cached_input: 100_000n, output: 10_000n } as const;

test.each(
  HISTORY_ERAS.filter(({ ptu }) => ptu === null).map((era) => [`${era.deployment} as ${era.model}`, era] as const),
)("the fourteen months of %s cost what the truth's own price table says, in every month that it ran", (_name, era) => {
  const book = loadBundledCatalogue();
  const { scope, mode } = skuMeaning(era.sku as DeploymentSku);
  const isEmbedding = era.model.startsWith("text-embedding");
  let compared = 0;
  for (const month of MONTHS) {
    const at = Date.parse(`${month}-20T10:00:00Z`);
    if (at < (era.since ?? 0) || at >= (era.until ?? Number.POSITIVE_INFINITY)) continue;
    const kinds: readonly TokenKind[] = isEmbedding ? ["input"] : ["input", "cached_input", "output"];
    const shown = kinds.reduce((sum, tokenKind) => {
      const fact: UsageFact = {
        model: era.model,
        version: era.version,
        scope,
        region: DEMO_ACCOUNTS[era.account].region,
        mode,
        contextBand: ["gpt-5.4", "gpt-5.6-sol"].includes(era.model) ? "short" : "any",
        tokenKind,
        modality: "text",
        quarterHour: toInstant(at),
        account: "a" as AccountId,
        deployment: era.deployment as DeploymentName,
        operation: "chatcompletions_create",
        apiVersion: "",
        streamType: "",
        isSpillover: false,
        identityId: "" as IdentityId,
        tokens: tokenKind === "cache_write" ? 0n : TOKENS[tokenKind],
        source: "usage_log",
        confidence: "exact",
        cachedShareUnknown: false,
      };
      const priced = priceUsage(fact, book);
      if (priced.pricing !== "priced") throw new Error(`${month}: ${tokenKind} is ${priced.pricing}`);
      return sum + priced.listCost;
    }, 0n);
    const wanted = pricedTally(era, at, false, {
      input: Number(TOKENS.input),
      cached: isEmbedding ? 0 : Number(TOKENS.cached_input),
      unsplit: 0,
      output: isEmbedding ? 0 : Number(TOKENS.output),
    });
    expect(shown, month).toBe(BigInt(wanted.lower));
    compared += 1;
  }
  expect(compared).toBeGreaterThan(0);
});
