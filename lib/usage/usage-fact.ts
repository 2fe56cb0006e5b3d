import type { Instant } from "../time/instant.ts";
import type { PriceKey } from "./price-key.ts";

/** Lower-case ARM id of a Cognitive Services account. */
export type AccountId = string & { readonly __brand: "AccountId" };

/** The customer's own name of a deployment; a label, unique only inside its account. */
export type DeploymentName = string & { readonly __brand: "DeploymentName" };

/** Hash of one identity row; `IdentityId` of nobody is the empty text. */
export type IdentityId = string & { readonly __brand: "IdentityId" };

/** Which source a number came from; sources are never mixed inside one deployment and quarter hour. */
export type TokenSource = "usage_log" | "request_response" | "gateway" | "span" | "metric";

/** How sure the tokens and their owner are. */
export type Confidence = "exact" | "estimated_split" | "estimated" | "metric_only";

/**
 * What was consumed in one UTC quarter hour under one complete key.
 * `tokens` counts only `tokenKind`, and the kinds are disjoint.
 * `cachedShareUnknown` marks input whose cached part no source tells: its price is the range from all cached to none.
 */
export type UsageFact = PriceKey & {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly operation: string;
  readonly apiVersion: string;
  readonly streamType: string;
  readonly isSpillover: boolean;
  readonly identityId: IdentityId;
  readonly tokens: bigint;
  readonly source: TokenSource;
  readonly confidence: Confidence;
  readonly cachedShareUnknown: boolean;
};

/** Requests and attempts of one UTC quarter hour; no token kind, so a request is never counted once per kind. */
export type RequestFact = {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly operation: string;
  readonly apiVersion: string;
  readonly streamType: string;
  readonly isSpillover: boolean;
  readonly status: string;
  readonly cause: RequestCause;
  readonly identityId: IdentityId;
  readonly requests: bigint;
  readonly attempts: bigint;
};

/** Why a request ended as it did, as far as its source proves it. */
export const REQUEST_CAUSES = [
  "ok",
  "throttled",
  "content_filter",
  "client_error",
  "access_denied",
  "network_closed",
  "cancelled",
  "timeout",
  "server_error",
  "gateway_policy",
  "unknown",
] as const;
export type RequestCause = (typeof REQUEST_CAUSES)[number];

/** Who called, as far as the sources tell; object ids and addresses are keyed hashes. Empty text is "not told". */
export type Identity = {
  readonly identityId: IdentityId;
  readonly apimSubscription: string;
  readonly apimProduct: string;
  readonly apimUser: string;
  readonly api: string;
  readonly backend: string;
  readonly callerHash: string;
  readonly application: string;
  readonly network: string;
  readonly tags: Readonly<Record<string, string>>;
};
