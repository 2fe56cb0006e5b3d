import type { GatewayRow } from "../queries/gateway-by-quarter-hour.ts";
import type { SpanRow } from "../queries/spans-by-quarter-hour.ts";
import type { UsageRow } from "../queries/usage-by-quarter-hour.ts";
import { toInstant } from "../time/instant.ts";
import type { InventoryRow } from "./inventory.ts";
import { inventoryOf } from "./inventory-lookup.ts";
import type { AccountId, DeploymentName } from "./usage-fact.ts";
import type { UsageContext } from "./usage-facts.ts";

/** Builders for tests of the mapping from rows to facts: a full valid value that takes only what matters to the case. */
export const ALPHA =
  "/subscriptions/9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a21/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/alpha" as AccountId;

export const TEN = toInstant("2026-11-18T10:00:00Z");

export function usageRow(given: Partial<UsageRow> = {}): UsageRow {
  return {
    quarterHour: TEN,
    source: "usage_log",
    account: ALPHA,
    deployment: "chat",
    model: "gpt-4.1",
    version: "2025-04-14",
    region: "eastus2",
    operation: "ChatCompletions_Create",
    apiName: "Azure OpenAI API version 2024-10-21",
    streamType: "Non-Streaming",
    caller: "",
    isLong: false,
    isJoined: false,
    apimSubscription: "",
    apimProduct: "",
    apimUser: "",
    api: "",
    backend: "",
    application: "",
    calls: 1n,
    prompt: 100n,
    cached: 0n,
    unsplit: 0n,
    output: 10n,
    oddArrays: 0n,
    addedRows: 0n,
    ...given,
  };
}

export function gatewayRow(given: Partial<GatewayRow> = {}): GatewayRow {
  return {
    quarterHour: TEN,
    gateway: "apim",
    host: "alpha.openai.azure.com",
    deployment: "chat",
    model: "gpt-4.1-2025-04-14",
    apimSubscription: "team-a",
    apimProduct: "",
    apimUser: "",
    api: "openai",
    backend: "alpha",
    application: "",
    isJoinable: false,
    status: "200",
    backendStatus: "200",
    reason: "",
    provesFilter: false,
    requests: 1n,
    rows: 1n,
    withTokens: 1n,
    prompt: 100n,
    completion: 10n,
    ...given,
  };
}

export function spanRow(given: Partial<SpanRow> = {}): SpanRow {
  return {
    quarterHour: TEN,
    host: "alpha.openai.azure.com",
    deployment: "chat",
    model: "gpt-4.1-2025-04-14",
    operation: "chat",
    application: "shop",
    status: "200",
    isJoined: false,
    spans: 1n,
    rows: 1n,
    requests: 1n,
    prompt: 100n,
    cached: 40n,
    cachedKnown: 1n,
    completion: 10n,
    filtered: 0n,
    sampled: 0n,
    ...given,
  };
}

export function inventoryRow(given: Partial<InventoryRow> = {}): InventoryRow {
  return {
    account: ALPHA,
    deployment: "chat" as DeploymentName,
    sku: "GlobalStandard",
    model: "gpt-4.1",
    version: "2025-04-14",
    region: "eastus2",
    ptu: null,
    tpm: null,
    rpm: null,
    spilloverTo: null,
    from: toInstant("2026-01-01T00:00:00Z"),
    to: null,
    ...given,
  };
}

export function usageContext(
  rows: readonly InventoryRow[] = [inventoryRow()],
  given: Partial<UsageContext> = {},
): UsageContext {
  return {
    inventory: inventoryOf(rows),
    hmacKey: new Uint8Array(32),
    gatewayCallers: new Set(),
    hasContextBands: (model) => model === "gpt-5.4",
    accounts: [ALPHA],
    ...given,
  };
}
