import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meterMeaning } from "./classify-meter.cases.ts";
import { classifyMeter } from "./classify-meter.ts";

/** Names that no price list had on 31 July 2026, in the habits of those that it had; each read by a person. */
const UNSEEN: readonly (readonly [product: string, meter: string, unit: string, meaning: string])[] = [
  ["Azure OpenAI GPT5", "GPT5.4 LngCtx Inp Gl 1M Tokens", "1M", "token gpt-5.4 - Global standard input text long base"],
  ["Azure OpenAI GPT5", "5.4 Long Ctx opt Gl 1M Tokens", "1M", "token gpt-5.4 - Global standard output text long base"],
  [
    "Azure OpenAI GPT5",
    "5.5 LngCo cd inp DZ 1M Tokens",
    "1M",
    "token gpt-5.5 - DataZone standard cached_input text long base",
  ],
  ["Azure OpenAI GPT5", "5.5 ShrtCo inp Gl 1M Tokens", "1M", "token gpt-5.5 - Global standard input text short base"],
  ["Azure OpenAI GPT5", "5.4 >272K inp Gl 1M Tokens", "1M", "token gpt-5.4 - Global standard input text long base"],
  [
    "Azure OpenAI GPT5",
    "5.4 <=272K opt Dz 1M Tokens",
    "1M",
    "token gpt-5.4 - DataZone standard output text short base",
  ],
  ["Azure OpenAI GPT5", "5.4 pp longco inp Gl 1M Tokens", "1M", "token gpt-5.4 - Global priority input text long base"],
  ["Azure OpenAI GPT5", "5.4 inp Rgnl 1M Tokens", "1M", "token gpt-5.4 - Regional standard input text short base"],
  [
    "Azure OpenAI GPT5",
    "56 sol LongCo Cd Wr Fl DZ 1M Tokens",
    "1M",
    "token gpt-5.6-sol - DataZone flex cache_write text long base",
  ],
  [
    "Azure OpenAI GPT5",
    "5.6 sol pro ShortCo Inp Std Gl 1M Tokens",
    "1M",
    "token gpt-5.6-sol-pro - Global standard input text short base",
  ],
  [
    "Azure OpenAI GPT6",
    "6-astra ShortCo Cd Inp PP Gl 1M Tokens",
    "1M",
    "token gpt-6-astra - Global priority cached_input text short base",
  ],
  ["Azure OpenAI GPT6", "GPT 6 inp Gl 1M Tokens", "1M", "token gpt-6 - Global standard input text short base"],
  [
    "Azure OpenAI GPT5",
    "5.3 codex spark inp Gl 1M Tokens",
    "1M",
    "token gpt-5.3-codex-spark - Global standard input text any base",
  ],
  ["Azure OpenAI GPT5", "gpt5mini Inp Glbl Tokens", "1M", "token gpt-5-mini - Global standard input text any base"],
  [
    "Azure OpenAI GPT5",
    "gpt5.1codexmini opt Dz",
    "1M",
    "token gpt-5.1-codex-mini - DataZone standard output text any base",
  ],
  ["Azure OpenAI", "gpt4o1120 Inp glbl", "1K", "token gpt-4o 2024-11-20 Global standard input text any base"],
  [
    "Azure OpenAI",
    "GPT4o mini 0718 pp Opt Gl Tokens",
    "1K",
    "token gpt-4o-mini 2024-07-18 Global priority output text any base",
  ],
  ["Azure OpenAI", "gpt4.1 mini Outp Rgnl", "1K", "token gpt-4.1-mini - Regional standard output text any base"],
  [
    "Azure OpenAI",
    "gpt-4.1-0414 Inp glbl Tokens",
    "1K",
    "token gpt-4.1 2025-04-14 Global standard input text any base",
  ],
  [
    "Azure OpenAI",
    "gpt 4o 2024-08-06 cchd Inp Rgnl",
    "1K",
    "token gpt-4o 2024-08-06 Regional standard cached_input text any base",
  ],
  ["Azure OpenAI", "o1-1217-Batch-Outp-glbl", "1K", "token o1 2024-12-17 Global batch output text any base"],
  [
    "Azure OpenAI",
    "o3 mini 0131 cached input Data Zone Tokens",
    "1K",
    "token o3-mini 2025-01-31 DataZone standard cached_input text any base",
  ],
  [
    "Azure OpenAI Reasoning",
    "o3 pro 0610 Outp glbl",
    "1K",
    "token o3-pro 2025-06-10 Global standard output text any base",
  ],
  ["Azure OpenAI", "gpt-4-0613 Inp glbl", "1K", "token gpt-4 0613 Global standard input text any base"],
  [
    "Azure OpenAI",
    "gpt-35-turbo-instruct-0914-Inp-glbl",
    "1K",
    "token gpt-35-turbo-instruct 0914 Global standard input text any base",
  ],
  ["Azure OpenAI", "codex-mini-0516 inp glbl", "1K", "token codex-mini 2025-05-16 Global standard input text any base"],
  [
    "Azure OpenAI GPT5",
    "5.1 Cache Hit Inp Gl 1M Tokens",
    "1M",
    "token gpt-5.1 - Global standard cached_input text any base",
  ],
  [
    "Azure OpenAI GPT5",
    "5.6 luna ShortCo Cache Write Std Gl 1M Tokens",
    "1M",
    "token gpt-5.6-luna - Global standard cache_write text short base",
  ],
  ["Azure OpenAI", "gpt 4.1 cached glbl Tokens", "1K", "token gpt-4.1 - Global standard cached_input text any base"],
  ["Azure OpenAI GPT5", "5.2 Prompt Gl 1M Tokens", "1M", "token gpt-5.2 - Global standard input text any base"],
  ["Azure OpenAI GPT5", "5.2 Completion Gl 1M Tokens", "1M", "token gpt-5.2 - Global standard output text any base"],
  ["Azure OpenAI", "gpt 4.1 Inp glbl 1K Tokens", "1M", "token gpt-4.1 - Global standard input text any base"],
  ["Azure OpenAI", "gpt 4.1 Inp glbl Tokens", "1M Tokens", "token gpt-4.1 - Global standard input text any base"],
  ["Azure OpenAI Media", "gpt img 2 txt out Gl 1M", "1M", "token gpt-image-2 - Global standard output text any base"],
  [
    "Azure OpenAI Media",
    "gpt rt mini txt inp gl 1006",
    "1M",
    "token gpt-realtime-mini 2025-10-06 Global standard input text any base",
  ],
  [
    "Azure OpenAI Media",
    "gpt realtime 2 Audio inp DZ 1M",
    "1M",
    "token gpt-realtime-2 - DataZone standard input audio any base",
  ],
  [
    "Azure OpenAI Media",
    "gpt-4o-transcribe-out-glbl",
    "1K",
    "token gpt-4o-transcribe - Global standard output text any base",
  ],
  [
    "Azure OpenAI Media",
    "gpt-4o-mini-tts-out-glbl",
    "1K",
    "token gpt-4o-mini-tts - Global standard output audio any base",
  ],
  [
    "Azure OpenAI Media",
    "gpt-4o-mini-tts-inp-glbl",
    "1K",
    "token gpt-4o-mini-tts - Global standard input text any base",
  ],
  ["Azure OpenAI Media", "gpt-4o-transcribe-inp-glbl", "1K", "ambiguous"],
  ["Azure OpenAI Media", "gpt img 2 inp Gl 1M Tokens", "1M", "ambiguous"],
  ["Azure OpenAI Media", "Sora 3 pro glbl Second", "1", "media sora-3-pro - Global"],
  ["Azure OpenAI Media", "TTS HD global Characters", "1M", "media tts-hd - Global"],
  ["Azure OpenAI Media", "Whisper glbl Unit", "1 Hour", "media whisper - Global"],
  ["Azure OpenAI", "PTU Global Unit", "1 Hour", "ptu - - Global"],
  ["Azure OpenAI", "Provisioned Managed DZone Unit", "1/Hour", "ptu - - DataZone"],
  ["Azure OpenAI", "Provisioned Throughput Data Zone Unit", "1/Hour", "ptu - - DataZone"],
  ["Azure OpenAI Provisioned Throughput Reservation", "Provisioned Managed Global Unit", "1/Hour", "ptu - - Global"],
  ["Azure OpenAI", "Provisioned Managed Data Zone Unit", "1/Month", "other - - DataZone"],
  ["Azure OpenAI", "Grounding with Bing Search Transactions", "1K", "tool - - -"],
  ["Azure OpenAI", "Bing Grounding Search glbl Calls", "1K", "tool - - Global"],
  ["Azure OpenAI", "Web Search Tool Calls glbl", "1K", "tool - - Global"],
  ["Azure OpenAI", "Code-Interpreter-dzone Session", "1", "tool - - DataZone"],
  ["Azure OpenAI", "Image Generation Tool glbl", "1K", "tool - - Global"],
  ["Azure OpenAI", "Vector Storage glbl GB", "1/Month", "storage - - Global"],
  ["Azure OpenAI", "gpt-4o-0806-DPO-Trng-glbl", "1K", "finetune_training gpt-4o 2024-08-06 Global"],
  ["Azure OpenAI", "gpt 4.1 ft pp inp Gl", "1K", "token gpt-4.1 - Global priority input text any tuned"],
  ["Azure OpenAI GPT5", "5 nano ft training Gl Tokens", "1M", "finetune_training gpt-5-nano - Global"],
  ["Azure OpenAI Reasoning", "o4 mini RFT grader inp glbl", "1K", "grader o4-mini - Global"],
  ["Azure OpenAI", "gpt-4.1-dev-ft hosting glbl Unit", "1 Hour", "finetune_hosting gpt-4.1 - Global"],
  [
    "Azure OpenAI",
    "text-embedding-3-large Batch glbl",
    "1K",
    "token text-embedding-3-large - Global batch input text any base",
  ],
  [
    "Azure OpenAI",
    "text embedding ada 002 DZ",
    "1K",
    "token text-embedding-ada-002 - DataZone standard input text any base",
  ],
  ["Azure OpenAI", "Model-Router-Inp-DZ", "1M", "token model-router - DataZone standard input text any base"],
  [
    "Azure DeepSeek Models",
    "DeepSeek V3.2 Inp glbl Tokens",
    "1K",
    "token deepseek-v3.2 - Global standard input text any base",
  ],
  [
    "Azure Grok Models",
    "Grok 4.1 fast reasoning cached Inp glbl",
    "1K",
    "token grok-4.1-fast-reasoning - Global standard cached_input text any base",
  ],
  ["Mistral Models", "Mistral OCR glbl Pages", "1K", "other mistral-ocr - Global"],
  ["Azure OpenAI", "Model Router glbl Tokens", "1M", "ambiguous"],
  ["Azure OpenAI", "gpt 4.1 cached Outp glbl", "1K", "ambiguous"],
  ["Azure OpenAI", "gpt 4.1 Inp glbl Tokens", "1", "ambiguous"],
  ["Azure OpenAI GPT5", "5.4 mega2 inp Gl 1M Tokens", "1M", "ambiguous"],
  ["Azure OpenAI", "o4-mini-deep-research inp glbl", "1M", "ambiguous"],
];

describe("classifyMeter reads names in the habits of the list", () => {
  test.each(UNSEEN)("%s: %s (%s)", (productName, meterName, unitOfMeasure, expected) =>
    expect(meterMeaning(classifyMeter({ productName, meterName, unitOfMeasure }))).toBe(expected),
  );
});

/** Every spelling of the pricing reference, section 3, by what it means. */
const SPELLED = {
  kind: {
    input: ["Inp", "Inpt", "inp", "inpt", "input", "Input", "In", "in", "Prompt"],
    output: ["Outp", "outpt", "out", "output", "opt", "Opt"],
    cached_input: ["cached Inp", "cchd Inpt", "ccchd inp", "cched Inp", "cach Inp", "cd inp", "inp cchd", "CachedInp"],
    cache_write: ["Cd Wr", "CdWr"],
  },
  scope: {
    Global: ["glbl", "Glbl", "glb", "gl", "Gl", "global"],
    DataZone: ["DZone", "Dzone", "dzone", "DataZone", "datazone", "Data Zone", "DZ", "Dz", "DZn"],
    Regional: ["regnl", "regn", "rgnl", "regional", "regnl EP", ""],
  },
  mode: { standard: ["Std", ""], batch: ["Batch", "batch"], priority: ["pp", "PP"], flex: ["Flex", "Fl"] },
  context: { short: ["ShortCo", "ShCo", ""], long: ["LongCo", "longco", "LoCo"] },
} as const;

const MODELS = [
  ["Azure OpenAI", "gpt 4o 1120", "gpt-4o 2024-11-20", false],
  ["Azure OpenAI", "gpt-4o-mini-0718", "gpt-4o-mini 2024-07-18", false],
  ["Azure OpenAI", "gpt 4.1 nano", "gpt-4.1-nano -", false],
  ["Azure OpenAI GPT5", "GPT 5 Mini", "gpt-5-mini -", false],
  ["Azure OpenAI GPT5", "5.1 codex max", "gpt-5.1-codex-max -", false],
  ["Azure OpenAI GPT5", "54", "gpt-5.4 -", true],
  ["Azure OpenAI GPT5", "5.4 pro", "gpt-5.4-pro -", true],
  ["Azure OpenAI GPT5", "5.6 terra", "gpt-5.6-terra -", true],
  ["Azure OpenAI GPT6", "6-astra", "gpt-6-astra -", true],
  ["Azure OpenAI Reasoning", "o3-deep research 0626", "o3-deep-research 2025-06-26", false],
  ["Azure OpenAI OSS Models", "gpt-oss-120B", "gpt-oss-120b -", false],
] as const;

test("words of the grammar in any order, with any separator and case, read as what they were made of", () =>
  fc.assert(
    fc.property(
      fc.constantFrom(...MODELS),
      spelled(SPELLED.kind),
      spelled(SPELLED.scope),
      spelled(SPELLED.mode),
      spelled(SPELLED.context),
      fc.constantFrom("keep", "lower", "upper"),
      fc.constantFrom(" ", "-", "_"),
      fc.constantFrom([0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]),
      ([productName, name, model, isBanded], kind, scope, mode, band, letters, separator, order) => {
        const context = isBanded ? band : { means: "any", spelling: "" };
        const words = [kind, scope, mode, context];
        const text = [name, ...order.map((index) => words[index]?.spelling ?? "")].filter(Boolean).join(separator);
        const meterName = letters === "lower" ? text.toLowerCase() : letters === "upper" ? text.toUpperCase() : text;
        expect(meterMeaning(classifyMeter({ productName, meterName, unitOfMeasure: "1M" })), meterName).toBe(
          `token ${model} ${scope.means} ${mode.means} ${kind.means} text ${context.means} base`,
        );
      },
    ),
    { numRuns: 2_000 },
  ));

function spelled(meanings: Readonly<Record<string, readonly string[]>>) {
  return fc.constantFrom(
    ...Object.entries(meanings).flatMap(([means, spellings]) => spellings.map((spelling) => ({ means, spelling }))),
  );
}
