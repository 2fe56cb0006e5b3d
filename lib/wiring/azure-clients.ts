import type { TokenCredential } from "@azure/core-auth";
import { DefaultAzureCredential } from "@azure/identity";
import type { Env } from "../env.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import type { LogAnalytics } from "../log-analytics/log-analytics.ts";
import { AZURE_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import { createMetrics, type MetricsOptions } from "../metrics/create-metrics.ts";
import { AZURE_METRIC_LIMITS } from "../metrics/metric-limits.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Runtime } from "../runtime.ts";
import type { Instant } from "../time/instant.ts";
import { guardTypedKql } from "./guard-typed-kql.ts";

/** The clients of a real workspace; `name` stands in watermarks and clocks. */
export type AzureClients = {
  readonly name: string;
  readonly logs: LogAnalytics;
  readonly metrics: Metrics;
  readonly askKql: Runtime["askKql"];
};

type Cloud = {
  readonly authorityHost: string;
  readonly logs: string;
  readonly logsAudience: string;
  readonly resourceManager: string;
  /** The domain of the regional metrics hosts, which is their audience too. */
  readonly metrics: string;
};

/** Hosts and audiences of the sovereign clouds, as the SDKs and the Logs API documentation name them. */
const CLOUDS: Readonly<Record<Env["AZURE_CLOUD"], Cloud>> = {
  public: {
    authorityHost: "https://login.microsoftonline.com",
    logs: "https://api.loganalytics.io",
    logsAudience: "https://api.loganalytics.io",
    resourceManager: "https://management.azure.com",
    metrics: "metrics.monitor.azure.com",
  },
  usgov: {
    authorityHost: "https://login.microsoftonline.us",
    logs: "https://api.loganalytics.us",
    logsAudience: "https://api.loganalytics.us",
    resourceManager: "https://management.usgovcloudapi.net",
    metrics: "metrics.monitor.azure.us",
  },
  china: {
    authorityHost: "https://login.chinacloudapi.cn",
    logs: "https://api.loganalytics.azure.cn",
    logsAudience: "https://api.loganalytics.azure.cn",
    resourceManager: "https://management.chinacloudapi.cn",
    metrics: "metrics.monitor.azure.cn",
  },
};

/** Where a configured cloud is asked, and who asks. */
export type AzureConnection = {
  readonly credential: TokenCredential;
  readonly authorityHost: string;
  readonly logs: string;
  readonly logsAudience: string;
  readonly resourceManager: string;
  readonly resourceManagerAudience: string;
  /** A certificate authority to trust besides the system's, in PEM. */
  readonly ca?: string;
};

/** The connection that the environment describes; nothing is asked yet. */
export function azureConnection(env: Env): AzureConnection {
  const cloud = CLOUDS[env.AZURE_CLOUD];
  return {
    credential: new DefaultAzureCredential({ authorityHost: cloud.authorityHost }),
    authorityHost: cloud.authorityHost,
    logs: env.LOG_ANALYTICS_ENDPOINT ?? cloud.logs,
    logsAudience: cloud.logsAudience,
    resourceManager: env.AZURE_RESOURCE_MANAGER_ENDPOINT ?? cloud.resourceManager,
    resourceManagerAudience: cloud.resourceManager,
  };
}

function metricsBatch(env: Env): NonNullable<MetricsOptions["batch"]> {
  const { metrics } = CLOUDS[env.AZURE_CLOUD];
  return { endpointOf: (region) => `https://${region}.${metrics}`, audience: `https://${metrics}` };
}

/** Clients for the configured workspaces and cloud with `DefaultAzureCredential`; nothing is asked yet. */
export function connectAzure(env: Env, now: () => Instant): AzureClients {
  const azure = azureConnection(env);
  const { credential } = azure;
  const logs = createLogAnalytics({
    workspaces: env.LOG_ANALYTICS_WORKSPACE_ID,
    resourceIds: env.AZURE_OPENAI_RESOURCE_IDS,
    credential,
    endpoint: azure.logs,
    audience: azure.logsAudience,
    now,
    limits: AZURE_QUERY_LIMITS,
  });
  const metrics = createMetrics({
    credential,
    endpoint: azure.resourceManager,
    audience: azure.resourceManagerAudience,
    // Whoever names another Resource Manager means that nothing else is to be asked.
    ...(env.AZURE_RESOURCE_MANAGER_ENDPOINT ? {} : { batch: metricsBatch(env) }),
    now,
    limits: AZURE_METRIC_LIMITS,
  });
  return {
    name: env.LOG_ANALYTICS_WORKSPACE_ID.map((workspace) => workspace.workspaceId).join(",") || "the accounts",
    logs,
    metrics,
    askKql: guardTypedKql(logs.askTyped),
  };
}
