import type { Visibility } from "../auth/principal.ts";
import type { RatePair } from "../money/exchange-rates.ts";
import type { Money } from "../money/money.ts";
import type { Period } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";

/**
 * What charges can be grouped and filtered by; the same words in the URL, the API and the command line.
 * `part` is `usage`, or `used`, `idle` and `unused` of provisioned capacity.
 */
export const CHARGE_DIMENSIONS = [
  "team",
  "application",
  "account",
  "deployment",
  "model",
  "region",
  "scope",
  "mode",
  "tokenKind",
  "operation",
  "apiVersion",
  "streamType",
  "spillover",
  "source",
  "meter",
  "rule",
  "part",
  "confidence",
] as const;
export type ChargeDimension = (typeof CHARGE_DIMENSIONS)[number];

/** Kept and dropped values per dimension. A deployment is written `account/deployment` with the account's short name. */
export type ChargeFilter = {
  readonly [D in ChargeDimension]?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
};

export type Grain = "total" | "hour" | "day" | "week" | "month";

/** A question to the ledger. `hour` is refused over more than 31 days; a day or coarser reads the daily sums. */
export type ChargeQuery = {
  readonly sees: Visibility;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly grain: Grain;
  readonly groupBy: readonly ChargeDimension[];
  readonly filter: ChargeFilter;
  /**
   * States every charge in another currency by the rate of its UTC day, rounded once per charge, so that sums are the same
   * however they are cut. Charges before the first rate are left out; nothing is read from daily sums.
   */
  readonly rates?: RatePair;
};

/** One row of an answer. `bucket` is the UTC start of the hour or the local day (first day of week or month); null for total. */
export type ChargeSum = {
  readonly bucket: string | null;
  readonly keys: Readonly<Partial<Record<ChargeDimension, string>>>;
  readonly inputTokens: bigint;
  readonly cachedInputTokens: bigint;
  readonly cacheWriteTokens: bigint;
  readonly outputTokens: bigint;
  readonly unpricedTokens: bigint;
  readonly listCost: Money;
  readonly contractedCost: Money;
  /** The cost with every unknown part at its dearest; equal to `contractedCost` when nothing could make it dearer. */
  readonly contractedCostUpper: Money;
  /** The part of `contractedCost` that stands at its dearest already, and may be less (ADR 6). */
  readonly contractedCostAtMost: Money;
  readonly charges: bigint;
  /** Capacity paid for, in PTU (or deployments) × minutes; zero for usage. */
  readonly capacityUnitMinutes: bigint;
};
