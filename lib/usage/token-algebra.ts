import type { TokenKind } from "./price-key.ts";

/** Whose token arithmetic holds: OpenAI counts cached tokens inside the prompt, Anthropic beside it. */
export type Publisher = "openai" | "anthropic";

/** The publisher of a model, by its name and by the API that the log names. */
export function publisherOf(model: string, apiName: string): Publisher {
  return /claude|anthropic/i.test(model) || /anthropic/i.test(apiName) ? "anthropic" : "openai";
}

/** Tokens as a source tells them. `unsplitPrompt` is the part of `prompt` whose cached share no row tells. */
export type ReportedTokens = {
  readonly prompt: bigint;
  readonly cached: bigint;
  readonly unsplitPrompt: bigint;
  readonly output: bigint;
};

/** Disjoint tokens of one kind; `cachedShareUnknown` input may have been cached in any part. */
export type ChargedTokens = {
  readonly tokenKind: TokenKind;
  readonly tokens: bigint;
  readonly cachedShareUnknown: boolean;
};

/** Disjoint kinds of token from what a source reports; kinds without tokens are left out. */
export function chargedTokens(reported: ReportedTokens, publisher: Publisher): ChargedTokens[] {
  const known = reported.prompt - reported.unsplitPrompt;
  const cachedInside = publisher === "openai" ? smaller(reported.cached, known) : 0n;
  const cached = publisher === "openai" ? cachedInside : reported.cached;
  const unsplit = publisher === "openai" ? reported.unsplitPrompt : 0n;
  const input = publisher === "openai" ? known - cachedInside : reported.prompt;
  const kinds: ChargedTokens[] = [
    { tokenKind: "input", tokens: input, cachedShareUnknown: false },
    { tokenKind: "input", tokens: unsplit, cachedShareUnknown: true },
    { tokenKind: "cached_input", tokens: cached, cachedShareUnknown: false },
    { tokenKind: "output", tokens: reported.output, cachedShareUnknown: false },
  ];
  return kinds.filter((kind) => kind.tokens > 0n);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
