import { describe, expect, test } from "vitest";
import { assemblePriceBook } from "../pricing/assemble-price-book.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { mergePrices } from "../pricing/price-store.ts";
import { readPriceList } from "../pricing/raw-meter.ts";
import { toInstant } from "../time/instant.ts";
import { priceLine } from "./price.ts";

const book = loadBundledCatalogue();

/** One million tokens of gpt-4.1, Global, in September 2026 cost 2 in, 0.5 cached, 8 out. */
const LINE = { id: 1, model: "gpt-4.1", scope: "Global", region: "eastus2", mode: "standard", date: "2026-09-15" };
const SOL = {
  ...LINE,
  model: "gpt-5.6-sol",
  usage: { prompt_tokens: 10_000, cached_tokens: 4_000, completion_tokens: 1_000 },
};
const AUDIO = { ...LINE, model: "gpt-4o-audio-preview", version: "2024-12-17" };
const prompt = (prompt_tokens: unknown) => ({ prompt_tokens });

function answer(line: unknown): string {
  const { status, cost, costUpper, reason } = priceLine(line, book).line;
  if (status === "priced") return `${cost}`;
  return status === "range" ? `${cost} to ${costUpper}: ${reason}` : `${status}: ${reason}`;
}

describe("a line is priced by its own day", () => {
  test.each([
    ["the last day before the cut", { ...SOL, date: "2026-08-31" }, "0.062"],
    ["the last minute before the cut", { ...SOL, date: "2026-08-31T23:59:59Z" }, "0.062"],
    ["the first day after it", { ...SOL, date: "2026-09-01" }, "0.0456"],
    ["a zone moves the instant, not the calendar", { ...SOL, date: "2026-09-01T01:00:00+02:00" }, "0.062"],
    ["a time without a zone is UTC", { ...SOL, date: "2026-09-01T00:00:00" }, "0.0456"],
    ["a time after a blank", { ...SOL, date: "2026-08-31 23:59" }, "0.062"],
    [
      "before the model was sold",
      { ...SOL, date: "2026-06-30" },
      "unpriced: input: the meter has no price on that day",
    ],
    [
      "a day that no calendar has",
      { ...SOL, date: "2026-02-30" },
      'unpriced: date "2026-02-30" is not a date such as 2026-09-15',
    ],
    [
      "a month that no calendar has",
      { ...SOL, date: "2026-13-15" },
      'unpriced: date "2026-13-15" is not a date such as 2026-09-15',
    ],
    ["a number", { ...SOL, date: 1_789_000_000 }, "unpriced: date is not a date such as 2026-09-15"],
    ["no date", { ...SOL, date: undefined }, "unpriced: date is missing"],
  ])("%s", (_name, line, expected) => expect(answer(line)).toBe(expected));
});

describe("the band of the whole request", () => {
  const banded = { ...LINE, model: "gpt-5.4" };
  test.each([
    ["one token under", { ...banded, usage: prompt(271_999) }, "0.6799975"],
    ["exactly 272,000", { ...banded, usage: prompt(272_000) }, "0.68"],
    ["one token over", { ...banded, usage: prompt(272_001) }, "1.360005"],
    [
      "cached tokens count towards it",
      { ...banded, usage: { prompt_tokens: 272_001, cached_tokens: 272_001 } },
      "0.1360005",
    ],
    [
      "output in the long band",
      { ...banded, usage: { prompt_tokens: 272_001, completion_tokens: 1_000_000 } },
      "23.860005",
    ],
    ["a batch in the long band", { ...banded, mode: "batch", usage: prompt(300_000) }, "0.75"],
    ["a model without bands", { ...LINE, usage: prompt(272_001) }, "0.544002"],
  ])("%s", (_name, line, expected) => expect(answer(line)).toBe(expected));
});

describe("what is not told is a range, what contradicts itself is refused", () => {
  test.each<[string, unknown, string]>([
    [
      "no version where versions differ",
      { ...LINE, model: "gpt-4o", usage: prompt(1_000) },
      "0.0025 to 0.005: version is not told, and the candidate prices differ",
    ],
    [
      "no scope",
      { ...LINE, scope: null, usage: prompt(1_000) },
      "0.002 to 0.0022: scope is not told, and the candidate prices differ",
    ],
    [
      "no region of a Regional deployment",
      { ...LINE, scope: "Regional", region: "", usage: prompt(1_000) },
      "0.0022 to 0.00264: region is not told, and the candidate prices differ",
    ],
    ["no region of a Global deployment", { ...LINE, region: undefined, usage: prompt(1_000) }, "0.002"],
    [
      "no audio split",
      { ...AUDIO, usage: prompt(1_000) },
      "0.0025 to 0.04: modality is not told, and the candidate prices differ",
    ],
    [
      "audio inside prompt and completion",
      {
        ...AUDIO,
        usage: { prompt_tokens: 1_000, audio_prompt_tokens: 400, completion_tokens: 500, audio_completion_tokens: 300 },
      },
      "0.0435",
    ],
    [
      "the API's own nesting",
      {
        ...AUDIO,
        usage: {
          prompt_tokens: 1_000,
          prompt_tokens_details: { audio_tokens: 400 },
          completion_tokens: 500,
          completion_tokens_details: { audio_tokens: 300 },
        },
      },
      "0.0435",
    ],
    [
      "an image model answers in images",
      {
        ...LINE,
        model: "gpt-image-1",
        usage: { prompt_tokens: 1_000, image_prompt_tokens: 400, completion_tokens: 500 },
      },
      "0.027",
    ],
    ["embeddings have no output", { ...LINE, model: "text-embedding-3-large", usage: prompt(1_000_000) }, "0.13"],
    [
      "reasoning is inside the output",
      {
        ...LINE,
        model: "o4-mini",
        usage: { prompt_tokens: 1_566, cached_tokens: 1_408, completion_tokens: 1_518, reasoning_tokens: 576 },
      },
      "0.0072402",
    ],
    ["names of the Responses API", { ...LINE, usage: { input_tokens: 1_000_000, output_tokens: 0 } }, "2"],
    [
      "fields that nobody knows are passed over",
      { ...LINE, odd: 1, usage: { prompt_tokens: 1_000_000, odd: "x" } },
      "2",
    ],
    [
      "digits as text are exact beyond JSON's numbers",
      { ...LINE, usage: prompt("9007199254740993") },
      "18014398509.481986",
    ],
    [
      "a number that JSON cannot keep",
      { ...LINE, usage: prompt(2 ** 53) },
      "unpriced: usage.prompt_tokens is too large to be exact; write it as text",
    ],
    ["a negative count", { ...LINE, usage: prompt(-1) }, "unpriced: usage.prompt_tokens is negative"],
    ["half a token", { ...LINE, usage: prompt(1.5) }, "unpriced: usage.prompt_tokens is not a whole number"],
    ["words", { ...LINE, usage: prompt("many") }, 'unpriced: usage.prompt_tokens "many" is not a whole number'],
    ["an object", { ...LINE, usage: prompt({}) }, "unpriced: usage.prompt_tokens is not a number"],
    [
      "more cached than sent",
      { ...LINE, usage: { prompt_tokens: 10, cached_tokens: 11 } },
      "unpriced: cached_tokens and cache_write_tokens are more than prompt_tokens",
    ],
    ["no counts at all", { ...LINE, usage: {} }, "unpriced: usage tells neither prompt_tokens nor completion_tokens"],
    ["no usage", LINE, "unpriced: usage is missing"],
    ["usage as a list", { ...LINE, usage: 3 }, "unpriced: usage is not an object of token counts"],
    ["no model", { ...LINE, model: undefined, usage: prompt(1) }, "unpriced: model is missing"],
    ["a model that is no text", { ...LINE, model: 4, usage: prompt(1) }, "unpriced: model is not text"],
    [
      "a scope that does not exist",
      { ...LINE, scope: "Galaxy", usage: prompt(1) },
      'unpriced: scope "Galaxy" is none of Global, DataZone, Regional',
    ],
    [
      "a mode that does not exist",
      { ...LINE, mode: "fast", usage: prompt(1) },
      'unpriced: mode "fast" is none of standard, batch, priority, flex',
    ],
    [
      "provisioned capacity",
      { ...LINE, mode: "provisioned", usage: prompt(1) },
      "unpriced: tokens of provisioned capacity have no price of their own: the capacity is billed by the hour",
    ],
    ["a list", [], "unpriced: the line is not one request as a JSON object"],
    ["null", null, "unpriced: the line is not one request as a JSON object"],
  ])("%s", (_name, line, expected) => expect(answer(line)).toBe(expected));
});

describe("xAI's models tell reasoning beside the completion", () => {
  const item = (meterName: string, retailPrice: number) => ({
    currencyCode: "USD",
    retailPrice,
    armRegionName: "eastus2",
    effectiveStartDate: "2026-01-01T00:00:00Z",
    meterName,
    productName: "Azure Grok Models",
    unitOfMeasure: "1K",
  });
  const list = readPriceList(
    { Items: [item("Grok 4 Inp glbl Tokens", 0.003), item("Grok 4 Outp glbl Tokens", 0.015)] },
    "test",
    toInstant("2026-09-01"),
  );
  const synced = mergePrices(undefined, list);
  const withGrok = assemblePriceBook({ bundled: book, synced, negotiated: [] }).book;
  // 1,000 prompt tokens at 3 and 700 of output at 15 per million; gpt-4.1 as ever: 1,000 at 2 and 200 at 8.
  test.each([
    ["by the total", "grok-4", { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_700 }, "0.0135"],
    ["by both parts", "grok-4", { prompt_tokens: 1_000, completion_tokens: 200, reasoning_tokens: 500 }, "0.0135"],
    [
      "no other model does",
      "gpt-4.1",
      { prompt_tokens: 1_000, completion_tokens: 200, reasoning_tokens: 150, total_tokens: 1_200 },
      "0.0036",
    ],
  ])("%s", (_name, model, usage, expected) =>
    expect(priceLine({ ...LINE, model, usage }, withGrok).line.cost).toBe(expected),
  );
  test("a total below its prompt is refused", () => {
    const line = { ...LINE, model: "grok-4", usage: { prompt_tokens: 10, total_tokens: 9 } };
    expect(priceLine(line, withGrok).line.reason).toBe("total_tokens is less than prompt_tokens");
  });
});

test.each([
  [9_007_199_254_740_991, 9_007_199_254_740_991],
  ["9007199254740992", "9007199254740992"],
  ["9007199254740993", "9007199254740993"],
])("a quantity of %s stands in the answer exactly", (asked, quantity) =>
  expect(priceLine({ ...LINE, usage: prompt(asked) }, book).line.lines).toMatchObject([{ quantity }]),
);
