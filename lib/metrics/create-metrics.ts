import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { MetricsClient, MetricsQueryClient, type MetricsQueryResult } from "@azure/monitor-query";
import { z } from "zod";
import { addMs, type Instant, MINUTE_MS, minuteOf, type Period, toInstant } from "../time/instant.ts";
import { callUpstream } from "../upstream/call-upstream.ts";
import { createCircuitBreaker } from "../upstream/circuit-breaker.ts";
import { createGovernor } from "../upstream/governor.ts";
import { type BatchGroup, batchGroups } from "./batch-groups.ts";
import type { MetricLimits } from "./metric-limits.ts";
import { chunksOf, pointsOf } from "./metric-windows.ts";
import type {
  MetricAggregation,
  MetricPoint,
  MetricRequest,
  MetricSeries,
  Metrics,
  MetricsErrorCode,
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
  /** The endpoint that reads many resources of one region and subscription at once; left out, each is asked on its own. */
  readonly batch?: { readonly endpointOf: (region: string) => string; readonly audience: string };
  readonly now: () => Instant;
  readonly limits: MetricLimits;
};

/**
 * The metrics path over the unmodified SDK, with a governor of its own. Resources of one region and subscription are read
 * together where that is allowed, and one by one where it is refused: one request on the wire per group, or resource, and window.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const { limits, now } = options;
  const governor = createGovernor(limits.governor);
  const breaker = createCircuitBreaker(limits.breaker);
  let client = createClient(options);
  const batchClients = new Map<string, MetricsClient>();
  const refusedBatches = new Map<string, number>();
  let upstreamCalls = 0;
  let failedCalls = 0;
  let lastSuccessAt: Instant | null = null;
  let lastFailure: (MetricsFailure & { at: Instant }) | null = null;

  function upstream<Value>(attempt: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
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
        batchClients.clear();
      },
      attempt,
    });
  }

  function ask(resourceId: string, request: MetricRequest, window: Period, top: number): Promise<MetricsQueryResult> {
    const filter = metricsFilter(request.splitBy ?? [], request.filter ?? {});
    return upstream((abortSignal) =>
      client.queryResource(resourceId, [...request.metricNames], {
        aggregations: request.aggregation.map((name) => SDK_AGGREGATIONS[name]),
        granularity: request.interval,
        timespan: { startTime: new Date(window.start), endTime: new Date(window.end) },
        ...(filter ? { filter, top } : {}),
        abortSignal,
      }),
    );
  }

  function askTogether(
    group: BatchGroup,
    request: MetricRequest,
    window: Period,
    top: number,
  ): Promise<MetricsQueryResult[]> {
    const filter = metricsFilter(request.splitBy ?? [], request.filter ?? {});
    return upstream((abortSignal) =>
      batchClient(group.region).queryResources(
        group.resourceIds.map((id) => id.toLowerCase()),
        [...request.metricNames],
        NAMESPACE,
        {
          aggregation: request.aggregation.join(","),
          interval: request.interval,
          startTime: new Date(window.start),
          endTime: new Date(window.end),
          ...(filter ? { filter, top } : {}),
          abortSignal,
        },
      ),
    );
  }

  function batchClient(region: string): MetricsClient {
    const known = batchClients.get(region);
    if (known) return known;
    const { batch } = options;
    if (!batch) throw new Error("No batch endpoint is configured.");
    const made = new MetricsClient(batch.endpointOf(region), options.credential, {
      ...(options.httpClient ? { httpClient: options.httpClient } : {}),
      audience: batch.audience,
      retryOptions: { maxRetries: 0 },
    });
    batchClients.set(region, made);
    return made;
  }

  /** The series of a group's resources by lower-case id; a resource that the answer leaves out is not in it. */
  async function readTogether(group: BatchGroup, request: MetricRequest): Promise<Map<string, MetricSeries[]>> {
    const parts = new Map<string, MetricSeries[]>();
    for (const window of chunksOf(completePeriod(request.period, now()), request.interval)) {
      for (let top = limits.top; ; top = limits.topMax) {
        request.signal?.throwIfAborted();
        const read = new Map(
          (await askTogether(group, request, window, top)).map((answer) => {
            const id = (answer.resourceId ?? "").toLowerCase();
            return [id, toSeries(id, request, answer)] as const;
          }),
        );
        const isFull = [...read.values()].some((series) => isCut(series, request, top));
        if (isFull && top >= limits.topMax) throw new TruncatedSeries(`More than ${top} series exist.`);
        if (isFull) continue;
        for (const [id, series] of read) parts.set(id, [...(parts.get(id) ?? []), ...series]);
        break;
      }
    }
    lastSuccessAt = now();
    return new Map([...parts].map(([id, series]) => [id, joined(series)]));
  }

  /** All series of one window; asks for more when as many came back as were asked for. */
  async function readWindow(resourceId: string, request: MetricRequest, window: Period): Promise<MetricSeries[]> {
    for (let top = limits.top; ; top = limits.topMax) {
      const series = toSeries(resourceId, request, await ask(resourceId, request, window, top));
      if (!isCut(series, request, top)) return series;
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

  /** Reads groups together; what is refused, cut or left out there is read one by one. */
  async function readGroup(group: BatchGroup, request: MetricRequest): Promise<(MetricSeries[] | MetricsFailure)[]> {
    const place = `${group.region}/${group.subscription}`;
    const oneByOne = (ids: readonly string[]) => Promise.all(ids.map((id) => readResource(id, request)));
    if ((refusedBatches.get(place) ?? 0) > now()) return oneByOne(group.resourceIds);
    try {
      const read = await readTogether(group, request);
      const left = group.resourceIds.filter((id) => !read.has(id.toLowerCase()));
      const named = group.resourceIds.flatMap((id) => {
        const found = read.get(id.toLowerCase());
        return found ? [found.map((one) => ({ ...one, resourceId: id }))] : [];
      });
      return [...named, ...(await oneByOne(left))];
    } catch (error) {
      const { code } = toMetricsFailure(error, { resourceId: place, metricNames: request.metricNames });
      // The identity may read the accounts and not the subscription, or the region has no such host from here.
      if (BATCH_REFUSALS.has(code)) refusedBatches.set(place, now() + limits.refusedBatchMs);
      if (BATCH_REFUSALS.has(code) || BATCH_LIMITS.has(code)) return oneByOne(group.resourceIds);
      const failures = group.resourceIds.map((resourceId) =>
        toMetricsFailure(error, { resourceId, metricNames: request.metricNames }),
      );
      for (const failure of failures) lastFailure = { ...failure, at: now() };
      return failures;
    }
  }

  async function series(request: MetricRequest): Promise<MetricsResult> {
    const asOf = now();
    const { groups, single } = options.batch
      ? batchGroups(request.resourceIds, request.regionOf ?? (() => undefined), longestSeries(request))
      : { groups: [], single: request.resourceIds };
    const outcomes = (
      await Promise.all([
        ...groups.map((group) => readGroup(group, request)),
        ...single.map(async (id) => [await readResource(id, request)]),
      ])
    ).flat();
    const failures = outcomes.filter((outcome) => "code" in outcome);
    return {
      status: failures.length === 0 ? "complete" : "partial",
      series: outcomes.flatMap((outcome) => ("code" in outcome ? [] : outcome)),
      failures,
      asOf,
    };
  }

  return {
    series,
    status: () => ({
      upstreamCalls,
      failedCalls,
      lastSuccessAt,
      lastFailure,
      refusedBatches: [...refusedBatches.keys()].toSorted(),
    }),
  };
}

const NAMESPACE = "Microsoft.CognitiveServices/accounts";
/** What says that a group cannot be read together, though its resources may be read alone. */
const BATCH_REFUSALS: ReadonlySet<MetricsErrorCode> = new Set([
  "access_denied",
  "resource_not_found",
  "unauthenticated",
  "unavailable",
]);
/** What one resource of a group may cause for all. */
const BATCH_LIMITS: ReadonlySet<MetricsErrorCode> = new Set([
  "truncated",
  "unknown_metric",
  "unknown_dimension",
  "invalid_request",
  "malformed",
]);

/** As many series came back as were asked for, so some may be missing; a question without a split is never cut. */
function isCut(series: readonly MetricSeries[], request: MetricRequest, top: number): boolean {
  return request.metricNames.some((name) => series.filter((one) => one.metricName === name).length >= top);
}

function longestSeries(request: MetricRequest): number {
  return Math.max(0, ...chunksOf(request.period, request.interval).map((window) => pointsOf(window, request.interval)));
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
/** The batch endpoint's SDK leaves the service's own names, the other one's renames them. */
const dimensionSchema = z.union([
  z.object({ name: z.string(), value: z.string() }),
  z.object({ name: z.object({ value: z.string() }), value: z.string() }).transform(({ name, value: text }) => ({
    name: name.value,
    value: text,
  })),
]);
const answerSchema = z.array(
  z.object({
    name: z.string(),
    unit: z.string().optional(),
    timeseries: z.array(
      z.object({
        metadataValues: z.array(dimensionSchema).optional(),
        metadatavalues: z.array(dimensionSchema).optional(),
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
        (one.metadataValues ?? one.metadatavalues ?? []).map((meta) => [
          names.get(meta.name.toLowerCase()) ?? meta.name,
          meta.value,
        ]),
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
