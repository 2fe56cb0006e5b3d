import type { Remedy } from "../../doctor/remedies.ts";
import { formatCount } from "../../format/format-count.ts";
import type { DataFaults, DeploymentCoverage, ReadBackProgress, RowFaultName } from "../../ledger/ledger.ts";
import type { SourceStanding } from "../../ledger/source-standing.ts";
import type { Instant } from "../../time/instant.ts";
import type { ZoneId } from "../../time/zone.ts";
import { dimensionValueName } from "../../url/dimension-name.ts";
import type { InventoryRow } from "../../usage/inventory.ts";

/**
 * Something that keeps a figure from being whole. `missing`: figures are lower, or unknown, because of it · `uncertain`: they
 * are ranges or estimates · `handled`: an oddity of the telemetry that figures already allow for.
 */
export type DataGap = {
  readonly id: string;
  readonly kind: "missing" | "uncertain" | "handled";
  readonly title: string;
  /** What was counted. */
  readonly seen: string;
  /** What is lost, or why nothing is. */
  readonly means: string;
  readonly next: string | null;
  readonly remedies: readonly Remedy[];
};

export type DataGapInput = {
  readonly standings: readonly SourceStanding[];
  readonly faults: DataFaults;
  readonly coverage: readonly DeploymentCoverage[];
  /** What is deployed now, as far as `deployments.yaml` tells. */
  readonly inventory: readonly InventoryRow[];
  /** Lower-case ARM ids of every account that is configured or in the inventory. */
  readonly accounts: readonly string[];
  readonly workspaceId: string | undefined;
  readonly readBack: ReadBackProgress;
  readonly now: Instant;
  readonly zone: ZoneId;
};

/** The rows that show one fault, and how many as a text. */
export function faultsOf(faults: DataFaults, name: RowFaultName) {
  const rows = faults.faults.filter(({ fault }) => fault === name);
  const count = rows.reduce((sum, row) => sum + row.count, 0n);
  return { rows, count, text: (what: string) => `${formatCount(count)} ${what}` };
}

/** One figure of many deployments, added up. */
export function sumOf(
  rows: readonly DeploymentCoverage[],
  key: "tokens" | "pricedTokens" | "ownedTokens" | "metricOnlyTokens",
): bigint {
  return rows.reduce((sum, row) => sum + row[key], 0n);
}

/** Up to four names, then how many more. */
export function names(rows: readonly { readonly account: string; readonly deployment: string }[]): string {
  const all = rows.map((row) => dimensionValueName("deployment", `${shortName(row.account)}/${row.deployment}`));
  const more = all.length - 4;
  return more > 0 ? `${all.slice(0, 4).join(", ")} and ${more} more` : all.join(", ");
}

/** The last part of an ARM id. */
export function shortName(resource: string): string {
  return resource.slice(resource.lastIndexOf("/") + 1);
}
