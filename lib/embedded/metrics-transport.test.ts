import { MetricsQueryClient } from "@azure/monitor-query";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMetrics } from "../metrics/create-metrics.ts";
import { AZURE_METRIC_LIMITS } from "../metrics/metric-limits.ts";
import type { MetricRequest, MetricSeries, Metrics } from "../metrics/metrics.ts";
import { period, toInstant } from "../time/instant.ts";
import { type EmbeddedDatabase, openDatabase } from "./duckdb/database.ts";
import { createMetricsHttpClient } from "./metrics-transport.ts";
import { appendMetrics, CREATE_METRICS } from "./store/metrics-table.ts";

const ACCOUNT =
  "/subscriptions/9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a21/resourceGroups/RG-AI/providers/Microsoft.CognitiveServices/accounts/AOAI-EUS2";
const NOW = toInstant("2026-11-21T12:00:30Z");
const HOUR = period(toInstant("2026-11-21T09:00:00Z"), toInstant("2026-11-21T10:00:00Z"));
const credential = { getToken: async () => ({ token: "test", expiresOnTimestamp: Date.now() + 3_600_000 }) };
let database: EmbeddedDatabase;
let client: MetricsQueryClient;
let metrics: Metrics;

type Sample = readonly [
  metric: string,
  minute: string,
  deployment: string,
  status: string,
  total: number,
  count: number,
  low: number,
  high: number,
];
const SAMPLES: readonly Sample[] = [
  ["AzureOpenAIRequests", "09:00", "chat-prod", "200", 7, 7, 1, 1],
  ["AzureOpenAIRequests", "09:01", "chat-prod", "200", 5, 5, 1, 1],
  ["AzureOpenAIRequests", "09:01", "chat-prod", "429", 2, 2, 1, 1],
  ["AzureOpenAIRequests", "09:20", "o'mini", "200", 3, 3, 1, 1],
  ["AzureOpenAITimeToResponse", "09:00", "chat-prod", "200", 900, 3, 100, 500],
  ["AzureOpenAITimeToResponse", "09:01", "chat-prod", "200", 100, 1, 100, 100],
  ["AzureOpenAIRequests", "12:00", "chat-prod", "200", 1, 1, 1, 1],
];

beforeAll(async () => {
  database = await openDatabase({ path: ":memory:", memoryLimitMb: 128, threads: 1 });
  await database.withConnection(async (connection) => {
    for (const statement of CREATE_METRICS) await connection.run(statement);
    const samples = SAMPLES.map(
      ([metric, minute, deployment, status, ...values]) =>
        `('${metric}', '2026-11-21 ${minute}:00'::TIMESTAMP, '${deployment.replace("'", "''")}', '${status}', ${values.join(", ")})`,
    );
    const many = Array.from(
      { length: 14 },
      (_, index) => `('GeneratedTokens', '2026-11-21 09:00:00'::TIMESTAMP, 'd${index}', '', 1, 1, 1, 1)`,
    );
    const source = `SELECT '${ACCOUNT.toLowerCase()}' AS resource_id, * FROM (VALUES ${[...samples, ...many].join(", ")})
      AS sample(metric, minute, deployment, status_code, total, count, minimum, maximum)`;
    for (const statement of appendMetrics(source, ["metric", "resource_id", "deployment", "status_code"])) {
      await connection.run(statement);
    }
  });
  const httpClient = createMetricsHttpClient(database, () => NOW);
  client = new MetricsQueryClient(credential, { httpClient });
  metrics = createMetrics({
    credential,
    httpClient,
    now: () => NOW,
    limits: { ...AZURE_METRIC_LIMITS, retryBaseMs: 1 },
  });
});
afterAll(async () => {
  await database.close();
});

const base: MetricRequest = {
  resourceIds: [ACCOUNT],
  metricNames: ["AzureOpenAIRequests"],
  aggregation: ["total"],
  interval: "PT1H",
  period: HOUR,
};
const totals = (series: readonly MetricSeries[]): [Record<string, string>, number | null][] =>
  series.map((one) => [one.dimensions, one.points[0]?.total ?? null]);

describe("series", () => {
  test("without a filter are one, over all dimensions", async () => {
    const result = await metrics.series(base);
    expect(result.status).toBe("complete");
    expect(totals(result.series)).toEqual([[{}, 17]]);
  });

  test("are split by the real dimensions", async () => {
    const result = await metrics.series({ ...base, splitBy: ["ModelDeploymentName", "StatusCode"] });
    expect(totals(result.series)).toEqual([
      [{ ModelDeploymentName: "chat-prod", StatusCode: "200" }, 12],
      [{ ModelDeploymentName: "o'mini", StatusCode: "200" }, 3],
      [{ ModelDeploymentName: "chat-prod", StatusCode: "429" }, 2],
    ]);
  });

  test("are filtered by values, also with a quote in them", async () => {
    const result = await metrics.series({
      ...base,
      splitBy: ["ModelDeploymentName"],
      filter: { ModelDeploymentName: ["o'mini"] },
    });
    expect(totals(result.series)).toEqual([[{ ModelDeploymentName: "o'mini" }, 3]]);
    const either = await metrics.series({
      ...base,
      splitBy: ["ModelDeploymentName"],
      filter: { StatusCode: ["429", "503"] },
    });
    expect(totals(either.series)).toEqual([[{ ModelDeploymentName: "chat-prod", StatusCode: "429" }, 2]]);
  });

  test("have a point per minute, unknown where nothing was sampled", async () => {
    const result = await metrics.series({
      ...base,
      interval: "PT1M",
      period: period(HOUR.start, toInstant("2026-11-21T09:03:00Z")),
    });
    expect(result.series[0]?.points.map((point) => point.total)).toEqual([7, 7, null]);
  });

  test("average over samples, not over minutes", async () => {
    const result = await metrics.series({
      ...base,
      metricNames: ["AzureOpenAITimeToResponse"],
      aggregation: ["average", "minimum", "maximum", "count"],
      interval: "FULL",
    });
    expect(result.series[0]?.points).toEqual([
      { at: HOUR.start, total: null, average: 250, minimum: 100, maximum: 500, count: 4 },
    ]);
  });

  test("end a full minute before now", async () => {
    const late = period(toInstant("2026-11-21T11:58:00Z"), toInstant("2026-11-21T13:00:00Z"));
    const result = await metrics.series({ ...base, interval: "PT1M", period: late });
    expect(result.series[0]?.points).toEqual([
      { at: toInstant("2026-11-21T11:58:00Z"), total: null, average: null, minimum: null, maximum: null, count: null },
    ]);
  });

  test("of a long period are put together from windows that the service answers", async () => {
    const before = metrics.status().upstreamCalls;
    const result = await metrics.series({
      ...base,
      interval: "PT1M",
      period: period(toInstant("2026-11-12T00:00:00Z"), toInstant("2026-11-22T00:00:00Z")),
    });
    expect(metrics.status().upstreamCalls - before).toBe(10);
    expect(result.series).toHaveLength(1);
    expect(result.series[0]?.points.reduce((sum, point) => sum + (point.total ?? 0), 0)).toBe(17);
  });

  test("of ten at most come when nobody says how many; we say", async () => {
    const tokens = { granularity: "PT1H", timespan: { startTime: new Date(HOUR.start), endTime: new Date(HOUR.end) } };
    const cut = await client.queryResource(ACCOUNT, ["GeneratedTokens"], {
      ...tokens,
      filter: "ModelDeploymentName eq '*'",
    });
    expect(cut.metrics[0]?.timeseries).toHaveLength(10);
    const all = await metrics.series({ ...base, metricNames: ["GeneratedTokens"], splitBy: ["ModelDeploymentName"] });
    expect(all.series).toHaveLength(14);
  });
});

test("more series than can be asked for are called truncated, never complete", async () => {
  const httpClient = createMetricsHttpClient(database, () => NOW);
  const few = createMetrics({
    credential,
    httpClient,
    now: () => NOW,
    limits: { ...AZURE_METRIC_LIMITS, top: 5, topMax: 14 },
  });
  const result = await few.series({ ...base, metricNames: ["GeneratedTokens"], splitBy: ["ModelDeploymentName"] });
  expect(result).toMatchObject({
    status: "partial",
    series: [],
    failures: [{ resourceId: ACCOUNT, code: "truncated" }],
  });
});

test.each([
  ["an unknown metric", { metricNames: ["Nope"] }, "unknown_metric"],
  [
    "a dimension that the metric lacks",
    { metricNames: ["ProcessedPromptTokens"], splitBy: ["ModelName"] },
    "unknown_dimension",
  ],
])("%s is a state of the resource", async (_name, change, code) => {
  const result = await metrics.series({ ...base, ...change });
  expect(result).toMatchObject({ status: "partial", series: [], failures: [{ resourceId: ACCOUNT, code }] });
});

test.each([
  ["a wrong grain", { granularity: "PT2M" }, /can not support requested time grain: PT2M/],
  ["minutes over a month", { granularity: "PT1M", timespan: { duration: "P30D" } }, /too long for the time grain/],
  [
    "an or across dimensions",
    { filter: "StatusCode eq '429' or ModelDeploymentName eq 'a'" },
    /cannot separate two different/,
  ],
  ["a filter of another form", { filter: "StatusCode contains '4'" }, /only conditions of the form/],
])("the service refuses %s with 400", async (_name, options, words) => {
  const failed: unknown = await client
    .queryResource(ACCOUNT, ["AzureOpenAIRequests"], options)
    .catch((error: unknown) => error);
  expect(failed).toMatchObject({ statusCode: 400, message: expect.stringMatching(words) });
});
