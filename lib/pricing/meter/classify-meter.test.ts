import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toInstant } from "../../time/instant.ts";
import { readPriceList } from "../raw-meter.ts";
import { METER_CASES, meterMeaning } from "./classify-meter.cases.ts";
import { classifyMeter, METER_CATEGORIES } from "./classify-meter.ts";

const AOAI = "Azure OpenAI";

describe("classifyMeter reads the examples of the pricing reference", () => {
  test.each([
    [AOAI, "gpt 4o 1120 Inp glbl Tokens", "1K", "token gpt-4o 2024-11-20 Global standard input text any base"],
    [AOAI, "gpt-4o-0806-Inp-glbl Tokens", "1K", "token gpt-4o 2024-08-06 Global standard input text any base"],
    [
      AOAI,
      "gpt 4o mini0718 BatchOutp DataZone Tokens",
      "1K",
      "token gpt-4o-mini 2024-07-18 DataZone batch output text any base",
    ],
    [AOAI, "gpt 4.1 mini Inp Data Zone Tokens", "1K", "token gpt-4.1-mini - DataZone standard input text any base"],
    [
      AOAI,
      "gpt 4.1 mini cached Inp DZone Tokens",
      "1K",
      "token gpt-4.1-mini - DataZone standard cached_input text any base",
    ],
    [
      `${AOAI} GPT5`,
      "GPT 5 Mini cchd Inpt DZone 1M Tokens",
      "1M",
      "token gpt-5-mini - DataZone standard cached_input text any base",
    ],
    [`${AOAI} GPT5`, "GPT 5.1 opt Gl 1M Tokens", "1M", "token gpt-5.1 - Global standard output text any base"],
    [`${AOAI} GPT5`, "5.1 pp inp Gl 1M Tokens", "1M", "token gpt-5.1 - Global priority input text any base"],
    [
      `${AOAI} GPT5`,
      "5.4 longco cd inp Gl 1M Tokens",
      "1M",
      "token gpt-5.4 - Global standard cached_input text long base",
    ],
    [
      `${AOAI} GPT5`,
      "5.6 sol LongCo Cd Wr Std DZ 1M Tokens",
      "1M",
      "token gpt-5.6-sol - DataZone standard cache_write text long base",
    ],
    [
      `${AOAI} GPT6`,
      "6-astra ShortCo Inp Std DZ 1M Tokens",
      "1M",
      "token gpt-6-astra - DataZone standard input text short base",
    ],
    [
      `${AOAI} Reasoning`,
      "o3-deep research 0626-inp-cchd-glbl 1M Tokens",
      "1M",
      "token o3-deep-research 2025-06-26 Global standard cached_input text any base",
    ],
    [
      AOAI,
      "gpt-4o-aud-1217-txt Inp glbl Tokens",
      "1K",
      "token gpt-4o-audio-preview 2024-12-17 Global standard input text any base",
    ],
    [
      AOAI,
      "gpt-4o-rt-aud-1217 cchd Inp DZn Tokens",
      "1K",
      "token gpt-4o-realtime-preview 2024-12-17 DataZone standard cached_input audio any base",
    ],
    [
      `${AOAI} Embedding`,
      "text embedding 3 small DZ Tokens",
      "1K",
      "token text-embedding-3-small - DataZone standard input text any base",
    ],
    [AOAI, "text-embedding-3-large-grader Tokens", "1K", "grader text-embedding-3-large - -"],
    [AOAI, "Provisioned Managed Global Unit", "1/Hour", "ptu - - Global"],
    [AOAI, "Provisioned Throughput Units", "1/Month", "other - - -"],
    [AOAI, "gpt-4.1-ft hosting global Unit", "1 Hour", "finetune_hosting gpt-4.1 - Global"],
  ])("%s: %s (%s)", (productName, meterName, unitOfMeasure, expected) =>
    expect(meterMeaning(classifyMeter({ productName, meterName, unitOfMeasure }))).toBe(expected),
  );
});

describe("classifyMeter reads names of every family", () => {
  test.each(METER_CASES)("%s: %s (%s)", (productName, meterName, unitOfMeasure, expected) =>
    expect(meterMeaning(classifyMeter({ productName, meterName, unitOfMeasure }))).toBe(expected),
  );
});

describe("classifyMeter reads names that nobody has seen yet", () => {
  test.each([
    [`${AOAI} GPT5`, "54 inp Flex Gl 1M Tokens", "1M", "token gpt-5.4 - Global flex input text short base"],
    [`${AOAI} GPT5`, "5.5 LongCo opt Fl DZ 1M Tokens", "1M", "token gpt-5.5 - DataZone flex output text long base"],
    [
      `${AOAI} GPT6`,
      "6-astra LoCo Cd Wr PP Gl 1M Tokens",
      "1M",
      "token gpt-6-astra - Global priority cache_write text long base",
    ],
    [`${AOAI} GPT6`, "6.1 nano Opt Gl 1M Tokens", "1M", "token gpt-6.1-nano - Global standard output text any base"],
    [
      AOAI,
      "GPT_4O_1120_CACHED_INP_DATA_ZONE TOKENS",
      "1K",
      "token gpt-4o 2024-11-20 DataZone standard cached_input text any base",
    ],
    [AOAI, "gpt-4.1 nano BatchInp DataZone Tokens", "1K", "token gpt-4.1-nano - DataZone batch input text any base"],
    [AOAI, "gpt 4.1 nano batchoutp dz Tokens", "1K", "token gpt-4.1-nano - DataZone batch output text any base"],
    [AOAI, "o3 pro Outp Data Zone Tokens", "1K", "token o3-pro - DataZone standard output text any base"],
    [
      `${AOAI} Media`,
      "gpt img 2 mini out img Gl 1M Tokens",
      "1M",
      "token gpt-image-2-mini - Global standard output image any base",
    ],
    [AOAI, "Model Router Inp glbl Tokens", "1M", "token model-router - Global standard input text any base"],
    [
      `${AOAI} GPT5`,
      "51 codex cd inp Flex DZ 1M Tokens",
      "1M",
      "token gpt-5.1-codex - DataZone flex cached_input text any base",
    ],
    [
      `${AOAI} GPT6`,
      "6.1-nova LongCo Opt Std Gl 1M Tokens",
      "1M",
      "token gpt-6.1-nova - Global standard output text long base",
    ],
    [AOAI, "gpt-4o-2024-11-20 Inp glbl Tokens", "1K", "token gpt-4o 2024-11-20 Global standard input text any base"],
    [
      AOAI,
      "gpt-4o-mini-rt-aud-1217 Outp regnl Tokens",
      "1K",
      "token gpt-4o-mini-realtime-preview 2024-12-17 Regional standard output audio any base",
    ],
    [
      AOAI,
      "gpt 4o 1120 pp cached Inp Data-Zone Tokens",
      "1K",
      "token gpt-4o 2024-11-20 DataZone priority cached_input text any base",
    ],
    [AOAI, "o4-mini 0416 InputTokens", "1K", "token o4-mini 2025-04-16 Regional standard input text any base"],
    ["Azure Grok Models", "Grok 4 Outp glbl Tokens", "1K", "token grok-4 - Global standard output text any base"],
    [AOAI, "Provisioned Managed DZ Unit", "1 Hour", "ptu - - DataZone"],
  ])("%s: %s (%s)", (productName, meterName, unitOfMeasure, expected) =>
    expect(meterMeaning(classifyMeter({ productName, meterName, unitOfMeasure }))).toBe(expected),
  );
});

describe("classifyMeter says why it cannot tell", () => {
  test.each([
    [AOAI, "gpt 4.1 glbl Tokens", "1K", "the name does not say input or output"],
    [AOAI, "gpt 4.1 Inp Outp glbl Tokens", "1K", "the name says both input and output"],
    [AOAI, "gpt 4.1 Inp glbl regnl Tokens", "1K", "the name carries two scopes, Global and Regional"],
    [AOAI, "gpt 4.1 Batch pp Inp glbl Tokens", "1K", "the name carries two modes, batch and priority"],
    [AOAI, "gpt 4.1 Inp glbl Tokens", "1 Hour", "tokens are sold per 1K or 1M, not per 1 Hour"],
    [AOAI, "gpt 4o 0909 Inp glbl Tokens", "1K", "the year of version 0909 of gpt-4o is not known"],
    [AOAI, "gpt 4.1 xq Inp glbl Tokens", "1K", "unknown words: xq"],
    [AOAI, "Inp glbl Tokens", "1K", "the name names no model"],
    [`${AOAI} GPT5`, "5.4 cd Gl 1M Tokens", "1M", "cd without input or write does not say which tokens"],
    [`${AOAI} Media`, "gpt-latest 05052026 inp Gl 1M Tokens", "1M", "latest alone does not say which model"],
    [
      `${AOAI} Media`,
      "gpt-realtime-2 inp Gl 1M Tokens",
      "1M",
      "the name does not say which modality of gpt-realtime-2 it prices",
    ],
    [AOAI, "Provisioned Managed Global Unit", "1K", "provisioned throughput is sold by the hour, not per 1K"],
    [AOAI, "", "1K", "the meter has no name"],
  ])("%s: %s (%s)", (productName, meterName, unitOfMeasure, reason) =>
    expect(classifyMeter({ productName, meterName, unitOfMeasure })).toEqual({ status: "ambiguous", reason }),
  );
});

test("a base model never reads as a variant, nor a variant as its base", () => {
  const model = (meterName: string) => {
    const read = classifyMeter({ productName: `${AOAI} GPT5`, meterName, unitOfMeasure: "1M" });
    return read.status === "ambiguous" ? undefined : read.model;
  };
  const names = [
    "5.4 inp Gl",
    "5.4 pro inp Gl",
    "5.4 mini inp Gl",
    "5.4 nano inp Gl",
    "gpt-oss-20b in Gl",
    "gpt-oss-120b in Gl",
  ];
  expect(names.map(model)).toEqual([
    "gpt-5.4",
    "gpt-5.4-pro",
    "gpt-5.4-mini",
    "gpt-5.4-nano",
    "gpt-oss-20b",
    "gpt-oss-120b",
  ]);
});

test("any text gets an answer with a reason or a category", () =>
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (productName, meterName, unitOfMeasure) => {
      const read = classifyMeter({ productName, meterName, unitOfMeasure });
      expect(read.status === "ambiguous" ? read.reason.length > 0 : METER_CATEGORIES.includes(read.category)).toBe(
        true,
      );
    }),
  ));

const FILE = "../shared/data/azure-retail-prices-2026-07-31.json";

test.skipIf(!existsSync(FILE))(
  `every meter of ${FILE} is classified or reported (skipped when the file is absent)`,
  () => {
    const list = readPriceList(JSON.parse(readFileSync(FILE, "utf8")), FILE, toInstant(0));
    const names = new Map(
      list.meters.map((meter) => [`${meter.productName}|${meter.meterName}|${meter.unitOfMeasure}`, meter]),
    );
    const counts: Record<string, number> = {};
    for (const meter of names.values()) {
      const read = classifyMeter(meter);
      const category = read.status === "ambiguous" ? "ambiguous" : read.category;
      counts[category] = (counts[category] ?? 0) + 1;
    }
    expect(list.meters.length).toBe(2_820);
    expect(counts).toEqual({
      ambiguous: 13,
      finetune_hosting: 33,
      finetune_training: 40,
      grader: 28,
      media: 57,
      other: 7,
      ptu: 7,
      storage: 2,
      token: 1_143,
      tool: 5,
    });
  },
);
