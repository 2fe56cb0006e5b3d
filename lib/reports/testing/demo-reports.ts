import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LedgerReads } from "../../ledger/ledger.ts";
import type { LogAnalytics } from "../../log-analytics/log-analytics.ts";
import type { Instant } from "../../time/instant.ts";
import type { InventoryRow } from "../../usage/inventory.ts";
import { writeInventory } from "../../usage/inventory-file.ts";
import type { NowSources } from "../load-now.ts";
import { reportSources } from "./report-sources.ts";

/** What every loader reads from over a demo tenant's ledger, with its inventory in a folder of its own. */
export async function demoReportSources(options: {
  readonly ledger: LedgerReads;
  readonly logs: LogAnalytics;
  readonly inventory: readonly InventoryRow[];
  readonly now: Instant;
}): Promise<NowSources & { readonly close: () => Promise<void> }> {
  const { ledger, logs, inventory, now } = options;
  const dataDir = await mkdtemp(join(tmpdir(), "demo-reports-"));
  await writeInventory(dataDir, inventory);
  const sources = await reportSources(ledger, now, { DATA_DIR: dataDir });
  return {
    ...sources,
    logs,
    close: async () => {
      await sources.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
