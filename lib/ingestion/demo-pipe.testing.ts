import { createDemoTenant, growDemoTenant } from "../embedded/demo/create-demo-tenant.ts";
import { demoInventory, demoOwners } from "../embedded/demo/demo-settings.ts";
import type { TelemetryVariant } from "../embedded/demo/telemetry-variant.ts";
import { openEmbeddedWorkspace } from "../embedded/workspace.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import { EMBEDDED_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
import { EMBEDDED_METRIC_LIMITS } from "../metrics/metric-limits.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { HOUR_MS, type Instant, toInstant } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { hashCaller } from "../usage/identity.ts";
import { DEPLOYMENT_SKUS, type InventoryRow } from "../usage/inventory.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import { createIngestion } from "./ingestion.ts";

export type DemoPipeOptions = {
  readonly createdAt: Instant;
  readonly days: number;
  readonly requestsPerDay: number;
  /** Days of summary rows before the raw ones. */
  readonly historyDays?: number;
  readonly zones: readonly ZoneId[];
  /** Records that arrive later are left to `grow`. */
  readonly until?: Instant;
  /** A poorer tenant. */
  readonly variant?: TelemetryVariant;
};

/** The whole pipe over a demo tenant in memory, through the unmodified SDKs: workspace, questions, ingestion, ledger. */
export async function openDemoPipe(options: DemoPipeOptions) {
  const { createdAt, days, requestsPerDay, historyDays = 0 } = options;
  let clock = options.until ?? createdAt;
  const now = () => clock;
  const workspace = await openEmbeddedWorkspace({
    path: ":memory:",
    now,
    onFault: ({ error, text }) => {
      throw new Error(`The engine failed at ${text.slice(0, 200)}`, { cause: error });
    },
  });
  await createDemoTenant({
    database: workspace.database,
    createdAt,
    days,
    requestsPerDay,
    historyDays,
    until: clock,
    ...(options.variant ? { variant: options.variant } : {}),
  });
  const credential = { getToken: async () => ({ token: "embedded", expiresOnTimestamp: Date.now() + HOUR_MS }) };
  const logs = createLogAnalytics({
    workspaces: [{ workspaceId: "00000000-0000-4000-8000-00000000e3bd", roles: ["logs", "gateway", "spans"] }],
    credential,
    httpClient: workspace.logsHttpClient,
    now,
    limits: EMBEDDED_QUERY_LIMITS,
  });
  const metrics = createMetrics({
    credential,
    httpClient: workspace.metricsHttpClient,
    now,
    limits: EMBEDDED_METRIC_LIMITS,
  });
  const hmacKey = new Uint8Array(32).fill(7);
  const inventory = demoInventory({ createdAt, days, historyDays }).map(
    (row): InventoryRow => ({
      ...row,
      account: row.account as AccountId,
      deployment: row.deployment as DeploymentName,
      sku: DEPLOYMENT_SKUS.find((sku) => sku === row.sku) ?? "unknown",
      spilloverTo: row.spilloverTo as DeploymentName | null,
      from: toInstant(row.from),
      to: row.to === null ? null : toInstant(row.to),
    }),
  );
  const rules = demoOwners().map((rule, index) => ({
    id: `rule-${index}`,
    ...rule,
    value: rule.kind === "caller" ? hashCaller(rule.value, hmacKey) : rule.value,
    application: "",
    from: null,
    to: null,
  }));
  const book = loadBundledCatalogue();
  const openFresh = async () => {
    const ledger = await openLedger({ path: ":memory:", zones: options.zones, questions: () => [] });
    const ingestion = createIngestion({
      logs,
      metrics,
      ledger,
      priceBook: async () => book,
      rules: async () => rules,
      reservations: async () => [],
      inventory: async () => inventory,
      hmacKey,
      accounts: [],
      workspace: "embedded",
    });
    return { ledger, ingestion };
  };
  return {
    workspace,
    logs,
    metrics,
    inventory,
    now,
    /** A ledger of its own and what fills it. */
    openFresh,
    /** Lets records arrive up to an instant, which becomes now. */
    grow: async (until: Instant) => {
      await growDemoTenant({ database: workspace.database, until });
      clock = until;
    },
    close: () => workspace.close(),
  };
}
