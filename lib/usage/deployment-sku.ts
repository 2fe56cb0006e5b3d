import type { DeploymentSku } from "./inventory.ts";
import type { Mode, Scope, Unknown } from "./price-key.ts";

/** What a deployment SKU says about the price key (pricing reference, section 1). */
export type SkuMeaning = {
  readonly scope: Scope | Unknown;
  readonly mode: Mode | Unknown;
  readonly isProvisioned: boolean;
};

const MEANINGS: Readonly<Record<DeploymentSku, SkuMeaning>> = {
  Standard: { scope: "Regional", mode: "standard", isProvisioned: false },
  GlobalStandard: { scope: "Global", mode: "standard", isProvisioned: false },
  DataZoneStandard: { scope: "DataZone", mode: "standard", isProvisioned: false },
  GlobalBatch: { scope: "Global", mode: "batch", isProvisioned: false },
  DataZoneBatch: { scope: "DataZone", mode: "batch", isProvisioned: false },
  ProvisionedManaged: { scope: "Regional", mode: "standard", isProvisioned: true },
  GlobalProvisionedManaged: { scope: "Global", mode: "standard", isProvisioned: true },
  DataZoneProvisionedManaged: { scope: "DataZone", mode: "standard", isProvisioned: true },
  DeveloperTier: { scope: "Global", mode: "standard", isProvisioned: false },
  unknown: { scope: "unknown", mode: "standard", isProvisioned: false },
};

/** The scope, mode and kind of billing of a deployment; all unknown scopes when nobody told the SKU. */
export function skuMeaning(sku: DeploymentSku | undefined): SkuMeaning {
  return MEANINGS[sku ?? "unknown"];
}
