import { describe, expect, test } from "vitest";
import { createScriptedWire, STATIC_CREDENTIAL, type WireAnswer } from "../log-analytics/testing/scripted-wire.ts";
import { period, toInstant } from "../time/instant.ts";
import { createMetrics } from "./create-metrics.ts";
import { AZURE_METRIC_LIMITS } from "./metric-limits.ts";
import { chunksOf } from "./metric-windows.ts";
import type { MetricRequest } from "./metrics.ts";
import { metricsFilter } from "./metrics-filter.ts";

const NOW = toInstant("2026-11-21T12:00:30Z");
const HOUR = period(toInstant("2026-11-21T09:00:00Z"), toInstant("2026-11-21T10:00:00Z"));
const REQUEST: MetricRequest = {
  resourceIds: ["/subscriptions/s/one", "/subscriptions/s/two"],
  metricNames: ["AzureOpenAIRequests"],
  aggregation: ["total"],
  interval: "PT1H",
  period: HOUR,
  splitBy: ["StatusCode"],
};
const GOOD: WireAnswer = {
  kind: "http",
  status: 200,
  body: JSON.stringify({
    timespan: "x",
    value: [
      {
        id: "x",
        type: "x",
        name: { value: "AzureOpenAIRequests" },
        unit: "Count",
        timeseries: [
          {
            metadatavalues: [{ name: { value: "statuscode" }, value: "429" }],
            data: [{ timeStamp: "2026-11-21T09:00:00Z", total: 7 }],
          },
        ],
      },
    ],
  }),
};

function metricsOver(answer: (url: string, index: number) => WireAnswer) {
  const wire = createScriptedWire((request, index) => answer(request.url, index));
  const limits = { ...AZURE_METRIC_LIMITS, retryBaseMs: 1, retryMaxMs: 2, attemptMs: 40, totalMs: 200, maxAttempts: 2 };
  const metrics = createMetrics({ credential: STATIC_CREDENTIAL, httpClient: wire.httpClient, now: () => NOW, limits });
  return { metrics, wire };
}

test("every resource is asked with a filter and a count of series that is never the default", async () => {
  const { metrics, wire } = metricsOver(() => GOOD);
  const result = await metrics.series(REQUEST);
  expect(result).toMatchObject({ status: "complete", failures: [] });
  expect(result.series.map((series) => [series.resourceId, series.dimensions, series.points[0]?.total])).toEqual([
    ["/subscriptions/s/one", { StatusCode: "429" }, 7],
    ["/subscriptions/s/two", { StatusCode: "429" }, 7],
  ]);
  const params = new URL(wire.requests[0]?.url ?? "").searchParams;
  expect([params.get("$filter"), params.get("top")]).toEqual(["StatusCode eq '*'", "1000"]);
});

describe("a resource that fails does not stop the others", () => {
  const error = (code: string, message: string): string => JSON.stringify({ code, message });
  test.each<[string, WireAnswer, string]>([
    ["refused", { kind: "http", status: 403, body: error("AuthorizationFailed", "no") }, "access_denied"],
    ["gone", { kind: "http", status: 404, body: error("ResourceNotFound", "gone") }, "resource_not_found"],
    ["throttled", { kind: "http", status: 429, body: "{}" }, "throttled"],
    ["broken", { kind: "http", status: 500, body: "oops" }, "unavailable"],
    ["cut short", { kind: "http", status: 200, body: '{"value":[{"na' }, "malformed"],
    [
      "of another shape",
      {
        kind: "http",
        status: 200,
        body: '{"value":[{"name":{"value":"x"},"timeseries":[{"data":[{"timeStamp":"x","total":"7"}]}]}]}',
      },
      "malformed",
    ],
    ["silent", { kind: "hang" }, "timeout"],
    ["not to be reached", { kind: "network", code: "ECONNREFUSED" }, "unavailable"],
    [
      "without the metric",
      {
        kind: "http",
        status: 400,
        body: error(
          "BadRequest",
          "Failed to find metric configuration for provider: Microsoft.CognitiveServices, resource Type: accounts, metric: AzureOpenAIRequests, Valid metrics: X",
        ),
      },
      "unknown_metric",
    ],
    [
      "without the dimension",
      {
        kind: "http",
        status: 400,
        body: error(
          "BadRequest",
          "Metric: X does not support requested dimension combination: statuscode, supported ones are: Region",
        ),
      },
      "unknown_dimension",
    ],
  ])("%s", async (_name, answer, code) => {
    const { metrics } = metricsOver((url) => (url.includes("/one/") ? answer : GOOD));
    const result = await metrics.series(REQUEST);
    expect(result.status).toBe("partial");
    expect(result.failures).toMatchObject([{ resourceId: "/subscriptions/s/one", code }]);
    expect(result.series.map((series) => series.resourceId)).toEqual(["/subscriptions/s/two"]);
  });
});

describe("metricsFilter", () => {
  test.each([
    ["nothing", [], {}, undefined],
    ["a split", ["A", "B"], {}, "A eq '*' and B eq '*'"],
    ["one value", ["A"], { A: ["it's"] }, "A eq 'it''s'"],
    ["several values", ["A"], { B: ["x", "y"] }, "(B eq 'x' or B eq 'y') and A eq '*'"],
  ])("%s", (_name, splitBy, wanted, expected) => expect(metricsFilter(splitBy, wanted)).toBe(expected));
});

test.each([
  ["PT1M", "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z", 1],
  ["PT1M", "2026-11-20T12:00:00Z", "2026-11-21T12:01:00Z", 2],
  ["PT1H", "2026-08-23T00:00:00Z", "2026-11-21T00:00:00Z", 3],
  ["FULL", "2026-08-23T00:00:00Z", "2026-11-21T00:00:00Z", 1],
] as const)("%s from %s to %s takes %d calls", (interval, start, end, calls) => {
  const windows = chunksOf(period(toInstant(start), toInstant(end)), interval);
  expect(windows).toHaveLength(calls);
  expect([windows[0]?.start, windows.at(-1)?.end]).toEqual([toInstant(start), toInstant(end)]);
});
