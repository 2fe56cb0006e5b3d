import { toInstant } from "../../time/instant.ts";
import type { AccountId, DeploymentName, IdentityId, UsageFact } from "../../usage/usage-fact.ts";

/** A full usage fact: 1,000,000 input tokens of gpt-4.1 on Global standard in September 2026, with what matters to the case. */
export function usageFact(parts: Partial<UsageFact> & { readonly on?: string }): UsageFact {
  const { on, ...rest } = parts;
  return {
    model: "gpt-4.1",
    version: "",
    scope: "Global",
    region: "eastus2",
    mode: "standard",
    contextBand: "short",
    tokenKind: "input",
    modality: "text",
    quarterHour: toInstant(on ?? "2026-09-15T09:15:00Z"),
    account: "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a" as AccountId,
    deployment: "chat" as DeploymentName,
    operation: "ChatCompletions_Create",
    apiVersion: "2024-10-21",
    streamType: "",
    isSpillover: false,
    identityId: "" as IdentityId,
    tokens: 1_000_000n,
    source: "usage_log",
    confidence: "exact",
    cachedShareUnknown: false,
    ...rest,
  };
}
