import type { Instant } from "../time/instant.ts";
import type { Scope, Unknown } from "./price-key.ts";
import type { AccountId, DeploymentName } from "./usage-fact.ts";

/** What was deployed, used or not: costs money without writing a log row. Half-open in time. */
export type CapacityFact = {
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly kind: "ptu" | "finetune_hosting";
  readonly scope: Scope | Unknown;
  readonly region: string;
  readonly model: string;
  readonly version: string;
  readonly units: bigint;
  readonly from: Instant;
  readonly to: Instant;
};
