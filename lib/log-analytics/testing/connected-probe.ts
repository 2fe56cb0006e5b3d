import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import { z } from "zod";
import { kql } from "../../kql/kql.ts";
import { createMetrics } from "../../metrics/create-metrics.ts";
import { AZURE_METRIC_LIMITS } from "../../metrics/metric-limits.ts";
import { addMs, HOUR_MS, minuteOf, toInstant } from "../../time/instant.ts";
import { createLogAnalytics } from "../create-log-analytics.ts";
import type { KqlQuery } from "../kql-query.ts";
import { AZURE_QUERY_LIMITS } from "../query-limits.ts";

/**
 * A program of its own that asks Azure as the product does: unmodified SDK clients, a managed identity, the network.
 * A process trusts `NODE_EXTRA_CA_CERTS` only from its start and keeps its tokens, so each case is one process.
 * Arguments: credential (`default` or `managed`), workspace id, account id, how many ask at once. Prints JSON.
 */
const [kind, workspaceId = "", account = "", concurrent = "1"] = process.argv.slice(2);
const credential = kind === "default" ? new DefaultAzureCredential() : new ManagedIdentityCredential();
const now = () => toInstant(Date.now());
const end = minuteOf(now());
const period = { start: addMs(end, -HOUR_MS), end };

const requests: KqlQuery<null, { calls: number }> = {
  name: "probe",
  text: () => kql`AzureDiagnostics | summarize calls = count()`,
  row: z.object({ calls: z.int() }),
};
const endpoint = process.env.LOG_ANALYTICS_ENDPOINT ?? "";
const logs = createLogAnalytics({
  workspaces: [{ workspaceId, roles: ["logs"] }],
  credential,
  endpoint,
  now,
  limits: { ...AZURE_QUERY_LIMITS, retryBaseMs: 5 },
});
const metrics = createMetrics({
  credential,
  endpoint: process.env.AZURE_RESOURCE_MANAGER_ENDPOINT ?? "",
  now,
  limits: { ...AZURE_METRIC_LIMITS, retryBaseMs: 5 },
});

const asked = await Promise.allSettled(
  Array.from({ length: Number(concurrent) }, () => logs.run(requests, null, { priority: "interactive", period })),
);
const series = await metrics.series({
  resourceIds: [account],
  metricNames: ["AzureOpenAIRequests"],
  aggregation: ["total"],
  interval: "PT1H",
  period,
  splitBy: ["ModelDeploymentName"],
});
console.log(
  JSON.stringify({
    answers: asked.map((one) => (one.status === "fulfilled" ? one.value : { failed: String(one.reason) })),
    calls: logs.status().calls.get("probe"),
    series,
  }),
);
