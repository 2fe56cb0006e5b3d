import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { saveAttributionRules } from "../commands/attribution-rules.ts";
import { createBudget } from "../commands/budgets.ts";
import { listAttributionRules } from "../db/attribution-rules.ts";
import type { Settings } from "../db/settings.ts";
import type { State } from "../db/state.ts";
import { type CreateDemoOptions, createDemoTenant, growDemoTenant } from "../embedded/demo/create-demo-tenant.ts";
import { type DemoInventoryRow, demoBudgets, demoInventory, demoOwners } from "../embedded/demo/demo-settings.ts";
import { readDemoState } from "../embedded/demo/demo-state.ts";
import { TELEMETRY_VARIANTS, type TelemetryVariant } from "../embedded/demo/telemetry-variant.ts";
import { DEMO_HISTORY_DAYS } from "../embedded/demo/tenant.ts";
import type { EmbeddedWorkspace } from "../embedded/workspace.ts";
import { ConfigurationError } from "../env.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { DEPLOYMENT_SKUS, type InventoryRow } from "../usage/inventory.ts";
import { writeInventory } from "../usage/inventory-file.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";

/** The zones in which the demo's story is told and its truth is kept. */
export const DEMO_ZONES = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"] as const;

/**
 * Which demo tenant: `full` is the product's own, fourteen months of which the first eleven are rows of a summary rule;
 * `small` the last of them with fewer calls, for tests, and `small-year` all of them. The others are the ninety days in a
 * tenant with poorer telemetry, which has no summary rule either, each also as `small-NAME`.
 */
export type DemoVariant = "full" | "small" | "small-year" | TelemetryVariant | `small-${TelemetryVariant}`;

const SMALL = { days: 52, requestsPerDay: 360 } as const;
const POORER = Object.keys(TELEMETRY_VARIANTS) as TelemetryVariant[];
const NAMES: readonly DemoVariant[] = [
  "full",
  "small",
  "small-year",
  ...POORER,
  ...POORER.map((name) => `small-${name}` as const),
];

function optionsOf(name: DemoVariant): Pick<CreateDemoOptions, "days" | "requestsPerDay" | "historyDays" | "variant"> {
  const variant = POORER.find((poorer) => name === poorer || name === `small-${poorer}`);
  const history = name === "full" || name === "small-year" ? { historyDays: DEMO_HISTORY_DAYS } : {};
  return { ...(name.startsWith("small") ? SMALL : {}), ...history, ...(variant ? { variant } : {}) };
}

/** The variant that `--demo` names; `full` when it is left out. Throws a ConfigurationError for any other word. */
export function parseDemoVariant(text: string | undefined): DemoVariant {
  const found = NAMES.find((name) => name === (text ?? "full"));
  if (found) return found;
  throw new ConfigurationError(
    `--demo ${text} is not known: write one of full, small, ${POORER.join(", ")}, or small- before one of the last.`,
  );
}

/**
 * Makes the demo tenant where the folder has none, and otherwise lets it grow to `now`; then its inventory, owners and
 * first budgets, once. An interrupted making goes on where it stopped.
 */
export async function prepareDemo(options: {
  readonly dataDir: string;
  readonly embedded: EmbeddedWorkspace;
  readonly state: State;
  readonly variant: DemoVariant;
  /** The settings of the environment, where people saved none. */
  readonly defaults: Settings;
  readonly currency: string;
  readonly now: Instant;
  readonly onProgress: (text: string) => void;
}): Promise<void> {
  const { embedded, state, now, onProgress } = options;
  const { database } = embedded;
  let demo = await database.withConnection(readDemoState);
  if (demo === undefined) {
    onProgress(
      "Making the demo tenant (synthetic Azure OpenAI telemetry: 90 days of logs, and summaries of the months before where the tenant has them) …\n",
    );
    const started = performance.now();
    demo = await createDemoTenant({
      database,
      createdAt: now,
      ...optionsOf(options.variant),
      onProgress: (share) => onProgress(`  ${Math.round(share * 100)} %\n`),
    });
    onProgress(`Made in ${((performance.now() - started) / 1000).toFixed(0)} s.\n`);
  }
  // A making that was interrupted goes on; growing beyond the creation time is the server's work.
  if (demo.until < demo.createdAt) await growDemoTenant({ database, until: demo.createdAt });
  if ((await listAttributionRules(state.db)).length === 0) {
    const context = { state, now, defaults: options.defaults, currency: options.currency };
    await writeInventory(options.dataDir, demoInventory(demo).map(toInventoryRow));
    await saveAttributionRules(LOCAL_ADMINISTRATOR, context, demoOwners());
    for (const budget of demoBudgets()) await createBudget(LOCAL_ADMINISTRATOR, context, budget);
  }
}

/** The generator speaks plain numbers and texts, because it shares no code with the product that is checked against it. */
function toInventoryRow(row: DemoInventoryRow): InventoryRow {
  return {
    ...row,
    account: row.account as AccountId,
    deployment: row.deployment as DeploymentName,
    sku: DEPLOYMENT_SKUS.find((sku) => sku === row.sku) ?? "unknown",
    spilloverTo: row.spilloverTo as DeploymentName | null,
    from: toInstant(row.from),
    to: row.to === null ? null : toInstant(row.to),
  };
}
