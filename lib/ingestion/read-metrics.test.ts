import { expect, test } from "vitest";
import type { MetricSeries, Metrics } from "../metrics/metrics.ts";
import { period, toInstant } from "../time/instant.ts";
import type { AccountId } from "../usage/usage-fact.ts";
import { readMetricMinutes, readMetricTokens } from "./read-metrics.ts";

const AT = toInstant("2026-11-21T10:00:00Z");
const HOUR = period(AT, toInstant("2026-11-21T11:00:00Z"));
const ACCOUNT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/east" as AccountId;

function metricsOf(series: readonly Pick<MetricSeries, "metricName" | "dimensions">[]): Metrics {
  return {
    series: async ({ metricNames }) => ({
      status: "complete",
      series: series
        .filter(({ metricName }) => metricNames.includes(metricName))
        .map((one) => ({
          ...one,
          resourceId: ACCOUNT,
          unit: "Count",
          points: [{ at: AT, total: 3, average: null, minimum: null, maximum: null, count: null }],
        })),
      failures: [],
      asOf: AT,
    }),
    status: () => {
      throw new Error("Nobody asks for the status here.");
    },
  };
}
const accounts = { ids: [ACCOUNT], regionOf: () => undefined };

test("what the platform writes as __Empty is no deployment of that name: counted for the account, in no deployment's tokens", async () => {
  const metrics = metricsOf([
    { metricName: "AzureOpenAIRequests", dimensions: { ModelDeploymentName: "__Empty", StatusCode: "401" } },
    { metricName: "ProcessedPromptTokens", dimensions: { ModelDeploymentName: "__Empty" } },
    { metricName: "ProcessedPromptTokens", dimensions: { ModelDeploymentName: "chat" } },
  ]);
  const { minutes } = await readMetricMinutes(metrics, accounts, HOUR, "PT1M");
  expect(minutes.map(({ deployment, series, value }) => [deployment, series, value])).toEqual([
    ["", "requests", 3],
    ["", "clientErrors", 3],
    ["", "promptTokens", 3],
    ["chat", "promptTokens", 3],
  ]);
  const tokens = await readMetricTokens(metrics, accounts, HOUR);
  expect(tokens?.map(({ deployment, prompt }) => [deployment, prompt])).toEqual([["chat", 3n]]);
});
