import type { Instant } from "../time/instant.ts";
import type { InventoryRow } from "./inventory.ts";
import type { AccountId } from "./usage-fact.ts";

/** The dated inventory, ready to be asked. */
export type Inventory = {
  readonly rows: readonly InventoryRow[];
  /** What a deployment was at an instant; before its first row the first row is assumed. Undefined when it has no row. */
  readonly at: (account: string, deployment: string, at: Instant) => FoundRow | undefined;
  /** The account whose name is the first label of a host such as `aoai-prod-eus2.openai.azure.com`. */
  readonly accountOfHost: (host: string) => AccountId | undefined;
};

/** `isAssumed`: the instant lies before the first sighting. */
export type FoundRow = { readonly row: InventoryRow; readonly isAssumed: boolean };

/** An inventory over rows in any order; accounts and deployments are compared without regard to case. */
export function inventoryOf(rows: readonly InventoryRow[]): Inventory {
  const byDeployment = new Map<string, InventoryRow[]>();
  const accounts = new Map<string, AccountId>();
  for (const row of rows.toSorted((a, b) => a.from - b.from)) {
    const key = keyOf(row.account, row.deployment);
    byDeployment.set(key, [...(byDeployment.get(key) ?? []), row]);
    accounts.set(accountName(row.account), row.account);
  }
  return {
    rows,
    at(account, deployment, at) {
      const dated = byDeployment.get(keyOf(account, deployment)) ?? [];
      const current = dated.findLast((row) => row.from <= at && (row.to === null || at < row.to));
      if (current) return { row: current, isAssumed: false };
      const first = dated[0];
      if (first && at < first.from) return { row: first, isAssumed: true };
      const last = dated.findLast((row) => row.from <= at);
      return last ? { row: last, isAssumed: true } : undefined;
    },
    accountOfHost: (host) => accounts.get(host.split(".")[0]?.toLowerCase() ?? ""),
  };
}

/** The name of an account: the last part of its ARM id, in lower case. */
export function accountName(account: string): string {
  return account.slice(account.lastIndexOf("/") + 1).toLowerCase();
}

function keyOf(account: string, deployment: string): string {
  return `${account.toLowerCase()}\u0000${deployment.toLowerCase()}`;
}
