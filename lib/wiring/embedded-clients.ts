import { join } from "node:path";
import type { Logger } from "pino";
import { parseRequestTimespan } from "../embedded/request-timespan.ts";
import { type EmbeddedWorkspace, openEmbeddedWorkspace } from "../embedded/workspace.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import { EMBEDDED_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
import { EMBEDDED_METRIC_LIMITS } from "../metrics/metric-limits.ts";
import type { Runtime } from "../runtime.ts";
import { HOUR_MS, type Instant } from "../time/instant.ts";
import type { AzureClients } from "./azure-clients.ts";

/** The same clients as of Azure, answered from the workspace inside this process. */
export type EmbeddedClients = AzureClients & { readonly embedded: EmbeddedWorkspace };

/** The SDKs ask for a token before every call; inside the process nobody checks it. */
const NO_CREDENTIAL = { getToken: async () => ({ token: "embedded", expiresOnTimestamp: Date.now() + HOUR_MS }) };

const WORKSPACE_ID = "00000000-0000-4000-8000-00000000e3bd";

/** Opens `DATA_DIR/workspace.duckdb` and puts the unmodified SDKs in front of it. */
export async function openEmbedded(options: {
  readonly dataDir: string;
  readonly tempDir: string;
  readonly now: () => Instant;
  readonly log: Logger;
}): Promise<EmbeddedClients> {
  const { now, log } = options;
  const embedded = await openEmbeddedWorkspace({
    path: join(options.dataDir, "workspace.duckdb"),
    tempDir: options.tempDir,
    now,
    onFault: ({ id, sql, error }) =>
      log.error(
        { faultId: id, sql, message: error instanceof Error ? error.message.split("\n")[0] : "" },
        "KQL engine fault",
      ),
  });
  const logs = createLogAnalytics({
    workspaces: [{ workspaceId: WORKSPACE_ID, roles: ["logs", "gateway", "spans", "activity"] }],
    credential: NO_CREDENTIAL,
    httpClient: embedded.logsHttpClient,
    now,
    limits: EMBEDDED_QUERY_LIMITS,
  });
  const metrics = createMetrics({
    credential: NO_CREDENTIAL,
    httpClient: embedded.metricsHttpClient,
    now,
    limits: EMBEDDED_METRIC_LIMITS,
  });
  return { name: "embedded", logs, metrics, embedded, askKql: askEmbedded(embedded, now) };
}

/**
 * How long KQL that a person typed may run unless it asks for more with `wait=`: the engine shares its process with the
 * dashboards, so a careless cross join must not hold it for the service's three minutes.
 */
const PEOPLE_WAIT_SECONDS = 9;

/** Straight to the engine over the tables that typed KQL may see: the body is what the transport would send. */
function askEmbedded(embedded: EmbeddedWorkspace, now: () => Instant): Runtime["askKql"] {
  return async ({ text, timespan, prefer = "", signal }) => {
    const within = timespan === undefined ? undefined : parseRequestTimespan(timespan, now());
    if (within === null) {
      const message = `The timespan '${timespan}' is no ISO 8601 duration or interval.`;
      return { status: 400, body: JSON.stringify({ error: { code: "BadArgumentError", message } }) };
    }
    return embedded.engine.query({
      text,
      timespan: within,
      isTyped: true,
      signal,
      timeoutMs: Number(/(?:^|[,\s])wait=(\d+)/.exec(prefer)?.[1] ?? PEOPLE_WAIT_SECONDS) * 1_000,
      includeStatistics: prefer.includes("include-statistics=true"),
      includeRender: prefer.includes("include-render=true"),
    });
  };
}
