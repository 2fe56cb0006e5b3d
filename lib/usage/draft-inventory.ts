import type { SeenDeploymentRow } from "../queries/seen-deployments.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS, minuteOf } from "../time/instant.ts";
import type { InventoryRow } from "./inventory.ts";
import { inventoryOf } from "./inventory-lookup.ts";
import type { AccountId, DeploymentName } from "./usage-fact.ts";

/** A deployment without a call for this long may be gone; the draft still leaves it open. */
const STILL_MS = 30 * 24 * HOUR_MS;

/**
 * Dated rows for every deployment that the logs name: a change of model or version ends one row and begins the next, to
 * the minute. Logs tell neither SKU nor capacity, so those stay unknown unless `known` rows tell them; what a person wrote
 * there is kept, and a known deployment without any call stays.
 */
export function draftInventory(
  seen: readonly SeenDeploymentRow[],
  known: readonly InventoryRow[],
  now: Instant,
): InventoryRow[] {
  const kept = inventoryOf(known);
  const byDeployment = Map.groupBy(seen, (row) => `${row.account}\u0000${row.deployment.toLowerCase()}`);
  const drafted = [...byDeployment.values()].flatMap((rows) => {
    const [first] = rows;
    if (!first || kept.at(first.account, first.deployment, first.firstCall)) return [];
    return draftedRows(rows, now);
  });
  return [...known, ...drafted];
}

function draftedRows(rows: readonly SeenDeploymentRow[], now: Instant): InventoryRow[] {
  const stretches: {
    model: string;
    version: string;
    region: string;
    from: Instant;
    last: Instant;
    row: SeenDeploymentRow;
  }[] = [];
  for (const row of rows.filter(({ model }) => model !== "").toSorted((a, b) => a.firstCall - b.firstCall)) {
    const last = stretches.at(-1);
    if (last && last.model === row.model && last.version === row.version) last.last = later(last.last, row.lastCall);
    else
      stretches.push({
        model: row.model,
        version: row.version,
        region: row.region,
        from: minuteOf(row.firstCall),
        last: row.lastCall,
        row,
      });
  }
  return stretches.map(({ model, version, region, from, last, row }, index) => {
    const next = stretches[index + 1];
    const isGone = !next && last < now - STILL_MS;
    return {
      account: row.account as AccountId,
      deployment: row.deployment as DeploymentName,
      sku: "unknown",
      model,
      version,
      region,
      ptu: null,
      tpm: null,
      rpm: null,
      spilloverTo: null,
      from,
      to: next ? next.from : isGone ? addMs(minuteOf(last), MINUTE_MS) : null,
    };
  });
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
