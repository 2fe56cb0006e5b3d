import type { CapacityCharge, Charge, UsageCharge } from "../attribution/charge.ts";
import { money } from "../money/money.ts";
import { unitPrice } from "../money/unit-price.ts";
import type { PriceLine, Pricing } from "../pricing/priced-usage.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import type { AccountId, DeploymentName, IdentityId, UsageFact } from "../usage/usage-fact.ts";
import type { BucketBatch, OwnedRequests } from "./ledger.ts";

/** Builders for tests of the ledger: a full valid value that takes only what matters to the case. */
export const TEST_ACCOUNT =
  "/subscriptions/9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a21/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/alpha" as AccountId;

/** $2 per million input tokens: 2,000,000 picodollars a token. */
export const TEST_LINE: PriceLine = {
  meterName: "gpt 4.1 Inp glbl Tokens",
  meterId: null,
  unitOfMeasure: "1K",
  listUnitPrice: unitPrice("2", 1_000_000n),
  contractedUnitPrice: unitPrice("2", 1_000_000n),
  validFrom: toInstant("2025-04-01T00:00:00Z"),
  validTo: null,
  layer: "bundled",
  source: "test",
};

export function pricedAt(pico: bigint): Pricing {
  return { pricing: "priced", listCost: money(pico), contractedCost: money(pico), line: TEST_LINE };
}

export function usageCharge(
  at: string | Instant,
  given: Partial<UsageFact> & { readonly team?: string; readonly pricing?: Pricing } = {},
): UsageCharge {
  const { team = "checkout", pricing, ...fact } = given;
  const tokens = fact.tokens ?? 100n;
  return {
    kind: "usage",
    fact: {
      quarterHour: toInstant(at),
      account: TEST_ACCOUNT,
      deployment: "chat" as DeploymentName,
      operation: "chatcompletions_create",
      apiVersion: "2024-10-21",
      streamType: "Non-Streaming",
      isSpillover: false,
      identityId: "" as IdentityId,
      source: "usage_log",
      confidence: "exact",
      cachedShareUnknown: false,
      model: "gpt-4.1",
      version: "2025-04-14",
      scope: "Global",
      region: "eastus2",
      mode: "standard",
      contextBand: "any",
      tokenKind: "input",
      modality: "text",
      ...fact,
      tokens,
    },
    pricing: pricing ?? pricedAt(tokens * 2_000_000n),
    owner: { team, application: "", rule: `rule-${team}`, confidence: "exact" },
  };
}

export function capacityCharge(at: string, part: CapacityCharge["part"], pico: bigint): CapacityCharge {
  return {
    kind: "capacity",
    quarterHour: toInstant(at),
    part,
    account: TEST_ACCOUNT,
    deployment: "core",
    model: "gpt-4.1",
    version: "2025-04-14",
    scope: "Global",
    region: "eastus2",
    unitMinutes: 750n,
    paidBy: "hour",
    pricing: pricedAt(pico),
    owner: { team: "checkout", application: "", rule: "rule-core", confidence: "exact" },
  };
}

export function ownedRequests(at: string | Instant, given: Partial<OwnedRequests> = {}): OwnedRequests {
  return {
    quarterHour: toInstant(at),
    account: TEST_ACCOUNT,
    deployment: "chat" as DeploymentName,
    model: "gpt-4.1",
    operation: "chatcompletions_create",
    apiVersion: "2024-10-21",
    streamType: "Non-Streaming",
    isSpillover: false,
    status: "200",
    cause: "ok",
    team: "checkout",
    application: "",
    identityId: "" as IdentityId,
    isInference: true,
    requests: 1n,
    attempts: 1n,
    withTokens: 1n,
    latency: { buckets: [100], counts: [1], unmeasured: 0 },
    ...given,
  };
}

/** A batch that replaces exactly the quarter hours that its rows (or `quarterHours`) name. */
export function batchOf(
  charges: readonly Charge[],
  requests: readonly OwnedRequests[] = [],
  quarterHours: readonly Instant[] = [],
): BucketBatch {
  const named = [
    ...quarterHours,
    ...charges.map((charge) => (charge.kind === "usage" ? charge.fact.quarterHour : charge.quarterHour)),
    ...requests.map((row) => row.quarterHour),
  ];
  return {
    quarterHours: [...new Set(named)],
    charges,
    requests,
    minutes: [],
    teamMinutes: [],
    rowCounts: [],
    rowFaults: [],
    identities: [],
    readAt: toInstant("2026-11-21T00:00:00Z"),
  };
}
