import type { Instant } from "../time/instant.ts";
import type { AccountId, DeploymentName } from "./usage-fact.ts";

/** ARM deployment SKU names; `unknown` when neither the file nor ARM tells. */
export const DEPLOYMENT_SKUS = [
  "Standard",
  "GlobalStandard",
  "DataZoneStandard",
  "GlobalBatch",
  "DataZoneBatch",
  "ProvisionedManaged",
  "GlobalProvisionedManaged",
  "DataZoneProvisionedManaged",
  "DeveloperTier",
  "unknown",
] as const;
export type DeploymentSku = (typeof DEPLOYMENT_SKUS)[number];

/** One dated row of the inventory: what a deployment was from `from` (inside) to `to` (outside; null is "still"). */
export type InventoryRow = {
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly sku: DeploymentSku;
  readonly model: string;
  readonly version: string;
  readonly region: string;
  readonly ptu: number | null;
  readonly tpm: number | null;
  readonly rpm: number | null;
  readonly spilloverTo: DeploymentName | null;
  readonly from: Instant;
  readonly to: Instant | null;
};
