import { formatCount } from "../../format/format-count.ts";
import { formatClock, formatLatency } from "../../format/format-time.ts";
import { mergeHistograms, percentileMs } from "../../ledger/latency-histogram.ts";
import type { MetricSum } from "../../ledger/ledger.ts";
import { addMs, type Instant, MINUTE_MS, type Period, toIso } from "../../time/instant.ts";
import type { ZoneId } from "../../time/zone.ts";
import { dimensionValueName } from "../../url/dimension-name.ts";
import type { RequestCause } from "../../usage/usage-fact.ts";
import type { ChartModel, ChartPoint, ChartSeries, ChartValue } from "../chart-model.ts";
import { type Call, countAll, histogramOf, isStreaming, metricTotal } from "./now-calls.ts";

/** The minutes of a chart; those after `newest` have not arrived. */
export type Axis = { readonly window: Period; readonly zone: ZoneId; readonly newest: Instant };

const CAUSES: readonly {
  readonly key: string;
  readonly name: string;
  readonly slot: number;
  readonly causes: readonly RequestCause[];
}[] = [
  { key: "throttled", name: "Throttled (429)", slot: 1, causes: ["throttled"] },
  { key: "server", name: "Server error", slot: 4, causes: ["server_error"] },
  { key: "timeout", name: "Time-out", slot: 6, causes: ["timeout"] },
  { key: "denied", name: "Access denied", slot: 2, causes: ["access_denied", "network_closed"] },
  { key: "client", name: "Client error, possibly a filter", slot: 3, causes: ["client_error", "content_filter"] },
  { key: "cancelled", name: "Cancelled", slot: 7, causes: ["cancelled", "unknown", "gateway_policy"] },
];

/** Failed requests by cause. */
export function causeChart(axis: Axis, calls: readonly Call[]): ChartModel {
  const failed = calls.filter((call) => call.cause !== "ok");
  return minuteChart(axis, "failed requests per minute", "count", CAUSES, (minute) => {
    const own = failed.filter((call) => call.minute === minute);
    return {
      values: CAUSES.map(({ causes }) => countValue(countAll(own.filter((call) => causes.includes(call.cause))))),
      total: countValue(countAll(own)),
    };
  });
}

/** All requests. */
export function requestChart(axis: Axis, calls: readonly Call[]): ChartModel {
  return minuteChart(
    axis,
    "requests per minute",
    "count",
    [{ key: "requests", name: "Requests", slot: 0 }],
    (minute) => ({
      values: [countValue(countAll(calls.filter((call) => call.minute === minute)))],
    }),
  );
}

/** Percentiles of the time to the whole answer. */
export function latencyChart(axis: Axis, calls: readonly Call[]): ChartModel {
  const answered = Map.groupBy(
    calls.filter((call) => call.cause === "ok" && !isStreaming(call)),
    (call) => call.minute,
  );
  const series: ChartSeries[] = [
    { key: "p50", name: "p50", slot: 3 },
    { key: "p95", name: "p95", slot: 0 },
    { key: "p99", name: "p99", slot: 2 },
  ];
  return minuteChart(axis, "time to the whole answer, without streaming", "milliseconds", series, (minute) => {
    const histogram = mergeHistograms((answered.get(minute) ?? []).map(histogramOf));
    return { values: [0.5, 0.95, 0.99].map((share) => latencyValue(percentileMs(histogram, share))) };
  });
}

/** Deployments that the chart of throttled requests names; the others are one. */
const TOP = 8;

/** Throttled requests by deployment, from the platform metrics: the most throttled by name, the others as one. */
export function throttleChart(axis: Axis, metrics: readonly MetricSum[]): ChartModel {
  const throttled = metrics.filter((row) => row.series === "throttled");
  const totals = [...Map.groupBy(throttled, (row) => row.keys.deployment ?? "")]
    .map(([deployment, rows]) => ({ deployment, total: metricTotal(rows, "throttled") }))
    .filter(({ total }) => total > 0n)
    .toSorted((a, b) => (a.total === b.total ? a.deployment.localeCompare(b.deployment) : a.total < b.total ? 1 : -1));
  const [named, others] = [totals.slice(0, TOP), totals.slice(TOP)];
  const counted = new Set(metrics.map((row) => row.bucket));
  const at = new Map(
    throttled.map((row) => [`${row.keys.deployment} ${row.bucket}`, BigInt(Math.round(row.total ?? 0))]),
  );
  const series: readonly ChartSeries[] =
    named.length === 0
      ? [{ key: "none", name: "Throttled", slot: 0 }]
      : [
          ...named.map(({ deployment }, slot) => ({
            key: deployment,
            name: dimensionValueName("deployment", deployment),
            slot,
          })),
          ...(others.length > 0 ? [{ key: "(other)", name: `Other (${others.length})`, slot: "other" as const }] : []),
        ];
  return minuteChart(
    { ...axis, newest: axis.window.end },
    "throttled requests per minute, from the platform metrics",
    "count",
    series,
    (minute) => {
      const bucket = toIso(minute);
      if (!counted.has(bucket)) return { values: series.map(() => GAP) };
      const countOf = (deployment: string) => at.get(`${deployment} ${bucket}`) ?? 0n;
      const rest = others.reduce((total, { deployment }) => total + countOf(deployment), 0n);
      return { values: series.map(({ key }) => countValue(key === "(other)" ? rest : countOf(key))) };
    },
  );
}

/** Minutes after the newest row are not zero: they have not arrived. */
function minuteChart(
  { window, zone, newest }: Axis,
  unitName: string,
  unit: ChartModel["unit"],
  series: readonly ChartSeries[],
  at: (minute: Instant) => { readonly values: readonly ChartValue[]; readonly total?: ChartValue },
): ChartModel {
  const points = Array.from({ length: Math.round((window.end - window.start) / MINUTE_MS) }, (_, index): ChartPoint => {
    const minute = addMs(window.start, index * MINUTE_MS);
    const isArrived = minute <= newest;
    return {
      key: toIso(minute),
      label: formatClock(minute, zone),
      state: !isArrived ? "unknown" : newest - minute < 3 * MINUTE_MS ? "partial" : "final",
      ...(isArrived ? at(minute) : { values: series.map(() => GAP) }),
    };
  });
  return { unit, unitName, zoneName: zone, pointName: "minute", series, points };
}

const GAP: ChartValue = { n: null, text: "unknown", exact: "" };

function countValue(count: bigint): ChartValue {
  return { n: Number(count), text: formatCount(count), exact: count.toString() };
}

function latencyValue(ms: number | null): ChartValue {
  return ms === null
    ? { n: null, text: "–", exact: "" }
    : { n: ms, text: formatLatency(ms), exact: String(Math.round(ms)) };
}
