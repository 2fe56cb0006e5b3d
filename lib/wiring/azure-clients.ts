import type { TokenCredential } from "@azure/core-auth";
import { DefaultAzureCredential } from "@azure/identity";
import type { Env } from "../env.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import type { LogAnalytics } from "../log-analytics/log-analytics.ts";
import { AZURE_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
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
};

/** Hosts and audiences of the sovereign clouds, as the SDKs and the Logs API documentation name them. */
const CLOUDS: Readonly<Record<Env["AZURE_CLOUD"], Cloud>> = {
  public: {
    authorityHost: "https://login.microsoftonline.com",
    logs: "https://api.loganalytics.io",
    logsAudience: "https://api.loganalytics.io",
    resourceManager: "https://management.azure.com",
  },
  usgov: {
    authorityHost: "https://login.microsoftonline.us",
    logs: "https://api.loganalytics.us",
    logsAudience: "https://api.loganalytics.us",
    resourceManager: "https://management.usgovcloudapi.net",
  },
  china: {
    authorityHost: "https://login.chinacloudapi.cn",
    logs: "https://api.loganalytics.azure.cn",
    logsAudience: "https://api.loganalytics.azure.cn",
    resourceManager: "https://management.chinacloudapi.cn",
  },
};

/** Clients for the configured workspaces and cloud with `DefaultAzureCredential`; nothing is asked yet. */
export function connectAzure(env: Env, now: () => Instant): AzureClients {
  const cloud = CLOUDS[env.AZURE_CLOUD];
  const credential: TokenCredential = new DefaultAzureCredential({ authorityHost: cloud.authorityHost });
  const logs = createLogAnalytics({
    workspaces: env.LOG_ANALYTICS_WORKSPACE_ID,
    credential,
    endpoint: env.LOG_ANALYTICS_ENDPOINT ?? cloud.logs,
    audience: cloud.logsAudience,
    now,
    limits: AZURE_QUERY_LIMITS,
  });
  const metrics = createMetrics({
    credential,
    endpoint: env.AZURE_RESOURCE_MANAGER_ENDPOINT ?? cloud.resourceManager,
    audience: cloud.resourceManager,
    now,
    limits: AZURE_METRIC_LIMITS,
  });
  return {
    name: env.LOG_ANALYTICS_WORKSPACE_ID.map((workspace) => workspace.workspaceId).join(","),
    logs,
    metrics,
    askKql: guardTypedKql(logs.askTyped),
  };
}
