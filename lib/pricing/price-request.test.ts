import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toDecimal } from "../money/money.ts";
import { toInstant } from "../time/instant.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import { priceRequest, type RequestToPrice, type RequestUsage } from "./price-request.ts";

const book = loadBundledCatalogue();

function usage(parts: Partial<RequestUsage>): RequestUsage {
  return {
    promptTokens: 0n,
    cachedTokens: 0n,
    cacheWriteTokens: 0n,
    completionTokens: 0n,
    audioPromptTokens: undefined,
    imagePromptTokens: undefined,
    audioCachedTokens: undefined,
    imageCachedTokens: undefined,
    audioCompletionTokens: undefined,
    imageCompletionTokens: undefined,
    ...parts,
  };
}

function request(model: string, tokens: Partial<RequestUsage>, parts: Partial<RequestToPrice> = {}): RequestToPrice {
  return {
    model,
    version: "",
    scope: "Global",
    region: "eastus2",
    mode: "standard",
    at: toInstant("2026-09-15T10:00:00Z"),
    isRouted: false,
    usage: usage(tokens),
    ...parts,
  };
}

function costText(asked: RequestToPrice): string {
  const cost = priceRequest(asked, book);
  if (cost.status === "unpriced") return `unpriced: ${cost.reason}`;
  return cost.status === "priced"
    ? toDecimal(cost.cost)
    : `${toDecimal(cost.cost)} to ${toDecimal(cost.costUpper)}: ${cost.reason}`;
}

describe("the worked examples of the pricing reference", () => {
  test.each<[string, RequestToPrice, string]>([
    [
      "1. cached tokens at their own price",
      request("gpt-4.1", { promptTokens: 100_000n, cachedTokens: 80_000n, completionTokens: 2_000n }),
      "0.096",
    ],
    [
      "2. reasoning is inside the output",
      request("o4-mini", { promptTokens: 1_566n, cachedTokens: 1_408n, completionTokens: 1_518n }),
      "0.0072402",
    ],
    [
      "3. a request in the short band",
      request("gpt-5.4", { promptTokens: 100_000n, completionTokens: 1_000n }),
      "0.265",
    ],
    [
      "4. a request over 272k is billed whole at the long band",
      request("gpt-5.4", { promptTokens: 300_000n, completionTokens: 1_000n }),
      "1.5225",
    ],
    [
      "5. the sum of ten is not one request",
      request("gpt-5.4", { promptTokens: 1_000_000n, completionTokens: 10_000n }),
      "5.225",
    ],
    [
      "6. before the price cut",
      request(
        "gpt-5.6-sol",
        { promptTokens: 10_000n, cachedTokens: 4_000n, completionTokens: 1_000n },
        { at: toInstant("2026-08-15") },
      ),
      "0.062",
    ],
    [
      "6. after the price cut",
      request(
        "gpt-5.6-sol",
        { promptTokens: 10_000n, cachedTokens: 4_000n, completionTokens: 1_000n },
        { at: toInstant("2026-09-15") },
      ),
      "0.0456",
    ],
  ])("%s", (_name, asked, expected) => expect(costText(asked)).toBe(expected));

  test("5. ten requests like the third cost ten times as much", () => {
    const one = priceRequest(request("gpt-5.4", { promptTokens: 100_000n, completionTokens: 1_000n }), book);
    expect(one.status === "priced" && one.cost * 10n).toBe(2_650_000_000_000n);
  });
});

describe("the band is decided by one request's prompt", () => {
  test.each([
    ["one token under", 271_999n, "0.6799975"],
    ["exactly 272,000", 272_000n, "0.68"],
    ["one over: the whole request in the long band", 272_001n, "1.360005"],
  ])("%s", (_name, promptTokens, expected) => expect(costText(request("gpt-5.4", { promptTokens }))).toBe(expected));
});

describe("other modalities and kinds", () => {
  test.each<[string, RequestToPrice, string]>([
    [
      "audio is inside the prompt and the completion",
      request(
        "gpt-4o-audio-preview",
        { promptTokens: 1_000n, audioPromptTokens: 400n, completionTokens: 500n, audioCompletionTokens: 300n },
        { version: "2024-12-17" },
      ),
      "0.0435",
    ],
    [
      "audio nobody split is a range",
      request("gpt-4o-audio-preview", { promptTokens: 1_000n }, { version: "2024-12-17" }),
      "0.0025 to 0.04: modality is not told, and the candidate prices differ",
    ],
    [
      "cached tokens of an unknown modality are a range",
      request(
        "gpt-4o-realtime-preview",
        {
          promptTokens: 10_000n,
          audioPromptTokens: 5_000n,
          cachedTokens: 4_000n,
          completionTokens: 1_000n,
          audioCompletionTokens: 800n,
        },
        { version: "2024-12-17" },
      ),
      "0.143 to 0.283: the modality of the cached tokens is not told",
    ],
    [
      "cached audio that is told is exact",
      request(
        "gpt-4o-realtime-preview",
        {
          promptTokens: 10_000n,
          audioPromptTokens: 5_000n,
          cachedTokens: 4_000n,
          audioCachedTokens: 4_000n,
          completionTokens: 1_000n,
          audioCompletionTokens: 800n,
        },
        { version: "2024-12-17" },
      ),
      "0.143",
    ],
    [
      "cache writes at their own price",
      request("gpt-5.6-luna", { promptTokens: 1_000_000n, cacheWriteTokens: 1_000_000n }, { mode: "standard" }),
      "2.5",
    ],
    [
      "image output",
      request("gpt-image-1", {
        promptTokens: 100n,
        imagePromptTokens: 0n,
        completionTokens: 1_000n,
        imageCompletionTokens: 1_000n,
      }),
      "0.0405",
    ],
    ["embeddings have input only", request("text-embedding-3-small", { promptTokens: 1_000_000n }), "0.02"],
    ["batch", request("gpt-4.1", { promptTokens: 1_000n, completionTokens: 100n }, { mode: "batch" }), "0.0014"],
    [
      "priority over the band has no meter",
      request("gpt-5.4", { promptTokens: 300_000n }, { mode: "priority" }),
      "unpriced: input: no meter matches the scope, region, mode, context band, kind and modality",
    ],
    [
      "a model nobody knows",
      request("mystery", { promptTokens: 1n }),
      "unpriced: input: the price book does not know the model",
    ],
    [
      "a model-router call pays a fee that has no meter yet",
      request("gpt-5-mini", { promptTokens: 1n }, { isRouted: true }),
      "unpriced: input: the price book does not know the model",
    ],
    ["no tokens cost nothing", request("gpt-4.1", {}), "0"],
  ])("%s", (_name, asked, expected) => expect(costText(asked)).toBe(expected));
});

test.each<[string, Partial<RequestUsage>, string]>([
  [
    "more cached than sent",
    { promptTokens: 10n, cachedTokens: 11n },
    "cached_tokens and cache_write_tokens are more than prompt_tokens",
  ],
  [
    "more audio than sent",
    { promptTokens: 10n, audioPromptTokens: 11n },
    "audio and image tokens are more than prompt_tokens",
  ],
  [
    "more audio than answered",
    { completionTokens: 10n, audioCompletionTokens: 11n },
    "audio and image tokens are more than completion_tokens",
  ],
])("refuses %s", (_name, tokens, message) =>
  expect(() => priceRequest(request("gpt-4.1", tokens), book)).toThrow(message),
);

test("cost never rises when the cached share rises", () =>
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 200_000n }), fc.bigInt({ min: 0n, max: 199_999n }), (promptTokens, some) => {
      const less = some % promptTokens;
      const costOf = (cachedTokens: bigint) => {
        const cost = priceRequest(request("gpt-4.1", { promptTokens, cachedTokens, completionTokens: 10n }), book);
        return cost.status === "priced" ? cost.cost : -1n;
      };
      expect(costOf(less + 1n)).toBeLessThanOrEqual(costOf(less));
    }),
  ));

describe("the last layer, for one Global request of a model that no meter names", () => {
  const tokens = { promptTokens: 1_000n, completionTokens: 100n };

  // phi-4: $0.07 and $0.14 a million.
  test.each<[string, RequestToPrice, string]>([
    ["text at the standard rate", request("phi-4", tokens), "0.000084"],
    ["whatever the case of the name", request("Phi-4", tokens), "0.000084"],
    ["not another scope", request("phi-4", tokens, { scope: "Regional" }), "unpriced"],
    ["not an unknown scope", request("phi-4", tokens, { scope: "unknown" }), "unpriced"],
    ["not batch", request("phi-4", tokens, { mode: "batch" }), "unpriced"],
    ["not through a router", request("phi-4", tokens, { isRouted: true }), "unpriced"],
    ["not audio", request("phi-4", { ...tokens, audioPromptTokens: 1n }), "unpriced"],
    ["not a kind that it has no price for", request("phi-4", { ...tokens, cachedTokens: 1n }), "unpriced"],
    ["not a name that only looks alike", request("phi-4-new", tokens), "unpriced"],
    ["not a name that a pattern of the package would take", request("my-o4-mini", tokens), "unpriced"],
    ["not a fine-tuned model", request("phi-4.ft-1a2b", tokens), "unpriced"],
    ["not another maker's list", request("claude-2", tokens), "unpriced"],
  ])("%s", (_name, asked, expected) => {
    expect(costText(asked).split(":")[0]).toBe(expected);
  });

  test("not where the book has another currency", () => {
    expect(priceRequest(request("phi-4", tokens), { ...book, currency: "EUR" }).status).toBe("unpriced");
  });

  test("a meter comes first: o4-mini's cached tokens cost what Azure lists, not what the package rounds", () => {
    expect(costText(request("o4-mini", { promptTokens: 1_000_000n, cachedTokens: 1_000_000n }))).toBe("0.275");
  });

  test("its line says that it has no meter and no validity", () => {
    const [line] = priceRequest(request("phi-4", tokens), book).lines;
    expect(line?.pricing.pricing === "priced" && line.pricing.line).toMatchObject({
      meterId: null,
      validFrom: null,
      layer: "genai_prices",
      source: "@pydantic/genai-prices",
    });
  });
});
