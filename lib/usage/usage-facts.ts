import type { GatewayRow } from "../queries/gateway-by-quarter-hour.ts";
import type { FoldedRequests } from "../queries/logged-calls.ts";
import type { SpanRow } from "../queries/spans-by-quarter-hour.ts";
import type { UsageRow } from "../queries/usage-by-quarter-hour.ts";
import type { Instant } from "../time/instant.ts";
import { skuMeaning } from "./deployment-sku.ts";
import { createIdentities, NOBODY } from "./identity.ts";
import type { Inventory } from "./inventory-lookup.ts";
import { metricRemainder } from "./metric-remainder.ts";
import { operationOf } from "./operations.ts";
import type { ContextBand, Modality, TokenKind, Unknown } from "./price-key.ts";
import { type SplitWeight, splitTokens } from "./split-tokens.ts";
import { chargedTokens, publisherOf, type ReportedTokens } from "./token-algebra.ts";
import type { AccountId, Confidence, DeploymentName, Identity, TokenSource, UsageFact } from "./usage-fact.ts";

/** Tokens of one deployment and quarter hour as the platform metric counts them. */
export type MetricTokens = {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly prompt: bigint;
  readonly output: bigint;
};

/** Everything that the sources tell about a window. Null: the source is not connected, which is not the same as no rows. */
export type WindowRows = {
  readonly usage: readonly UsageRow[];
  /** By minute or by quarter hour. */
  readonly requests: readonly FoldedRequests[];
  readonly gateway: readonly GatewayRow[] | null;
  readonly spans: readonly SpanRow[] | null;
  readonly metricTokens: readonly MetricTokens[] | null;
};

/** What the mapping needs to know besides the rows. */
export type UsageContext = {
  readonly inventory: Inventory;
  /** The key under which caller ids are hashed. */
  readonly hmacKey: Uint8Array;
  /** Keyed hashes of the gateways' own identities: a call of theirs says nothing of who called the gateway. */
  readonly gatewayCallers: ReadonlySet<string>;
  /** Whether the price of a model depends on the size of one request. */
  readonly hasContextBands: (model: string, version: string) => boolean;
  /** Accounts that hosts of gateways and spans may mean, besides those of the inventory: lower-case ARM ids. */
  readonly accounts: readonly string[];
};

/** A fact with the identity that its `identityId` names; owners are found by it before identities are capped. */
export type IdentifiedFact = { readonly fact: UsageFact; readonly identity: Identity };

/** Usage facts of a window: per deployment and quarter hour from the first source that has tokens, and what metrics count beyond. */
export function usageFacts(rows: WindowRows, context: UsageContext): IdentifiedFact[] {
  const identities = createIdentities(context.hmacKey);
  const accountOf = hostResolver(rows, context);
  const slots = slotsOf(rows, accountOf);
  return [...slots.values()].toSorted(bySlot).flatMap((slot) => factsOfSlot(slot, context, identities.identify));
}

/** The keyed hashes of callers on calls that a gateway made: the gateway's own identities. */
export function gatewayCallersOf(rows: readonly UsageRow[], hmacKey: Uint8Array): Set<string> {
  const identities = createIdentities(hmacKey);
  const nobody = { apimSubscription: "", apimProduct: "", apimUser: "", api: "", backend: "", application: "" };
  return new Set(
    rows
      .filter((row) => row.isJoined && row.caller !== "")
      .map((row) => identities.identify({ caller: row.caller, ...nobody }).callerHash),
  );
}

/** Finds the account that a host of a backend or a span's target means. */
export function hostResolver(
  rows: Pick<WindowRows, "usage" | "requests">,
  context: Pick<UsageContext, "inventory" | "accounts">,
): (host: string) => AccountId {
  const byName = new Map<string, AccountId>();
  for (const account of [
    ...context.accounts,
    ...rows.usage.map((row) => row.account),
    ...rows.requests.map((row) => row.account),
  ]) {
    byName.set(account.slice(account.lastIndexOf("/") + 1).toLowerCase(), account.toLowerCase() as AccountId);
  }
  return (host) => {
    const label = host.split(".")[0]?.toLowerCase() ?? "";
    return byName.get(label) ?? context.inventory.accountOfHost(host) ?? (label as AccountId);
  };
}

type Slot = {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly usage: UsageRow[];
  readonly gateway: GatewayRow[];
  readonly spans: SpanRow[];
  readonly metric: MetricTokens[];
};

function slotsOf(rows: WindowRows, accountOf: (host: string) => AccountId): Map<string, Slot> {
  const slots = new Map<string, Slot>();
  const slot = (quarterHour: Instant, account: string, deployment: string): Slot => {
    const key = `${quarterHour}\u0000${account}\u0000${deployment}`;
    const known = slots.get(key);
    if (known) return known;
    const made: Slot = {
      quarterHour,
      account: account as AccountId,
      deployment: deployment as DeploymentName,
      usage: [],
      gateway: [],
      spans: [],
      metric: [],
    };
    slots.set(key, made);
    return made;
  };
  for (const row of rows.usage) slot(row.quarterHour, row.account, row.deployment).usage.push(row);
  for (const row of rows.gateway ?? []) {
    if (row.withTokens > 0n) slot(row.quarterHour, accountOf(row.host), row.deployment).gateway.push(row);
  }
  for (const row of rows.spans ?? []) slot(row.quarterHour, accountOf(row.host), row.deployment).spans.push(row);
  for (const row of rows.metricTokens ?? []) slot(row.quarterHour, row.account, row.deployment).metric.push(row);
  return slots;
}

function bySlot(a: Slot, b: Slot): number {
  if (a.quarterHour !== b.quarterHour) return a.quarterHour - b.quarterHour;
  if (a.account !== b.account) return a.account < b.account ? -1 : 1;
  return a.deployment < b.deployment ? -1 : a.deployment > b.deployment ? 1 : 0;
}

type Identify = ReturnType<typeof createIdentities>["identify"];

/** Tokens under one key before they are merged, with who called. */
type Draft = {
  readonly key: Omit<UsageFact, "tokens" | "identityId" | "confidence">;
  readonly tokens: bigint;
  readonly identity: Identity;
  readonly confidence: Confidence;
};

function factsOfSlot(slot: Slot, context: UsageContext, identify: Identify): IdentifiedFact[] {
  const { source, drafts } = loggedDrafts(slot, context, identify);
  const owned = source === "usage_log" || source === "request_response" ? splitPool(slot, drafts, identify) : drafts;
  return merge([...owned, ...remainderDrafts(slot, drafts, context, identify)]);
}

function loggedDrafts(
  slot: Slot,
  context: UsageContext,
  identify: Identify,
): { source: TokenSource | null; drafts: Draft[] } {
  for (const source of ["usage_log", "request_response"] as const) {
    const rows = slot.usage.filter((row) => row.source === source);
    if (rows.length > 0) return { source, drafts: rows.flatMap((row) => draftsOfUsage(slot, row, context, identify)) };
  }
  if (slot.gateway.length > 0) {
    return { source: "gateway", drafts: slot.gateway.flatMap((row) => draftsOfGateway(slot, row, context, identify)) };
  }
  if (slot.spans.some((row) => row.prompt + row.completion > 0n)) {
    return { source: "span", drafts: slot.spans.flatMap((row) => draftsOfSpan(slot, row, context, identify)) };
  }
  return { source: null, drafts: [] };
}

function draftsOfUsage(slot: Slot, row: UsageRow, context: UsageContext, identify: Identify): Draft[] {
  const isEmbedding = operationOf(row.operation).class === "embeddings";
  const reported = {
    prompt: row.prompt,
    cached: row.cached,
    unsplitPrompt: isEmbedding ? 0n : row.unsplit,
    output: row.output,
  };
  return draftsOf(slot, row, reported, row.source, "exact", callerOfRow(row, context, identify), context);
}

/** Who made a call of the accounts' own log; a gateway's own identity is nobody. */
function callerOfRow(row: UsageRow, context: UsageContext, identify: Identify): Identity {
  const direct = identify({ ...NO_CALLER, caller: row.caller });
  if (row.isJoined)
    return identify({ ...row, caller: context.gatewayCallers.has(direct.callerHash) ? "" : row.caller });
  return context.gatewayCallers.has(direct.callerHash) ? identify(NO_CALLER) : direct;
}

const NO_CALLER = {
  caller: "",
  apimSubscription: "",
  apimProduct: "",
  apimUser: "",
  api: "",
  backend: "",
  application: "",
};

function draftsOfGateway(slot: Slot, row: GatewayRow, context: UsageContext, identify: Identify): Draft[] {
  const told = { ...NOTHING_TOLD, ...modelOfResponse(row.model, slot, context), operation: "", streamType: "" };
  const reported = { prompt: row.prompt, cached: 0n, unsplitPrompt: row.prompt, output: row.completion };
  return draftsOf(slot, told, reported, "gateway", "exact", identify({ ...row, caller: "" }), context);
}

function draftsOfSpan(slot: Slot, row: SpanRow, context: UsageContext, identify: Identify): Draft[] {
  const told = { ...NOTHING_TOLD, ...modelOfResponse(row.model, slot, context), operation: row.operation };
  const isSplit = row.cachedKnown === row.spans || row.operation === "embeddings";
  const reported = {
    prompt: row.prompt,
    cached: isSplit ? row.cached : 0n,
    unsplitPrompt: isSplit ? 0n : row.prompt,
    output: row.completion,
  };
  const identity = identify({ ...NO_CALLER, application: row.application });
  return draftsOf(slot, told, reported, "span", row.sampled > 0n ? "estimated" : "exact", identity, context);
}

const NOTHING_TOLD = { model: "", version: "", region: "", operation: "", apiName: "", streamType: "", isLong: null };

/**
 * A served model as responses write it: `gpt-4o-2024-11-20`, `text-embedding-3-large-1`. Where the inventory knows the model,
 * what follows its name is the version; else only a date is.
 */
function modelOfResponse(name: string, slot: Slot, context: UsageContext): { model: string; version: string } {
  const known = context.inventory.at(slot.account, slot.deployment, slot.quarterHour)?.row.model.toLowerCase() ?? "";
  if (known !== "" && name.toLowerCase().startsWith(`${known}-`)) {
    return { model: name.slice(0, known.length), version: name.slice(known.length + 1) };
  }
  const dated = /^(.*?)-(\d{4}-\d{2}-\d{2})$/.exec(name);
  return { model: dated?.[1] ?? name, version: dated?.[2] ?? "" };
}

type Told = {
  readonly model: string;
  readonly version: string;
  readonly region: string;
  readonly operation: string;
  readonly apiName: string;
  readonly streamType: string;
  /** Null: the source does not tell the size of single requests. */
  readonly isLong: boolean | null;
};

function draftsOf(
  slot: Slot,
  told: Told,
  reported: ReportedTokens,
  source: TokenSource,
  confidence: Confidence,
  identity: Identity,
  context: UsageContext,
): Draft[] {
  const found = context.inventory.at(slot.account, slot.deployment, slot.quarterHour)?.row;
  const model = told.model || found?.model || "";
  const version = told.model ? told.version || found?.version || "" : (found?.version ?? "");
  const sku = skuMeaning(found?.sku);
  return chargedTokens(reported, publisherOf(model, told.apiName)).map((charged) => ({
    key: {
      model,
      version,
      scope: sku.scope,
      region: told.region || found?.region || "",
      mode: sku.mode,
      contextBand: bandOf(model, version, told.isLong, context),
      tokenKind: charged.tokenKind,
      modality: modalityOf(model),
      quarterHour: slot.quarterHour,
      account: slot.account,
      deployment: slot.deployment,
      operation: operationOf(told.operation).name,
      apiVersion: /\d{4}-\d{2}-\d{2}(-preview)?/.exec(told.apiName)?.[0] ?? "",
      streamType: told.streamType,
      isSpillover: false,
      source,
      cachedShareUnknown: charged.cachedShareUnknown,
    },
    tokens: charged.tokens,
    identity,
    confidence,
  }));
}

function bandOf(model: string, version: string, isLong: boolean | null, context: UsageContext): ContextBand | Unknown {
  if (!context.hasContextBands(model, version)) return "any";
  return isLong === null ? "unknown" : isLong ? "long" : "short";
}

function modalityOf(model: string): Modality | Unknown {
  return /audio|realtime|transcribe|tts|image/i.test(model) ? "unknown" : "text";
}

/** Splits the tokens of nobody over those whom the gateway, or else the spans, counted but whose calls do not join. */
function splitPool(slot: Slot, drafts: readonly Draft[], identify: Identify): Draft[] {
  const weights = weightsOf(slot, identify);
  const pool = drafts.filter((draft) => draft.identity.identityId === NOBODY);
  if (weights.length === 0 || pool.length === 0) return [...drafts];
  const identities = new Map(weights.map((weight) => [weight.identity.identityId, weight.identity]));
  const split = merge(pool).flatMap(({ fact }) =>
    splitTokens(fact.tokens, weights).map((part): Draft => {
      const { tokens: _tokens, identityId: _id, confidence: _confidence, ...key } = fact;
      return {
        key,
        tokens: part.tokens,
        identity: identities.get(part.identityId) ?? identify(NO_CALLER),
        confidence: "estimated_split",
      };
    }),
  );
  return [...drafts.filter((draft) => draft.identity.identityId !== NOBODY), ...split];
}

type Weight = SplitWeight & { readonly identity: Identity };

function weightsOf(slot: Slot, identify: Identify): Weight[] {
  const gateway = slot.gateway
    .filter((row) => !row.isJoinable)
    .map((row) => ({ identity: identify({ ...row, caller: "" }), tokens: row.prompt + row.completion }));
  const spans = slot.spans
    .filter((row) => !row.isJoined)
    .map((row) => ({
      identity: identify({ ...NO_CALLER, application: row.application }),
      tokens: row.prompt + row.completion,
    }));
  return (gateway.length > 0 ? gateway : spans).map((weight) => ({
    ...weight,
    identityId: weight.identity.identityId,
    name: nameOf(weight.identity),
  }));
}

/** Who is split over, in words, so that the order of equal remainders does not depend on a hash. */
function nameOf(identity: Identity): string {
  const { apimSubscription, application, apimProduct, apimUser, api, backend } = identity;
  return [apimSubscription, application, apimProduct, apimUser, api, backend].join("|");
}

function remainderDrafts(slot: Slot, logged: readonly Draft[], context: UsageContext, identify: Identify): Draft[] {
  if (slot.metric.length === 0 || slot.deployment === "") return [];
  const metric = {
    prompt: slot.metric.reduce((total, row) => total + row.prompt, 0n),
    output: slot.metric.reduce((total, row) => total + row.output, 0n),
  };
  const remainder = metricRemainder(metric, {
    prompt: tokensOf(logged, ["input", "cached_input", "cache_write"]),
    output: tokensOf(logged, ["output"]),
  });
  const told = { ...NOTHING_TOLD, ...mainModelOf(slot) };
  const reported = { prompt: remainder.prompt, cached: 0n, unsplitPrompt: remainder.prompt, output: remainder.output };
  return draftsOf(slot, told, reported, "metric", "metric_only", identify(NO_CALLER), context);
}

/** The model that most of the slot's logged calls name; empty leaves it to the inventory. */
function mainModelOf(slot: Slot): { model: string; version: string; region: string } {
  const row = slot.usage
    .filter((call) => call.model !== "")
    .toSorted(
      (a, b) => Number(b.calls - a.calls) || (`${a.model} ${a.version}` < `${b.model} ${b.version}` ? -1 : 1),
    )[0];
  return { model: row?.model ?? "", version: row?.version ?? "", region: row?.region ?? "" };
}

function tokensOf(drafts: readonly Draft[], kinds: readonly TokenKind[]): bigint {
  return drafts
    .filter((draft) => kinds.includes(draft.key.tokenKind))
    .reduce((total, draft) => total + draft.tokens, 0n);
}

/** Adds the tokens of drafts of one slot with the same key, identity and confidence, in an order that rows do not change. */
function merge(drafts: readonly Draft[]): IdentifiedFact[] {
  const merged = new Map<string, { readonly draft: Draft; tokens: bigint }>();
  for (const draft of drafts) {
    const id = draftText(draft);
    const known = merged.get(id);
    if (known) known.tokens += draft.tokens;
    else merged.set(id, { draft, tokens: draft.tokens });
  }
  return [...merged]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { draft, tokens }]) => ({
      fact: { ...draft.key, identityId: draft.identity.identityId, confidence: draft.confidence, tokens },
      identity: draft.identity,
    }));
}

/** Everything that tells drafts of one slot apart; quarter hour, account and deployment are the slot's. */
function draftText({ key, identity, confidence }: Draft): string {
  const price = `${key.model}\u0000${key.version}\u0000${key.scope}\u0000${key.region}\u0000${key.mode}\u0000${key.contextBand}\u0000${key.tokenKind}\u0000${key.modality}`;
  const call = `${key.operation}\u0000${key.apiVersion}\u0000${key.streamType}\u0000${key.isSpillover}\u0000${key.source}\u0000${key.cachedShareUnknown}`;
  return `${price}\u0000${call}\u0000${identity.identityId}\u0000${confidence}`;
}
