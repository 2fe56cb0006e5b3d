import { z } from "zod";
import { toDecimal } from "../money/money.ts";
import { priceDecimal } from "../money/unit-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceRequest, type RequestCost, type RequestLine, type RequestToPrice } from "../pricing/price-request.ts";
import { type Instant, toInstant, toIso } from "../time/instant.ts";
import { MODES, SCOPES } from "../usage/price-key.ts";
import { type Command, type CommandIo, UsageError } from "./command.ts";
import { readJsonLines } from "./json-lines.ts";
import { currentPriceBook } from "./price-book-of-folder.ts";

/** `npm run price`: prices single requests from standard input, one answer per line in the same order. */
export const priceCommand: Command = {
  name: "price",
  usage: [
    "npm run price -- --jsonl < requests.jsonl",
    "  Each line is one request:",
    '  {"id","model","version","scope","region","mode","date","usage":{"prompt_tokens","cached_tokens","cache_write_tokens",',
    '   "completion_tokens","reasoning_tokens","audio_prompt_tokens","audio_completion_tokens","audio_cached_tokens",',
    '   "image_prompt_tokens","image_completion_tokens","image_cached_tokens"}}',
  ].join("\n"),
  onMissingFolder: "empty",
  run: async (args, io) => {
    if (args.length !== 1 || args[0] !== "--jsonl") throw new UsageError("Say --jsonl and give one request per line.");
    const book = await currentPriceBook(io);
    return (await priceLines(io, book)) ? 0 : 1;
  },
};

/** Answers every line; false when a line could not be read as a request. */
async function priceLines(io: Pick<CommandIo, "stdin" | "out">, book: PriceBook): Promise<boolean> {
  let isClean = true;
  for await (const { value, error } of readJsonLines(io.stdin)) {
    const answer = error === undefined ? priceLine(value, book) : unreadable(null, error);
    isClean &&= !answer.isUnreadable;
    await io.out(`${JSON.stringify(answer.line)}\n`);
  }
  return isClean;
}

const tokens = z
  .number()
  .int("is not a whole number")
  .nonnegative("is negative")
  .max(Number.MAX_SAFE_INTEGER, "is too large to be exact")
  .nullish();

/** The parts of the prompt or the completion as the API itself nests them. */
const details = z.object({ cached_tokens: tokens, audio_tokens: tokens, image_tokens: tokens }).nullish();

const requestSchema = z.object({
  model: z.string({ error: "is missing" }).min(1, "is missing"),
  version: z.string().nullish(),
  scope: z.string().nullish(),
  region: z.string().nullish(),
  mode: z.string().nullish(),
  date: z.string({ error: "is missing" }),
  router: z.boolean().nullish(),
  usage: z.object(
    {
      prompt_tokens: tokens,
      input_tokens: tokens,
      cached_tokens: tokens,
      cache_write_tokens: tokens,
      completion_tokens: tokens,
      output_tokens: tokens,
      reasoning_tokens: tokens,
      audio_prompt_tokens: tokens,
      audio_completion_tokens: tokens,
      audio_cached_tokens: tokens,
      cached_audio_tokens: tokens,
      image_prompt_tokens: tokens,
      image_completion_tokens: tokens,
      image_cached_tokens: tokens,
      cached_image_tokens: tokens,
      prompt_tokens_details: details,
      input_tokens_details: details,
      completion_tokens_details: details,
      output_tokens_details: details,
    },
    { error: "is missing" },
  ),
});

type Answer = { readonly line: Readonly<Record<string, unknown>>; readonly isUnreadable: boolean };

/** Prices one parsed line; whatever is wrong with it becomes its reason. */
export function priceLine(value: unknown, book: PriceBook): Answer {
  const id = isRecord(value) ? (value.id ?? null) : null;
  const parsed = requestSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return unreadable(id, `${issue?.path.join(".") || "the line"} ${issue?.message ?? "is not readable"}`);
  }
  const request = readRequest(parsed.data);
  if (typeof request === "string") return unreadable(id, request);
  try {
    return { line: { id, ...answerOf(priceRequest(request, book), book.currency) }, isUnreadable: false };
  } catch (error) {
    if (error instanceof RangeError) return unreadable(id, error.message);
    throw error;
  }
}

function readRequest(line: z.infer<typeof requestSchema>): RequestToPrice | string {
  const scope = oneOf(SCOPES, line.scope);
  if (scope === undefined) return `scope "${line.scope}" is none of ${SCOPES.join(", ")}`;
  const mode = oneOf(MODES, line.mode);
  if (mode === undefined) return `mode "${line.mode}" is none of ${MODES.join(", ")}`;
  const at = readDate(line.date);
  if (at === undefined) return `date "${line.date}" is not a date such as 2026-09-15`;
  const { usage } = line;
  const prompt = usage.prompt_tokens_details ?? usage.input_tokens_details;
  const completion = usage.completion_tokens_details ?? usage.output_tokens_details;
  const optional = (count: number | null | undefined) => (typeof count === "number" ? BigInt(count) : undefined);
  const count = (value: number | null | undefined) => optional(value) ?? 0n;
  return {
    model: line.model,
    version: line.version ?? "",
    scope,
    region: line.region ?? "",
    mode,
    at,
    isRouted: line.router ?? false,
    usage: {
      promptTokens: count(usage.prompt_tokens ?? usage.input_tokens),
      cachedTokens: count(usage.cached_tokens ?? prompt?.cached_tokens),
      cacheWriteTokens: count(usage.cache_write_tokens),
      completionTokens: count(usage.completion_tokens ?? usage.output_tokens),
      audioPromptTokens: optional(usage.audio_prompt_tokens ?? prompt?.audio_tokens),
      imagePromptTokens: optional(usage.image_prompt_tokens ?? prompt?.image_tokens),
      audioCachedTokens: optional(usage.audio_cached_tokens ?? usage.cached_audio_tokens),
      imageCachedTokens: optional(usage.image_cached_tokens ?? usage.cached_image_tokens),
      audioCompletionTokens: optional(usage.audio_completion_tokens ?? completion?.audio_tokens),
      imageCompletionTokens: optional(usage.image_completion_tokens ?? completion?.image_tokens),
    },
  };
}

function answerOf(cost: RequestCost, currency: string): Readonly<Record<string, unknown>> {
  const lines = cost.lines.flatMap(lineOf);
  switch (cost.status) {
    case "priced":
      return {
        status: "priced",
        cost: toDecimal(cost.cost),
        costUpper: toDecimal(cost.cost),
        currency,
        lines,
        reason: null,
      };
    case "range":
      return {
        status: "range",
        cost: toDecimal(cost.cost),
        costUpper: toDecimal(cost.costUpper),
        currency,
        lines,
        reason: cost.reason,
      };
    case "unpriced":
      return { status: "unpriced", cost: null, costUpper: null, currency, lines, reason: cost.reason };
  }
}

function lineOf({ kind, tokens, pricing }: RequestLine): Readonly<Record<string, unknown>>[] {
  if (pricing.pricing !== "priced" && pricing.pricing !== "range") return [];
  const prices = pricing.pricing === "priced" ? [pricing.line] : [pricing.lower, pricing.upper];
  return prices.map((line) => ({
    kind,
    quantity: Number(tokens),
    unitPricePerMillion: priceDecimal(line.contractedUnitPrice, 1_000_000n),
    meterName: line.meterName,
    validFrom: toIso(line.validFrom),
    layer: line.layer,
  }));
}

function unreadable(id: unknown, reason: string): Answer {
  return {
    line: { id, status: "unpriced", cost: null, costUpper: null, currency: null, lines: [], reason },
    isUnreadable: true,
  };
}

/** The value of a vocabulary whatever its case; `unknown` when nothing is told; undefined for a word it does not have. */
function oneOf<Value extends string>(
  values: readonly Value[],
  text: string | null | undefined,
): Value | "unknown" | undefined {
  const word = (text ?? "").trim().toLowerCase();
  if (word === "" || word === "unknown") return "unknown";
  return values.find((value) => value.toLowerCase() === word.replace(/[\s_-]+/g, ""));
}

function readDate(text: string): Instant | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}([T ].*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(ms) ? toInstant(ms) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
