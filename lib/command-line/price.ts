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
    '   "completion_tokens","reasoning_tokens","total_tokens","audio_prompt_tokens","audio_completion_tokens","audio_cached_tokens",',
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

/** A count of tokens: a whole number that JSON keeps exactly, or its digits as text; told nothing is undefined. */
const tokens = z
  .unknown()
  .transform((value, context): bigint | undefined => {
    if (value === null || value === undefined) return undefined;
    const fault = faultOfCount(value);
    if (fault === undefined) return BigInt(String(value));
    context.issues.push({ code: "custom", message: fault, input: value });
    return z.NEVER;
  })
  .optional();

function faultOfCount(value: unknown): string | undefined {
  if (typeof value === "string") return /^\d{1,18}$/.test(value) ? undefined : `"${value}" is not a whole number`;
  if (typeof value !== "number") return "is not a number";
  if (value < 0) return "is negative";
  if (!Number.isInteger(value)) return "is not a whole number";
  return Number.isSafeInteger(value) ? undefined : "is too large to be exact; write it as text";
}

/** The parts of the prompt or the completion as the API itself nests them. */
const details = z
  .object(
    { cached_tokens: tokens, audio_tokens: tokens, image_tokens: tokens },
    { error: "is not an object of token counts" },
  )
  .nullish();

const optionalText = z.string({ error: "is not text" }).nullish();

const requestSchema = z.object(
  {
    model: requiredText("is not text").refine((text) => text.trim() !== "", "is missing"),
    version: optionalText,
    scope: optionalText,
    region: optionalText,
    mode: optionalText,
    date: requiredText("is not a date such as 2026-09-15"),
    router: z.boolean({ error: "is not true or false" }).nullish(),
    usage: z.object(
      {
        prompt_tokens: tokens,
        input_tokens: tokens,
        cached_tokens: tokens,
        cache_write_tokens: tokens,
        completion_tokens: tokens,
        output_tokens: tokens,
        reasoning_tokens: tokens,
        total_tokens: tokens,
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
      {
        error: ({ input }) =>
          input === undefined || input === null ? "is missing" : "is not an object of token counts",
      },
    ),
  },
  { error: "is not one request as a JSON object" },
);

function requiredText(fault: string) {
  return z.string({ error: ({ input }) => (input === undefined || input === null ? "is missing" : fault) });
}

type Answer = { readonly line: Readonly<Record<string, unknown>>; readonly isUnreadable: boolean };

/** Prices one parsed line; whatever is wrong with it becomes its reason. */
export function priceLine(value: unknown, book: PriceBook): Answer {
  const id = isRecord(value) ? (value.id ?? null) : null;
  const parsed = requestSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return unreadable(id, `${issue?.path.join(".") || "the line"} ${issue?.message ?? "cannot be read"}`);
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
  if (/provisioned|ptu/i.test(line.mode ?? "")) {
    return "tokens of provisioned capacity have no price of their own: the capacity is billed by the hour";
  }
  const mode = oneOf(MODES, line.mode);
  if (mode === undefined) return `mode "${line.mode}" is none of ${MODES.join(", ")}`;
  const at = readDate(line.date);
  if (at === undefined) return `date "${line.date}" is not a date such as 2026-09-15`;
  const { usage } = line;
  const prompt = usage.prompt_tokens_details ?? usage.input_tokens_details;
  const completion = usage.completion_tokens_details ?? usage.output_tokens_details;
  const promptTokens = usage.prompt_tokens ?? usage.input_tokens;
  const completionTokens = outputOf(line.model, usage, promptTokens);
  if (promptTokens === undefined && completionTokens === undefined) {
    return "usage tells neither prompt_tokens nor completion_tokens";
  }
  if (completionTokens !== undefined && completionTokens < 0n) return "total_tokens is less than prompt_tokens";
  return {
    model: line.model,
    version: line.version ?? "",
    scope,
    region: line.region ?? "",
    mode,
    at,
    isRouted: line.router ?? false,
    usage: {
      promptTokens: promptTokens ?? 0n,
      cachedTokens: usage.cached_tokens ?? prompt?.cached_tokens ?? 0n,
      cacheWriteTokens: usage.cache_write_tokens ?? 0n,
      completionTokens: completionTokens ?? 0n,
      audioPromptTokens: usage.audio_prompt_tokens ?? prompt?.audio_tokens,
      imagePromptTokens: usage.image_prompt_tokens ?? prompt?.image_tokens,
      audioCachedTokens: usage.audio_cached_tokens ?? usage.cached_audio_tokens,
      imageCachedTokens: usage.image_cached_tokens ?? usage.cached_image_tokens,
      audioCompletionTokens: usage.audio_completion_tokens ?? completion?.audio_tokens,
      imageCompletionTokens: usage.image_completion_tokens ?? completion?.image_tokens,
    },
  };
}

/**
 * Output as it is billed: reasoning is inside the completion. xAI's models tell it beside the completion, so theirs is the total
 * less the prompt (pricing reference, section 6).
 */
function outputOf(
  model: string,
  usage: z.infer<typeof requestSchema>["usage"],
  promptTokens: bigint | undefined,
): bigint | undefined {
  const completion = usage.completion_tokens ?? usage.output_tokens;
  if (!/^grok\b/i.test(model)) return completion;
  if (usage.total_tokens !== undefined && promptTokens !== undefined) return usage.total_tokens - promptTokens;
  return completion === undefined ? undefined : completion + (usage.reasoning_tokens ?? 0n);
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
    // A count beyond what JSON's numbers keep is its digits as text, as it came.
    quantity: tokens <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(tokens) : tokens.toString(),
    unitPricePerMillion: priceDecimal(line.contractedUnitPrice, 1_000_000n),
    meterName: line.meterName,
    validFrom: line.validFrom === null ? null : toIso(line.validFrom),
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

/** A day is its UTC midnight; a time without a zone is UTC too, wherever this runs. A day that no calendar has is none. */
function readDate(text: string): Instant | undefined {
  const [, day, time = "", zone = "Z"] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text.trim()) ?? [];
  if (day === undefined || new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) return undefined;
  const ms = Date.parse(time === "" ? `${day}T00:00:00Z` : `${day}T${time}${zone}`);
  return Number.isFinite(ms) ? toInstant(ms) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
