import type { RowFault, RowFaultName } from "../ledger/ledger.ts";
import { addMs, MINUTE_MS, quarterHourOf } from "../time/instant.ts";
import { operationOf } from "../usage/operations.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import { hostResolver, type UsageContext } from "../usage/usage-facts.ts";
import type { LogRows } from "./read-window.ts";

/** What is odd about the rows of a window, per deployment and quarter hour, in an order that rows do not change. */
export function rowFaults(rows: LogRows, context: Pick<UsageContext, "inventory" | "accounts">): RowFault[] {
  const accountOf = hostResolver(rows, context);
  const counted = new Map<string, RowFault>();
  const add = (at: Pick<RowFault, "quarterHour" | "account" | "deployment">, fault: RowFaultName, count: bigint) => {
    if (count <= 0n) return;
    const key = JSON.stringify([at.quarterHour, at.account, at.deployment, fault]);
    const known = counted.get(key);
    counted.set(key, { ...at, fault, count: count + (known?.count ?? 0n) });
  };
  for (const row of rows.usage) {
    const at = {
      quarterHour: row.quarterHour,
      account: row.account as AccountId,
      deployment: row.deployment as DeploymentName,
    };
    add(at, "odd_array", row.oddArrays);
    add(at, "added_row", row.addedRows);
  }
  for (const row of rows.requests) {
    if (!row.status.startsWith("2") || !operationOf(row.operation).isInference) continue;
    const [account, deployment] = [row.account as AccountId, row.deployment as DeploymentName];
    for (const [index, minute] of row.minutes.entries()) {
      const requests = row.n[index] ?? 0;
      const [withoutUsage, withoutTokens] = [
        requests - (row.withUsage[index] ?? 0),
        requests - (row.withTokens[index] ?? 0),
      ];
      if (withoutUsage <= 0 && withoutTokens <= 0) continue;
      const at = { quarterHour: quarterHourOf(addMs(row.stretch, minute * MINUTE_MS)), account, deployment };
      add(at, "without_usage", BigInt(withoutUsage));
      add(at, "without_tokens", BigInt(withoutTokens));
    }
  }
  for (const row of rows.spans ?? []) {
    const at = {
      quarterHour: row.quarterHour,
      account: accountOf(row.host),
      deployment: row.deployment as DeploymentName,
    };
    add(at, "sampled_span", row.sampled);
  }
  return [...counted].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, fault]) => fault);
}
