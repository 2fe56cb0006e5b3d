import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { MetricsQueryClient, type MetricsQueryResult } from "@azure/monitor-query";
import { z } from "zod";
import { addMs, type Instant, MINUTE_MS, minuteOf, type Period, toInstant } from "../time/instant.ts";
import { callUpstream } from "../upstream/call-upstream.ts";
import { createCircuitBreaker } from "../upstream/circuit-breaker.ts";
import { createGovernor } from "../upstream/governor.ts";
import type { MetricLimits } from "./metric-limits.ts";
import { chunksOf } from "./metric-windows.ts";
import type {
  MetricAggregation,
  MetricPoint,
  MetricRequest,
  MetricSeries,
  Metrics,
  MetricsFailure,
  MetricsResult,
} from "./metrics.ts";
import { toMetricsFailure } from "./metrics-failure.ts";
import { metricsFilter } from "./metrics-filter.ts";

export type MetricsOptions = {
  readonly credential: TokenCredential;
  /** Where requests go instead of the network. */
  readonly httpClient?: HttpClient;
  /** The Resource Manager host of the cloud, as `https://management.azure.com`. */
  readonly endpoint?: string;
  readonly audience?: string;
  readonly now: () => Instant;
  readonly limits: MetricLimits;
};

/** The metrics path over the unmodified SDK, with a governor of its own; one request on the wire per resource and window. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { limits, now } = options;
  const governor = createGovernor(limits.governor);
  const breaker = createCircuitBreaker(limits.breaker);
  let client = createClient(options);
  let upstreamCalls = 0;
  let failedCalls = 0;
  let lastSuccessAt: Instant | null = null;
  let lastFailure: (MetricsFailure & { at: Instant }) | null = null;

  function ask(resourceId: string, request: MetricRequest, window: Period, top: number): Promise<MetricsQueryResult> {
    const filter = metricsFilter(request.splitBy ?? [], request.filter ?? {});
    return callUpstream({
      lane: "metrics",
      governor,
      breaker,
      policy: limits,
      now,
      onAttempt: () => {
        upstreamCalls++;
      },
      onFailure: () => {
        failedCalls++;
      },
      onUnauthenticated: () => {
        client = createClient(options);
      },
      attempt: (abortSignal) =>
        client.queryResource(resourceId, [...request.metricNames], {
          aggregations: request.aggregation.map((name) => SDK_AGGREGATIONS[name]),
          granularity: request.interval,
          timespan: { startTime: new Date(window.start), endTime: new Date(window.end) },
          ...(filter ? { filter, top } : {}),
          abortSignal,
        }),
    });
  }

  /** All series of one window; asks for more when as many came back as were asked for. */
  async function readWindow(resourceId: string, request: MetricRequest, window: Period): Promise<MetricSeries[]> {
    for (let top = limits.top; ; top = limits.topMax) {
      const series = toSeries(resourceId, request, await ask(resourceId, request, window, top));
      const isFull = request.metricNames.some((name) => series.filter((one) => one.metricName === name).length >= top);
      if (!isFull) return series;
      if (top >= limits.topMax) throw new TruncatedSeries(`More than ${top} series exist.`);
    }
  }

  async function readResource(resourceId: string, request: MetricRequest): Promise<MetricSeries[] | MetricsFailure> {
    try {
      const windows = chunksOf(completePeriod(request.period, now()), request.interval);
      const parts: MetricSeries[] = [];
      for (const window of windows) {
        request.signal?.throwIfAborted();
        parts.push(...(await readWindow(resourceId, request, window)));
      }
      lastSuccessAt = now();
      return joined(parts);
    } catch (error) {
      const failure = toMetricsFailure(error, { resourceId, metricNames: request.metricNames });
      lastFailure = { ...failure, at: now() };
      return failure;
    }
  }

  async function series(request: MetricRequest): Promise<MetricsResult> {
    const asOf = now();
    const outcomes = await Promise.all(request.resourceIds.map((id) => readResource(id, request)));
    const failures = outcomes.filter((outcome) => "code" in outcome);
    return {
      status: failures.length === 0 ? "complete" : "partial",
      series: outcomes.flatMap((outcome) => ("code" in outcome ? [] : outcome)),
      failures,
      asOf,
    };
  }

  return { series, status: () => ({ upstreamCalls, failedCalls, lastSuccessAt, lastFailure }) };
}

/** As many series came back as were asked for, so some may be missing. */
export class TruncatedSeries extends Error {
  override readonly name = "TruncatedSeries";
}

const SDK_AGGREGATIONS: Readonly<Record<MetricAggregation, "Total" | "Average" | "Minimum" | "Maximum" | "Count">> = {
  total: "Total",
  average: "Average",
  minimum: "Minimum",
  maximum: "Maximum",
  count: "Count",
};

function createClient(options: MetricsOptions): MetricsQueryClient {
  return new MetricsQueryClient(options.credential, {
    ...(options.httpClient ? { httpClient: options.httpClient } : {}),
    ...(options.endpoint ? { endpoint: options.endpoint } : {}),
    ...(options.audience ? { audience: options.audience } : {}),
    retryOptions: { maxRetries: 0 },
  });
}

/** Clocks drift and the newest minute is still being counted: no window ends later than a full minute ago. */
function completePeriod(within: Period, at: Instant): Period {
  const newest = minuteOf(addMs(at, -MINUTE_MS));
  const end = toInstant(Math.min(within.end, newest));
  return { start: toInstant(Math.min(within.start, end)), end };
}

const value = z.number().optional();
const answerSchema = z.array(
  z.object({
    name: z.string(),
    unit: z.string().optional(),
    timeseries: z.array(
      z.object({
        metadataValues: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
        data: z
          .array(
            z.object({
              timeStamp: z.date(),
              total: value,
              average: value,
              minimum: value,
              maximum: value,
              count: value,
            }),
          )
          .optional(),
      }),
    ),
  }),
);

function toSeries(resourceId: string, request: MetricRequest, answer: MetricsQueryResult): MetricSeries[] {
  const asked = [...Object.keys(request.filter ?? {}), ...(request.splitBy ?? [])];
  const names = new Map(asked.map((name) => [name.toLowerCase(), name]));
  return answerSchema.parse(answer.metrics).flatMap((metric) =>
    metric.timeseries.map((one) => ({
      resourceId,
      metricName: metric.name,
      unit: metric.unit ?? "Unspecified",
      dimensions: Object.fromEntries(
        (one.metadataValues ?? []).map((meta) => [names.get(meta.name.toLowerCase()) ?? meta.name, meta.value]),
      ),
      points: (one.data ?? []).map(toPoint),
    })),
  );
}

function toPoint(point: { timeStamp: Date } & Partial<Record<MetricAggregation, number | undefined>>): MetricPoint {
  return {
    at: toInstant(point.timeStamp),
    total: point.total ?? null,
    average: point.average ?? null,
    minimum: point.minimum ?? null,
    maximum: point.maximum ?? null,
    count: point.count ?? null,
  };
}

/** Puts the windows of one series end to end. */
function joined(parts: readonly MetricSeries[]): MetricSeries[] {
  const series = new Map<string, MetricSeries>();
  for (const part of parts) {
    const key = JSON.stringify([part.metricName, Object.entries(part.dimensions).sort()]);
    const before = series.get(key);
    series.set(key, before ? { ...before, points: [...before.points, ...part.points] } : part);
  }
  return [...series.values()];
}
