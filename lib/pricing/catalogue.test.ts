import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { toDecimal } from "../money/money.ts";
import { priceDecimal, unitPrice } from "../money/unit-price.ts";
import { toInstant } from "../time/instant.ts";
import type { PriceKey } from "../usage/price-key.ts";
import catalogueJson from "./catalogue.json" with { type: "json" };
import { catalogueOf, loadBundledCatalogue, unreadBundledMeters } from "./catalogue.ts";
import { datedMeters } from "./dated-meters.ts";
import { coversRegion } from "./price-row.ts";
import { priceUsage } from "./price-usage.ts";
import { readPriceList } from "./raw-meter.ts";
import { resolveHourPrice, resolveTokenPrice } from "./resolve-price.ts";
import { usageFact } from "./testing/usage-fact.ts";

const book = loadBundledCatalogue();

/** The price of a million tokens, or why there is none. */
function perMillion(parts: Partial<PriceKey> & { readonly on?: string }): string {
  const pricing = priceUsage(usageFact(parts), book);
  if (pricing.pricing === "priced") return toDecimal(pricing.listCost);
  return pricing.pricing === "unpriced" ? pricing.reason : pricing.pricing;
}

describe("the catalogue gives the price table of the pricing reference", () => {
  // model, version, day: Global input, cached, output, batch input, batch output; Data Zone (Sweden and East US 2) input, cached, output.
  test.each([
    ["gpt-4o", "2024-11-20", "2026-07-31", ["2.5", "1.25", "10", "1.25", "5", "2.75", "1.375", "11"]],
    ["gpt-4o", "2024-08-06", "2026-07-31", ["2.5", "1.25", "10", "1.25", "5", "2.75", "1.375", "11"]],
    ["gpt-4o-mini", "2024-07-18", "2026-07-31", ["0.15", "0.075", "0.6", "0.075", "0.3", "0.165", "0.083", "0.66"]],
    ["gpt-4.1", "2025-04-14", "2026-07-31", ["2", "0.5", "8", "1", "4", "2.2", "0.55", "8.8"]],
    ["gpt-4.1-mini", "2025-04-14", "2026-07-31", ["0.4", "0.1", "1.6", "0.2", "0.8", "0.44", "0.11", "1.76"]],
    ["gpt-5", "2025-08-07", "2026-07-31", ["1.25", "0.125", "10", "0.625", "5", "1.375", "0.1375", "11"]],
    ["gpt-5-mini", "2025-08-07", "2026-07-31", ["0.25", "0.025", "2", "0.125", "1", "0.275", "0.0275", "2.2"]],
    ["gpt-5.1", "2025-11-13", "2026-07-31", ["1.25", "0.125", "10", "0.625", "5", "1.375", "0.1375", "11"]],
    ["gpt-5.4", "2026-03-05", "2026-07-31", ["2.5", "0.25", "15", "1.25", "7.5", "2.75", "0.275", "16.5"]],
    ["gpt-5.6-sol", "", "2026-07-31", ["5", "0.5", "30", "no-meter", "no-meter", "5.5", "0.55", "33"]],
    ["gpt-5.6-sol", "", "2026-08-31", ["5", "0.5", "30", "no-meter", "no-meter", "5.5", "0.55", "33"]],
    ["gpt-5.6-sol", "", "2026-09-01", ["4", "0.4", "20", "no-meter", "no-meter", "4.4", "0.44", "22"]],
    ["o3", "2025-04-16", "2026-07-31", ["2", "0.5", "8", "1", "4", "2.2", "0.55", "8.8"]],
    ["o4-mini", "2025-04-16", "2026-07-31", ["1.1", "0.275", "4.4", "0.55", "2.2", "1.21", "0.303", "4.84"]],
  ])("%s %s on %s", (model, version, on, expected) => {
    const price = (parts: Partial<PriceKey>) => perMillion({ model, version, on: `${on}T12:00:00Z`, ...parts });
    expect([
      price({}),
      price({ tokenKind: "cached_input" }),
      price({ tokenKind: "output" }),
      price({ mode: "batch" }),
      price({ mode: "batch", tokenKind: "output" }),
      price({ scope: "DataZone" }),
      price({ scope: "DataZone", tokenKind: "cached_input", region: "swedencentral" }),
      price({ scope: "DataZone", tokenKind: "output", region: "swedencentral" }),
    ]).toEqual(expected);
  });

  test.each<[string, Partial<PriceKey> & { readonly on?: string }, string]>([
    ["text-embedding-3-small Global", { model: "text-embedding-3-small" }, "0.02"],
    ["text-embedding-3-small Data Zone", { model: "text-embedding-3-small", scope: "DataZone" }, "0.022"],
    ["text-embedding-3-large Global", { model: "text-embedding-3-large" }, "0.13"],
    ["text-embedding-3-large Data Zone", { model: "text-embedding-3-large", scope: "DataZone" }, "0.143"],
    ["text-embedding-ada-002 Global", { model: "text-embedding-ada-002" }, "0.1"],
    [
      "gpt-4o Regional, East US, input",
      { model: "gpt-4o", version: "2024-11-20", scope: "Regional", region: "eastus" },
      "2.75",
    ],
    [
      "gpt-4o Regional, East US, output",
      { model: "gpt-4o", version: "2024-11-20", scope: "Regional", region: "eastus", tokenKind: "output" },
      "11",
    ],
    [
      "gpt-4o Regional, Sweden, input",
      { model: "gpt-4o", version: "2024-11-20", scope: "Regional", region: "swedencentral" },
      "3.025",
    ],
    [
      "gpt-4o Regional, Sweden, output",
      { model: "gpt-4o", version: "2024-11-20", scope: "Regional", region: "swedencentral", tokenKind: "output" },
      "12.1",
    ],
    ["gpt-4.1 Regional, East US 2, input", { scope: "Regional", region: "eastus2" }, "2.2"],
    ["gpt-4.1 Regional, East US 2, output", { scope: "Regional", region: "eastus2", tokenKind: "output" }, "8.8"],
    ["gpt-4.1 Regional, Sweden, input", { scope: "Regional", region: "swedencentral" }, "2.42"],
    ["gpt-4.1 Regional, Sweden, output", { scope: "Regional", region: "swedencentral", tokenKind: "output" }, "9.68"],
    [
      "gpt-4o-mini Regional, Sweden, input (+10 %)",
      { model: "gpt-4o-mini", version: "2024-07-18", scope: "Regional", region: "swedencentral" },
      "0.165",
    ],
    [
      "gpt-4o-mini Regional, Sweden, cached (+21 %)",
      {
        model: "gpt-4o-mini",
        version: "2024-07-18",
        scope: "Regional",
        region: "swedencentral",
        tokenKind: "cached_input",
      },
      "0.091",
    ],
    ["gpt-5.4 batch cached is 0.13, not 0.125", { model: "gpt-5.4", mode: "batch", tokenKind: "cached_input" }, "0.13"],
    ["gpt-5.4 long band input", { model: "gpt-5.4", contextBand: "long" }, "5"],
    ["gpt-5.4 long band output", { model: "gpt-5.4", contextBand: "long", tokenKind: "output" }, "22.5"],
    ["gpt-4o-audio text input", { model: "gpt-4o-audio-preview", version: "2024-12-17" }, "2.5"],
    ["gpt-4o-audio text output", { model: "gpt-4o-audio-preview", version: "2024-12-17", tokenKind: "output" }, "10"],
    ["gpt-4o-audio audio input", { model: "gpt-4o-audio-preview", version: "2024-12-17", modality: "audio" }, "40"],
    [
      "gpt-4o-audio audio output",
      { model: "gpt-4o-audio-preview", version: "2024-12-17", modality: "audio", tokenKind: "output" },
      "80",
    ],
    ["gpt-image-1 text input", { model: "gpt-image-1" }, "5"],
    ["gpt-image-1 image input", { model: "gpt-image-1", modality: "image" }, "10"],
    ["gpt-image-1 image output", { model: "gpt-image-1", modality: "image", tokenKind: "output" }, "40"],
    ["priority on gpt-4.1 is 1.75 times", { mode: "priority" }, "3.5"],
    ["priority on gpt-5.5 is 2.5 times", { model: "gpt-5.5", mode: "priority" }, "12.5"],
    ["priority on gpt-5.1 is twice", { model: "gpt-5.1", mode: "priority" }, "2.5"],
    ["priority on gpt-5.2 is twice", { model: "gpt-5.2", mode: "priority" }, "3.5"],
    ["priority on gpt-5.4 is twice", { model: "gpt-5.4", mode: "priority" }, "5"],
    ["priority on gpt-5.6-sol in August is twice", { model: "gpt-5.6-sol", mode: "priority", on: "2026-08-15" }, "10"],
    ["gpt-5.4 Data Zone in Asia-Pacific, +20 %", { model: "gpt-5.4", scope: "DataZone", region: "australiaeast" }, "3"],
    ["gpt-4.1 Regional elsewhere, +32 %", { scope: "Regional", region: "northeurope" }, "2.64"],
    ["gpt-4.1 Regional in US Gov, +37.5 %", { scope: "Regional", region: "usgovvirginia" }, "2.75"],
    ["flex has no meter in the list of July", { model: "gpt-5.4", mode: "flex" }, "no-meter"],
    ["gpt-5.6-luna cache write", { model: "gpt-5.6-luna", tokenKind: "cache_write" }, "1.25"],
    ["gpt-4o 2024-05-13 cost twice as much", { model: "gpt-4o", version: "2024-05-13" }, "5"],
    ["a fine-tuned model has meters of its own", { model: "gpt-4.1-2025-04-14.ft-0123abcd" }, "2"],
  ])("%s", (_name, parts, expected) => expect(perMillion(parts)).toBe(expected));

  test.each([
    ["Image-Dall-E-3 Std LowRes-glbl Images", "eastus", "0.04"],
    ["Image-Dall-E-3 HD HighRes-glbl Images", "eastus", "0.12"],
    ["Image-Dall-E-3 Std LowRes-regnl EP Images", "eastus", "0.044"],
    ["Image-Dall-E-3 HD HighRes-regnl EP Images", "eastus", "0.132"],
    ["Speech-to-Text-Batch-Whisper-glbl Unit", "eastus", "0.36"],
    ["Code-Interpreter-global Session", "eastus", "0.03"],
    ["Assistants-File Search-glbl GB", "eastus", "0.1"],
    ["o4-mini RFT Training global Unit", "eastus2", "100"],
  ])("%s costs per unit", (meterName, region, expected) => {
    const prices = book.rows.filter(
      (row) => row.meterName === meterName && (row.scope === "Global" || coversRegion(row, region)),
    );
    expect([...new Set(prices.map((row) => priceDecimal(row.price, 1n)))]).toEqual([expected]);
  });

  test.each(["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o", "o4-mini"])(
    "hosting a fine-tuned %s costs 1.70 an hour",
    (model) => {
      const version = model === "gpt-4o" ? "2024-08-06" : "";
      const hour = resolveHourPrice(
        { measure: "hosting_hour", model, version, scope: "Global", region: "eastus2" },
        toInstant("2026-09-01"),
        book,
      );
      expect(hour.kind === "one" && priceDecimal(hour.line.listUnitPrice, 1n)).toBe("1.7");
    },
  );

  test.each([
    ["Global", "swedencentral", "1"],
    ["DataZone", "swedencentral", "1.1"],
    ["DataZone", "indonesiacentral", "1.2"],
    ["Regional", "eastus", "2"],
    ["Regional", "eastus2", "2"],
    ["Regional", "swedencentral", "2.2"],
    ["Regional", "westeurope", "2.4"],
    ["Regional", "usgovvirginia", "2.5"],
  ] as const)("a PTU-hour %s in %s", (scope, region, expected) => {
    const hour = resolveHourPrice(
      { measure: "ptu_hour", model: "gpt-5", version: "", scope, region },
      toInstant("2026-09-01"),
      book,
    );
    expect(hour.kind === "one" && priceDecimal(hour.line.listUnitPrice, 1n)).toBe(expected);
  });
});

describe("the catalogue resolves whatever it holds", () => {
  const day = toInstant("2026-11-21");
  test("every token price answers its own key in its own regions", () => {
    let asked = 0;
    const silent: string[] = [];
    for (const row of book.rows) {
      if (row.measure !== "token" || row.validTo !== null || row.regions === "everywhere") continue;
      for (const region of row.regions) {
        const model = row.tuning === "base" ? row.model : `${row.model}.ft-x`;
        const { version, scope, mode, contextBand, tokenKind, modality } = row;
        const answer = resolveTokenPrice(
          { model, version, scope, region, mode, contextBand, tokenKind, modality },
          day,
          book,
        );
        asked += 1;
        if (answer.kind === "none" && region !== "global")
          silent.push(`${row.meterName} in ${region}: ${answer.reason}`);
      }
    }
    expect(asked).toBeGreaterThan(18_900);
    expect(silent).toEqual([]);
  });

  test("Global costs the same in every region of the public cloud, for every current Azure OpenAI model", () => {
    const prices = new Map<string, Set<string>>();
    for (const row of book.rows) {
      if (row.measure !== "token" || row.scope !== "Global" || row.tuning !== "base" || row.validTo !== null) continue;
      if (row.productName.startsWith("Cohere") || row.model === "gpt-35-turbo-16k") continue;
      if (row.regions !== "everywhere" && [...row.regions].every((region) => region.startsWith("usgov"))) continue;
      const id = [row.model, row.version, row.mode, row.contextBand, row.tokenKind, row.modality].join(" ");
      prices.set(id, (prices.get(id) ?? new Set()).add(priceDecimal(row.price, 1_000_000n)));
    }
    expect(prices.size).toBeGreaterThan(300);
    expect([...prices].filter(([, found]) => found.size > 1)).toEqual([]);
  });

  test("every price has a source, a reading date and a validity that does not end before it starts", () => {
    for (const row of book.rows) {
      expect(row.source).not.toBe("");
      expect(row.readAt).toBeGreaterThan(toInstant("2026-07-01"));
      expect(row.validTo === null || row.validTo > row.validFrom).toBe(true);
    }
  });

  test("what prices nothing is kept with its reason", () => {
    expect(unreadBundledMeters().length).toBe(18);
    expect(unreadBundledMeters().every(({ reason }) => reason !== "")).toBe(true);
  });
});

describe("the price book never guesses", () => {
  test.each<[string, Partial<PriceKey> & { on?: string }, string]>([
    ["a model it does not know", { model: "mystery" }, "unknown-model"],
    ["a day before the first price", { on: "2024-01-01T00:00:00Z" }, "no-price-in-period"],
    ["a scope that the region does not have", { scope: "DataZone", region: "brazilsouth" }, "no-meter"],
    ["a Global price of the public cloud in a government region", { region: "usgovvirginia" }, "no-meter"],
    ["a Global price of the public cloud in China", { region: "chinanorth3" }, "no-meter"],
    [
      "a batch in a region without a batch meter",
      { scope: "Regional", region: "brazilsouth", mode: "batch" },
      "no-meter",
    ],
    ["a base model never falls back to a variant", { model: "gpt-5.4-ultra" }, "unknown-model"],
    ["a version that is not among the dated ones", { model: "gpt-4o", version: "2031-01-01" }, "no-meter"],
    ["a dated model without its version", { model: "gpt-4o" }, "range"],
    ["an unknown scope", { scope: "unknown" }, "range"],
    ["an unknown mode", { mode: "unknown" }, "range"],
    ["an unknown band of a banded model", { model: "gpt-5.4", contextBand: "unknown" }, "range"],
    ["an unknown band of a model with one price for all sizes", { contextBand: "unknown" }, "2"],
    ["an unknown region of a Global price", { region: "" }, "2"],
    ["an unknown region of a Regional price", { scope: "Regional", region: "" }, "range"],
    ["a model whose only version is not told", { model: "o3" }, "2"],
    ["OpenAI's spelling of a model", { model: "gpt-3.5-turbo-instruct" }, "1.5"],
    ["a version written into the model's name", { model: "gpt-4o-2024-11-20" }, "2.5"],
  ])("%s", (_name, parts, expected) => expect(perMillion(parts)).toBe(expected));

  test("a range names the unknown part and carries both ends", () => {
    const pricing = priceUsage(usageFact({ scope: "unknown" }), book);
    expect(pricing).toMatchObject({
      pricing: "range",
      listCost: 2_000_000_000_000n,
      listCostUpper: 2_200_000_000_000n,
      unknownPart: "scope",
    });
  });

  test("input whose cached share nobody tells costs from all cached to none, and stands without the discount", () => {
    const pricing = priceUsage(usageFact({ cachedShareUnknown: true }), book);
    expect(pricing).toMatchObject({
      pricing: "range",
      listCost: 2_000_000_000_000n,
      contractedCost: 2_000_000_000_000n,
      contractedCostUpper: 2_000_000_000_000n,
      unknownPart: "cachedShare",
      stated: "upper",
      lower: { listUnitPrice: unitPrice("0.5", 1_000_000n) },
    });
  });

  test("what only the platform metric counts stands at its dearest, whatever part of its price is unknown", () => {
    expect(priceUsage(usageFact({ scope: "unknown", source: "metric" }), book)).toMatchObject({
      listCost: 2_200_000_000_000n,
      contractedCost: 2_200_000_000_000n,
      unknownPart: "scope",
      stated: "upper",
    });
  });
});

const FILE = "../shared/data/azure-retail-prices-2026-07-31.json";

test.skipIf(!existsSync(FILE))(
  `catalogue.json is what the builder makes of ${FILE} (skipped when the file is absent)`,
  () => {
    const list = readPriceList(
      JSON.parse(readFileSync(FILE, "utf8")),
      "Azure Retail Prices API, 2026-07-31",
      toInstant(0),
    );
    expect(catalogueOf(list, datedMeters(list))).toEqual(catalogueJson);
  },
);
