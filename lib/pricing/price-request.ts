import { type Money, sum, ZERO } from "../money/money.ts";
import { costOf } from "../money/unit-price.ts";
import type { Instant } from "../time/instant.ts";
import { contextBandOf } from "../usage/context-band.ts";
import type { ContextBand, Modality, Mode, Scope, TokenKind, Unknown } from "../usage/price-key.ts";
import { type PackageLine, packagePriceOf } from "./package-prices.ts";
import type { PriceBook } from "./price-book.ts";
import { pricingOf } from "./price-usage.ts";
import type { Pricing } from "./priced-usage.ts";
import { resolveTokenPrice } from "./resolve-price.ts";

/**
 * The usage of one request as the API reports it: cached, cache-write, audio and image tokens are inside the prompt, reasoning,
 * audio and image tokens inside the completion. Undefined is "not told".
 */
export type RequestUsage = {
  readonly promptTokens: bigint;
  readonly cachedTokens: bigint;
  readonly cacheWriteTokens: bigint;
  readonly completionTokens: bigint;
  readonly audioPromptTokens: bigint | undefined;
  readonly imagePromptTokens: bigint | undefined;
  readonly audioCachedTokens: bigint | undefined;
  readonly imageCachedTokens: bigint | undefined;
  readonly audioCompletionTokens: bigint | undefined;
  readonly imageCompletionTokens: bigint | undefined;
};

/** One request to be priced on the instant that it happened. */
export type RequestToPrice = {
  readonly model: string;
  readonly version: string;
  readonly scope: Scope | Unknown;
  readonly region: string;
  readonly mode: Mode | Unknown;
  readonly at: Instant;
  readonly usage: RequestUsage;
  /** A model-router call pays the router's input fee besides the model that served it. */
  readonly isRouted: boolean;
};

/** One priced part of a request. */
export type RequestLine = {
  readonly kind: TokenKind;
  readonly modality: Modality | Unknown;
  readonly tokens: bigint;
  readonly pricing: Pricing | PackagePricing;
};

/** The cost at a price of the last layer, which answers for single requests only. */
type PackagePricing = {
  readonly pricing: "priced";
  readonly listCost: Money;
  readonly contractedCost: Money;
  readonly line: PackageLine;
};

/** The cost of one request: exact, a range that names the unknown part, or unpriced with what could be priced in `lines`. */
export type RequestCost =
  | { readonly status: "priced"; readonly cost: Money; readonly lines: readonly RequestLine[] }
  | {
      readonly status: "range";
      readonly cost: Money;
      readonly costUpper: Money;
      readonly lines: readonly RequestLine[];
      readonly reason: string;
    }
  | { readonly status: "unpriced"; readonly lines: readonly RequestLine[]; readonly reason: string };

/** Prices one request by its own size and day. Throws a RangeError when its token counts contradict one another. */
export function priceRequest(request: RequestToPrice, book: PriceBook): RequestCost {
  const splits = tokenSplits(request.usage);
  const costs = splits.map((parts) => costOfParts(request, parts, book));
  const first = costs[0];
  if (!first) return { status: "unpriced", lines: [], reason: "no tokens" };
  return costs.slice(1).reduce((a, b) => either(a, b, "the modality of the cached tokens is not told"), first);
}

/** `isRest`: text because the other modalities of the request were told, though not those of this side of it. */
type TokenPart = {
  readonly kind: TokenKind;
  readonly modality: Modality | Unknown;
  readonly tokens: bigint;
  readonly isRest?: boolean;
};

/** The disjoint parts of a request; two alternatives when nobody tells which modality was cached. */
function tokenSplits(usage: RequestUsage): TokenPart[][] {
  const audioIn = usage.audioPromptTokens ?? 0n;
  const imageIn = usage.imagePromptTokens ?? 0n;
  const textIn = usage.promptTokens - audioIn - imageIn;
  const audioOut = usage.audioCompletionTokens ?? 0n;
  const imageOut = usage.imageCompletionTokens ?? 0n;
  const textOut = usage.completionTokens - audioOut - imageOut;
  refuseBelowZero(textIn, "audio and image tokens are more than prompt_tokens");
  refuseBelowZero(textOut, "audio and image tokens are more than completion_tokens");
  refuseBelowZero(
    usage.promptTokens - usage.cachedTokens - usage.cacheWriteTokens,
    "cached_tokens and cache_write_tokens are more than prompt_tokens",
  );
  const isPromptSplit = usage.audioPromptTokens !== undefined || usage.imagePromptTokens !== undefined;
  const isCompletionSplit = usage.audioCompletionTokens !== undefined || usage.imageCompletionTokens !== undefined;
  const rest: Modality | Unknown = isPromptSplit || isCompletionSplit ? "text" : "unknown";
  return cachedSplits(usage, textIn, audioIn, imageIn).map(([textCached, audioCached, imageCached]) => {
    refuseBelowZero(textIn - textCached - usage.cacheWriteTokens, "more text tokens are cached than were sent");
    const parts: TokenPart[] = [
      { kind: "input", modality: rest, tokens: textIn - textCached - usage.cacheWriteTokens },
      { kind: "cached_input", modality: rest, tokens: textCached },
      { kind: "cache_write", modality: rest, tokens: usage.cacheWriteTokens },
      { kind: "input", modality: "audio", tokens: audioIn - audioCached },
      { kind: "cached_input", modality: "audio", tokens: audioCached },
      { kind: "input", modality: "image", tokens: imageIn - imageCached },
      { kind: "cached_input", modality: "image", tokens: imageCached },
      { kind: "output", modality: rest, tokens: textOut, isRest: !isCompletionSplit },
      { kind: "output", modality: "audio", tokens: audioOut },
      { kind: "output", modality: "image", tokens: imageOut },
    ];
    return parts.filter(({ tokens }) => tokens > 0n);
  });
}

/** Cached text, audio and image tokens: as told, else both extremes. */
function cachedSplits(
  usage: RequestUsage,
  textIn: bigint,
  audioIn: bigint,
  imageIn: bigint,
): (readonly [bigint, bigint, bigint])[] {
  const cached = usage.cachedTokens;
  const isTold = usage.audioCachedTokens !== undefined || usage.imageCachedTokens !== undefined;
  if (isTold) {
    const audio = usage.audioCachedTokens ?? 0n;
    const image = usage.imageCachedTokens ?? 0n;
    refuseBelowZero(cached - audio - image, "audio and image cached tokens are more than cached_tokens");
    refuseBelowZero(audioIn - audio, "more audio tokens are cached than were sent");
    refuseBelowZero(imageIn - image, "more image tokens are cached than were sent");
    return [[cached - audio - image, audio, image]];
  }
  if (cached === 0n || audioIn + imageIn === 0n) return [[cached, 0n, 0n]];
  const uncachedText = textIn - usage.cacheWriteTokens;
  const mostText = smaller(cached, uncachedText);
  const mostAudio = smaller(cached, audioIn);
  const mostImage = smaller(cached - mostAudio, imageIn);
  const left = cached - mostText;
  const leftAudio = smaller(left, audioIn);
  return [
    [mostText, leftAudio, left - leftAudio],
    [cached - mostAudio - mostImage, mostAudio, mostImage],
  ];
}

function costOfParts(request: RequestToPrice, parts: readonly TokenPart[], book: PriceBook): RequestCost {
  const band = contextBandOf(request.usage.promptTokens);
  const lines = parts.map((part) => lineOf(request, part, band, request.model, request.version, book));
  const routed = { kind: "input", modality: "unknown", tokens: request.usage.promptTokens } as const;
  const all = request.isRouted ? [...lines, lineOf(request, routed, band, "model-router", "", book)] : lines;
  const unpriced = all.find(({ pricing }) => pricing.pricing === "unpriced");
  if (unpriced?.pricing.pricing === "unpriced") {
    const told = unpriced.pricing.reason === "unknown-model" ? linesOfPackage(request, parts, book) : undefined;
    if (told) return { status: "priced", cost: sum(told.map(({ pricing }) => pricing.contractedCost)), lines: told };
    return { status: "unpriced", lines: all, reason: `${unpriced.kind}: ${REASONS[unpriced.pricing.reason]}` };
  }
  const range = all.find(({ pricing }) => pricing.pricing === "range");
  const cost = sum(all.map(({ pricing }) => ("contractedCost" in pricing ? pricing.contractedCost : ZERO)));
  if (range?.pricing.pricing !== "range") return { status: "priced", cost, lines: all };
  const costUpper = sum(
    all.map(({ pricing }) =>
      pricing.pricing === "range"
        ? pricing.contractedCostUpper
        : pricing.pricing === "priced"
          ? pricing.contractedCost
          : ZERO,
    ),
  );
  const reason = `${range.pricing.unknownPart} is not told, and the candidate prices differ`;
  return { status: "range", cost, costUpper, lines: all, reason };
}

function lineOf(
  request: RequestToPrice,
  part: TokenPart,
  contextBand: ContextBand,
  model: string,
  version: string,
  book: PriceBook,
): RequestLine {
  const { scope, region, mode } = request;
  const { kind, tokens, modality } = part;
  const key = { model, version, scope, region, mode, contextBand, tokenKind: kind, modality };
  const resolution = resolveTokenPrice(key, request.at, book);
  // An image model answers in images and has no meter for text.
  const isOther = resolution.kind === "none" && resolution.reason === "no-meter" && part.isRest === true;
  const answered = isOther ? resolveTokenPrice({ ...key, modality: "unknown" }, request.at, book) : resolution;
  return { kind, tokens, modality: isOther ? "unknown" : modality, pricing: pricingOf(tokens, answered) };
}

/**
 * Every part at the last layer's price; undefined unless it has one for each of them. It knows Global text in US dollars at the
 * standard rate and no router fee.
 */
function linesOfPackage(request: RequestToPrice, parts: readonly TokenPart[], book: PriceBook) {
  const { scope, mode, isRouted, usage } = request;
  if (scope !== "Global" || mode !== "standard" || isRouted || book.currency !== "USD") return undefined;
  const price = packagePriceOf(request.model, request.version, request.at);
  if (!price) return undefined;
  const lines = parts.flatMap(({ kind, modality, tokens }) => {
    const line = modality === "audio" || modality === "image" ? undefined : price(kind, usage.promptTokens);
    if (!line) return [];
    const cost = costOf(tokens, line.listUnitPrice);
    return [
      { kind, modality, tokens, pricing: { pricing: "priced" as const, listCost: cost, contractedCost: cost, line } },
    ];
  });
  return lines.length === parts.length ? lines : undefined;
}

const REASONS = {
  "unknown-model": "the price book does not know the model",
  "no-price-in-period": "the meter has no price on that day",
  "ambiguous-version": "the version is not told and its versions have different prices",
  "no-meter": "no meter matches the scope, region, mode, context band, kind and modality",
} as const;

function either(a: RequestCost, b: RequestCost, reason: string): RequestCost {
  if (a.status === "unpriced") return a;
  if (b.status === "unpriced") return b;
  const cost = smaller(a.cost, b.cost);
  const [upperA, upperB] = [a.status === "range" ? a.costUpper : a.cost, b.status === "range" ? b.costUpper : b.cost];
  const costUpper = upperA === smaller(upperA, upperB) ? upperB : upperA;
  const lines = a.cost <= b.cost ? a.lines : b.lines;
  return cost === costUpper ? { status: "priced", cost, lines } : { status: "range", cost, costUpper, lines, reason };
}

function smaller<Amount extends bigint>(a: Amount, b: Amount): Amount {
  if (a < b) return a;
  return b;
}

function refuseBelowZero(tokens: bigint, message: string): void {
  if (tokens < 0n) throw new RangeError(message);
}
