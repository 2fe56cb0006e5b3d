/** Deployment scope: where Azure may process a request; part of the price. */
export const SCOPES = ["Global", "DataZone", "Regional"] as const;
export type Scope = (typeof SCOPES)[number];

export const MODES = ["standard", "batch", "priority", "flex"] as const;
export type Mode = (typeof MODES)[number];

/** Disjoint kinds of token: `input` is the uncached part of the prompt. */
export const TOKEN_KINDS = ["input", "cached_input", "cache_write", "output"] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

export const MODALITIES = ["text", "audio", "image"] as const;
export type Modality = (typeof MODALITIES)[number];

/** The band of one request's prompt size; `any` where the model has one price for all sizes. */
export const CONTEXT_BANDS = ["any", "short", "long"] as const;
export type ContextBand = (typeof CONTEXT_BANDS)[number];

/** A part of the price key that the sources may not tell. */
export type Unknown = "unknown";

/** Everything that decides the price of a token, except the day. */
export type PriceKey = {
  readonly model: string;
  readonly version: string;
  readonly scope: Scope | Unknown;
  readonly region: string;
  readonly mode: Mode | Unknown;
  readonly contextBand: ContextBand | Unknown;
  readonly tokenKind: TokenKind;
  readonly modality: Modality | Unknown;
};
