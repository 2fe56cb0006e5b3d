import type { DemoAccountName } from "./accounts.ts";
import type { DemandProfile } from "./calendar.ts";

/** The eight teams that own something; everything else is nobody's. */
export const DEMO_TEAMS = [
  "checkout",
  "data-platform",
  "legal",
  "marketing",
  "mobile",
  "risk",
  "search",
  "support",
] as const;
export type DemoTeam = (typeof DEMO_TEAMS)[number];

/** How a call reaches Azure OpenAI, and so which source can tell who made it. */
export type DemoPath =
  | { readonly via: "gateway"; readonly api: DemoApi; readonly subscription: string; readonly product: string }
  | { readonly via: "entra"; readonly objectId: string }
  | { readonly via: "key" };

/**
 * The gateway's APIs. `openai-v2` logs Azure OpenAI's `apim-request-id`, so its calls join the resource log exactly;
 * `openai-eu-classic` does not, and is the only way to `chat-eu`.
 */
export type DemoApi = "openai-v2" | "openai-eu-classic";

/** An application that writes spans; one call in `itemCount` is sampled and stands for that many. */
export type DemoApplication = { readonly role: string; readonly agent: string; readonly itemCount: number };

/** The spread of a token count around its median. */
export type TokenShape = { readonly median: number; readonly spread: number; readonly max: number };

/** One stream of calls of the same kind: who calls what, how, how often, how large. */
export type Workload = {
  readonly name: string;
  /** Who owns it in truth; null is nobody. */
  readonly team: DemoTeam | null;
  readonly path: DemoPath;
  readonly application: DemoApplication | null;
  readonly account: DemoAccountName;
  readonly deployment: string;
  readonly operation: "ChatCompletions_Create" | "create_response" | "Embeddings_Create" | "Batch_Line";
  readonly apiVersion: string;
  readonly isStream: boolean;
  readonly perDay: number;
  readonly profile: DemandProfile;
  readonly utcOffset: number;
  readonly prompt: TokenShape;
  /** Share of calls with a cache hit, and the share of their prompt that is cached. */
  readonly cacheHits: number;
  readonly cachedShare: number;
  readonly output: TokenShape;
  /** Reasoning tokens as a share of the output. */
  readonly reasoning: number;
  /** A daily burst: calls per minute from an hour (UTC) on, growing over the demo. */
  readonly burst: {
    readonly hour: number;
    readonly minutes: number;
    readonly fromPerMinute: number;
    readonly toPerMinute: number;
  } | null;
  /** A share of calls whose prompt is far over 272k tokens. */
  readonly longPrompts: number;
};

const CHAT = "ChatCompletions_Create";
const RESPONSES = "create_response";
const EMBEDDINGS = "Embeddings_Create";

const SHORT: TokenShape = { median: 420, spread: 0.5, max: 4_000 };
const MEDIUM: TokenShape = { median: 3_200, spread: 0.55, max: 24_000 };
const LARGE: TokenShape = { median: 18_000, spread: 0.55, max: 110_000 };
const REPLY: TokenShape = { median: 260, spread: 0.6, max: 1_800 };
const LONG_REPLY: TokenShape = { median: 880, spread: 0.6, max: 6_000 };
const LABEL: TokenShape = { median: 24, spread: 0.4, max: 120 };
const NOTHING: TokenShape = { median: 0, spread: 0, max: 0 };

const SHARED_APPS = { via: "gateway", api: "openai-v2", subscription: "apps-shared", product: "ai-standard" } as const;

/** Every workload of the demo company, in the order in which they are numbered. */
export const WORKLOADS: readonly Workload[] = [
  chat(
    "checkout-chat",
    "checkout",
    gateway("team-checkout"),
    "aoai-prod-eus2/chat-prod",
    700,
    "consumer",
    -5,
    MEDIUM,
    REPLY,
    { isStream: true, cacheHits: 0.6, cachedShare: 0.7 },
  ),
  chat(
    "support-chat",
    "support",
    gateway("team-support"),
    "aoai-prod-eus2/chat-prod",
    520,
    "office",
    -5,
    MEDIUM,
    REPLY,
    { isStream: true, cacheHits: 0.5, cachedShare: 0.6 },
  ),
  chat(
    "marketing-copy",
    "marketing",
    gateway("team-marketing"),
    "aoai-prod-eus2/chat-prod",
    260,
    "office",
    -5,
    SHORT,
    LONG_REPLY,
    {},
  ),
  chat(
    "support-triage",
    "support",
    gateway("team-support"),
    "aoai-prod-eus2/assistant-fast",
    900,
    "consumer",
    -5,
    SHORT,
    LABEL,
    {},
  ),
  chat(
    "mobile-assistant",
    "mobile",
    gateway("team-mobile"),
    "aoai-prod-eus2/assistant-fast",
    760,
    "consumer",
    -8,
    MEDIUM,
    REPLY,
    { isStream: true, cacheHits: 0.45, cachedShare: 0.5 },
  ),
  chat(
    "legacy-portal",
    null,
    gateway("legacy-portal"),
    "aoai-prod-eus2/assistant-fast",
    210,
    "office",
    -5,
    SHORT,
    REPLY,
    {},
  ),
  chat(
    "risk-review",
    "risk",
    entra("7a4d2a4e-51ce-4f0e-8d1b-2d2f7f3a9c11"),
    "aoai-prod-eus2/reasoner",
    240,
    "office",
    -5,
    LARGE,
    LONG_REPLY,
    { reasoning: 0.6, operation: RESPONSES, apiVersion: "2025-04-01-preview", cacheHits: 0.3, cachedShare: 0.4 },
  ),
  chat(
    "legal-questions",
    "legal",
    gateway("team-legal"),
    "aoai-prod-eus2/reasoner",
    90,
    "office",
    0,
    LARGE,
    LONG_REPLY,
    { reasoning: 0.55, operation: RESPONSES, apiVersion: "2025-04-01-preview" },
  ),
  embed("search-index", "search", gateway("team-search"), "aoai-prod-eus2/search-vectors", 700, "always", 0),
  embed(
    "search-query",
    "search",
    entra("2e9b6c70-1f84-4d3a-a6b2-c05d8e71f394"),
    "aoai-prod-eus2/search-vectors",
    900,
    "consumer",
    -5,
  ),
  chat(
    "search-answers",
    "search",
    gateway("team-search"),
    "aoai-prod-eus2/flagship",
    2_000,
    "consumer",
    -5,
    LARGE,
    REPLY,
    { isStream: true, operation: RESPONSES, apiVersion: "2025-04-01-preview", cacheHits: 0.7, cachedShare: 0.75 },
  ),
  chat("risk-reports", "risk", gateway("team-risk"), "aoai-prod-eus2/flagship", 600, "office", -5, LARGE, LONG_REPLY, {
    operation: RESPONSES,
    apiVersion: "2025-04-01-preview",
  }),
  chat(
    "contract-reading",
    "legal",
    entra("c61f08d2-7ab9-4e05-93cd-f4182b6a7e50"),
    "aoai-prod-eus2/contracts-long",
    300,
    "office",
    0,
    { median: 90_000, spread: 0.35, max: 250_000 },
    LONG_REPLY,
    { operation: RESPONSES, apiVersion: "2025-04-01-preview", longPrompts: 0.14, cacheHits: 0.4, cachedShare: 0.5 },
  ),
  chat(
    "checkout-core",
    "checkout",
    gateway("team-checkout"),
    "aoai-prod-eus2/core-ptu",
    2_200,
    "consumer",
    -5,
    MEDIUM,
    { median: 300, spread: 0.4, max: 1_200 },
    {
      isStream: true,
      cacheHits: 0.3,
      cachedShare: 0.5,
      burst: { hour: 17, minutes: 10, fromPerMinute: 20, toPerMinute: 36 },
    },
  ),
  chat("order-agents", "checkout", SHARED_APPS, "aoai-prod-eus2/agent-core", 1_400, "consumer", -5, LARGE, REPLY, {
    application: app("checkout-assistant", "order-helper"),
    operation: RESPONSES,
    apiVersion: "2025-04-01-preview",
    cacheHits: 0.6,
    cachedShare: 0.6,
  }),
  chat("campaign-agents", "marketing", SHARED_APPS, "aoai-prod-eus2/agent-core", 240, "office", -5, LARGE, LONG_REPLY, {
    application: app("campaign-writer", "campaign-planner"),
    operation: RESPONSES,
    apiVersion: "2025-04-01-preview",
    cacheHits: 0.3,
    cachedShare: 0.4,
  }),
  chat("support-eu", "support", gateway("team-support"), "aoai-prod-swc/chat-prod", 360, "office", 1, MEDIUM, REPLY, {
    isStream: true,
    cacheHits: 0.4,
    cachedShare: 0.5,
  }),
  chat("mobile-eu", "mobile", gateway("team-mobile"), "aoai-prod-swc/chat-prod", 300, "consumer", 1, MEDIUM, REPLY, {
    isStream: true,
    cacheHits: 0.4,
    cachedShare: 0.5,
  }),
  chat(
    "checkout-eu",
    "checkout",
    gateway("team-checkout", "openai-eu-classic"),
    "aoai-prod-swc/chat-eu",
    420,
    "consumer",
    1,
    MEDIUM,
    REPLY,
    { cacheHits: 0.4, cachedShare: 0.5 },
  ),
  chat(
    "marketing-eu",
    "marketing",
    gateway("team-marketing", "openai-eu-classic"),
    "aoai-prod-swc/chat-eu",
    160,
    "office",
    1,
    SHORT,
    LONG_REPLY,
    {},
  ),
  chat(
    "search-eu",
    "search",
    gateway("team-search", "openai-eu-classic"),
    "aoai-prod-swc/chat-eu",
    240,
    "consumer",
    1,
    LARGE,
    REPLY,
    { cacheHits: 0.5, cachedShare: 0.6 },
  ),
  chat("mobile-copilot", "mobile", { via: "key" }, "aoai-prod-swc/copilot-mini", 560, "consumer", 1, MEDIUM, REPLY, {
    isStream: true,
    application: app("mobile-copilot", "trip-helper"),
    cacheHits: 0.3,
    cachedShare: 0.4,
  }),
  chat(
    "risk-screening",
    "risk",
    entra("7a4d2a4e-51ce-4f0e-8d1b-2d2f7f3a9c11"),
    "aoai-data-eus/invoices",
    420,
    "always",
    1,
    SHORT,
    LABEL,
    { application: app("risk-screening", "", 5) },
  ),
  embed("support-knowledge", "support", gateway("team-support"), "aoai-prod-swc/vectors-eu", 700, "always", 1),
  chat(
    "night-summaries",
    "data-platform",
    { via: "key" },
    "aoai-data-eus/nightly-batch",
    420,
    "night",
    -5,
    LARGE,
    LONG_REPLY,
    { operation: "Batch_Line" },
  ),
  chat(
    "extract-contracts",
    "data-platform",
    entra("91d5e3b8-0c27-4f6a-8e94-57ab60d2c1f3"),
    "aoai-data-eus/extract-regional",
    1_200,
    "night",
    -5,
    LARGE,
    REPLY,
    { cacheHits: 0.5, cachedShare: 0.5 },
  ),
  chat(
    "legal-extract",
    "legal",
    gateway("team-legal"),
    "aoai-data-eus/extract-regional",
    160,
    "office",
    0,
    LARGE,
    REPLY,
    {},
  ),
  chat(
    "classify-mail",
    "data-platform",
    { via: "key" },
    "aoai-data-eus/doc-classifier",
    480,
    "always",
    -5,
    SHORT,
    LABEL,
    { cacheHits: 0.2, cachedShare: 0.5 },
  ),
  chat(
    "invoice-lines",
    "data-platform",
    entra("91d5e3b8-0c27-4f6a-8e94-57ab60d2c1f3"),
    "aoai-data-eus/invoices",
    420,
    "office",
    -5,
    MEDIUM,
    REPLY,
    {},
  ),
  chat(
    "unknown-invoices",
    null,
    entra("e40a7c19-5d63-4b82-9f0e-3c6d81b5a278"),
    "aoai-data-eus/invoices",
    90,
    "always",
    0,
    SHORT,
    REPLY,
    {},
  ),
  chat("lab-notebooks", null, { via: "key" }, "aoai-labs-eus2/sandbox", 130, "office", -8, MEDIUM, LONG_REPLY, {
    reasoning: 0.5,
  }),
  chat(
    "lab-research",
    "risk",
    entra("5b27d9e4-8c10-4a6f-b3d8-16f09e7c42a5"),
    "aoai-labs-eus2/deep-think",
    60,
    "office",
    -8,
    LARGE,
    { median: 1_600, spread: 0.5, max: 9_000 },
    { reasoning: 0.75, operation: RESPONSES, apiVersion: "2025-04-01-preview" },
  ),
  chat(
    "lab-preview",
    "search",
    entra("2e9b6c70-1f84-4d3a-a6b2-c05d8e71f394"),
    "aoai-labs-eus2/experimental",
    90,
    "office",
    -8,
    MEDIUM,
    REPLY,
    { operation: RESPONSES, apiVersion: "2025-04-01-preview" },
  ),
];

function gateway(subscription: string, api: DemoApi = "openai-v2"): DemoPath {
  return { via: "gateway", api, subscription, product: "ai-standard" };
}

function entra(objectId: string): DemoPath {
  return { via: "entra", objectId };
}

function app(role: string, agent: string, itemCount = 1): DemoApplication {
  return { role, agent, itemCount };
}

function chat(
  name: string,
  team: DemoTeam | null,
  path: DemoPath,
  target: `${DemoAccountName}/${string}`,
  perDay: number,
  profile: DemandProfile,
  utcOffset: number,
  prompt: TokenShape,
  output: TokenShape,
  more: Partial<Workload>,
): Workload {
  const [account, deployment = ""] = target.split("/") as [DemoAccountName, string];
  return {
    name,
    team,
    path,
    application: null,
    account,
    deployment,
    operation: CHAT,
    apiVersion: "2024-10-21",
    isStream: false,
    perDay,
    profile,
    utcOffset,
    prompt,
    cacheHits: 0,
    cachedShare: 0,
    output,
    reasoning: 0,
    burst: null,
    longPrompts: 0,
    ...more,
  };
}

function embed(
  name: string,
  team: DemoTeam,
  path: DemoPath,
  target: `${DemoAccountName}/${string}`,
  perDay: number,
  profile: DemandProfile,
  utcOffset: number,
): Workload {
  return chat(name, team, path, target, perDay, profile, utcOffset, SHORT, NOTHING, { operation: EMBEDDINGS });
}
