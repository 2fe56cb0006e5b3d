import type { Pricing } from "../pricing/priced-usage.ts";
import type { Instant } from "../time/instant.ts";
import type { UsageFact } from "../usage/usage-fact.ts";

/** The team id that stands for "nobody claims it". */
export const UNATTRIBUTED = "unattributed";

/** Who owns a charge and which rule said so. */
export type Owner = {
  readonly team: string;
  readonly application: string;
  readonly rule: string;
  readonly confidence: "exact" | "estimated_split" | "default";
};

/** A priced fact with its owner: one line of the ledger. FOCUS calls it a charge. */
export type UsageCharge = {
  readonly kind: "usage";
  readonly fact: UsageFact;
  readonly pricing: Pricing;
  readonly owner: Owner;
};

/**
 * Provisioned or hosted capacity of one quarter hour; `used`, `idle` and `unused` are never mixed. What is unused has no
 * account and no deployment: it was bought and nothing stood on it.
 */
export type CapacityCharge = {
  readonly kind: "capacity";
  readonly quarterHour: Instant;
  readonly part: "used" | "idle" | "unused";
  readonly paidBy: "hour" | "reservation";
  readonly account: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
  readonly scope: string;
  readonly region: string;
  /** PTU (or deployments) × minutes: what the price per hour is multiplied with, ÷ 60. */
  readonly unitMinutes: bigint;
  readonly pricing: Pricing;
  readonly owner: Owner;
};

export type Charge = UsageCharge | CapacityCharge;
