import type { Principal } from "../auth/principal.ts";
import { formatCount, formatCountShort, formatShare } from "../format/format-count.ts";
import type { CostMark } from "../format/format-money.ts";
import { formatClock, formatDay, formatInstant, formatLatency } from "../format/format-time.ts";
import type { ChargeFilter, ChargeSum } from "../ledger/charge-query.ts";
import type { BucketStretch, MetricSum, RequestSum, SeenDeployment } from "../ledger/ledger.ts";
import { sum } from "../money/money.ts";
import { HOUR_MS, type Instant, type Period, toInstant, toIso } from "../time/instant.ts";
import { addDays, dayOf, daysIn, periodOfDays, type ZoneId } from "../time/zone.ts";
import { type Measure, toReceiptParam } from "../url/figure-ref.ts";
import type { ReportParams } from "../url/report-params.ts";
import { type Amount, amountOf, countOf, shortCountOf } from "./amount.ts";
import { CAPACITY_SPLIT, capacityFilter, capacityRows } from "./capacity-split.ts";
import { changeMarks } from "./change-marks.ts";
import type { ChartModel, ChartPoint, ChartValue } from "./chart-model.ts";
import { markOf } from "./cost-mark.ts";
import { moneyValue, periodState } from "./cost-series.ts";
import { tokensOf } from "./load-deployments.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import type { Row } from "./table-model.ts";

export type DeploymentReport = {
  readonly context: PageContext;
  readonly deployment: string;
  /** Null when nothing of that name was ever seen. */
  readonly known: SeenDeployment | null;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly cost: { readonly amount: Amount; readonly receipt: string; readonly mark: CostMark | undefined };
  /** What opens behind the figures that are no cost. */
  readonly receipts: Readonly<Record<Exclude<Measure, "cost" | "unpriced">, string>>;
  readonly tokens: Amount;
  readonly requests: Amount;
  readonly latency: { readonly p50: string; readonly p95: string; readonly p99: string; readonly note: string };
  /** Used and idle capacity by who pays for it; null where nothing is provisioned. */
  readonly capacity: readonly Row[] | null;
  readonly throttled: { readonly count: Amount; readonly share: string } | null;
  readonly filtered: { readonly count: Amount; readonly share: string } | null;
  readonly charts: {
    readonly tokens: ChartModel;
    readonly cost: ChartModel;
    readonly latency: ChartModel;
    readonly throttling: ChartModel;
    readonly filters: ChartModel;
    /** Null for a deployment without provisioned throughput. */
    readonly ptu: ChartModel | null;
  };
};

/** Up to this many days are drawn by the hour; longer ones by the day. */
const HOURLY_DAYS = 4;

/** One deployment over time: all charts on one axis. */
export async function loadDeployment(
  principal: Principal,
  params: ReportParams,
  deployment: string,
  given?: ReportSources,
): Promise<DeploymentReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { ledger } = sources;
  const { zone, currency, shown, now } = context;
  const { sees } = principal;
  const period = shown.period;
  const grain = daysIn(period, zone).length <= HOURLY_DAYS ? ("hour" as const) : ("day" as const);
  const filter = { ...params.filter, deployment: { include: [deployment] } };
  const onlyThis = { deployment: { include: [deployment] } };
  const [charges, requests, whole, metrics, ptu, states, seen, capacity, changes] = await Promise.all([
    ledger.sumCharges({ sees, period, zone, grain, groupBy: [], filter }),
    ledger.sumRequests({ sees, period, zone, grain, groupBy: [], filter: onlyThis, hasLatency: true }),
    ledger.sumRequests({ sees, period, zone, grain: "total", groupBy: [], filter: onlyThis, hasLatency: true }),
    ledger.sumMetrics({
      sees,
      period,
      zone,
      grain,
      series: ["requests", "throttled", "rejectedByFilter", "harmful"],
      groupBy: [],
      filter: { deployment: [deployment] },
    }),
    ledger.sumMetrics({
      sees,
      period,
      zone,
      grain,
      series: ["ptuUtilization"],
      groupBy: [],
      filter: { deployment: [deployment] },
    }),
    ledger.bucketStates(period, now),
    ledger.listDeployments({ sees, period }),
    ledger.sumCharges({ sees, period, zone, grain: "total", groupBy: CAPACITY_SPLIT, filter: capacityFilter(filter) }),
    ledger.changes({ sees, period, filter }),
  ]);
  const known = seen.find(({ key }) => key === deployment) ?? null;
  const axis: Axis = { places: placesOf(period, grain, zone, now, states), zone, pointName: grain };
  const total = sum(charges.map((row) => row.contractedCost));
  const summary = whole[0];
  const opens = (what: string, measure: Measure, only: ChargeFilter = filter) =>
    toReceiptParam({ title: `${what} of ${deployment}`, period, zone, filter: only, measure });
  return {
    context,
    deployment,
    known,
    facts: known ? factsOf(known, zone) : [],
    cost: {
      amount: amountOf(total, currency),
      receipt: toReceiptParam({ title: `Cost of ${deployment}`, period, zone, filter }),
      mark: markOf(charges),
    },
    receipts: {
      tokens: opens("Tokens", "tokens"),
      requests: opens("Requests", "requests", onlyThis),
      latency: opens("Latency", "latency", onlyThis),
      throttled: opens("Throttled requests", "throttled", onlyThis),
      filtered: opens("Requests rejected by the filter", "filtered", onlyThis),
    },
    tokens: shortCountOf(charges.reduce((a, row) => a + tokensOf(row), 0n)),
    requests: countOf(summary?.requests ?? 0n),
    latency: latencyTile(summary),
    capacity: capacity.length === 0 ? null : capacityRows(capacity, currency),
    throttled: metricTile(metrics, "throttled"),
    filtered: metricTile(metrics, "rejectedByFilter"),
    charts: {
      tokens: tokenChart(axis, charges),
      cost: {
        ...costChart(axis, charges, currency),
        marks: grain === "day" ? changeMarks(changes, zone) : [],
      },
      latency: latencyChart(axis, requests),
      throttling: metricChart(axis, metrics, [{ key: "throttled", name: "Throttled (429)", slot: 1 }], "requests"),
      filters: metricChart(
        axis,
        metrics,
        [
          { key: "rejectedByFilter", name: "Rejected by the filter", slot: 2 },
          { key: "harmful", name: "Judged harmful", slot: 4 },
        ],
        "requests",
      ),
      ptu: known?.isProvisioned || ptu.length > 0 ? ptuChart(axis, ptu) : null,
    },
  };
}

type Place = { readonly key: string; readonly label: string; readonly state: ChartPoint["state"] };
type Axis = { readonly places: readonly Place[]; readonly zone: ZoneId; readonly pointName: "hour" | "day" };

function placesOf(
  period: Period,
  grain: "hour" | "day",
  zone: ZoneId,
  now: Instant,
  states: readonly BucketStretch[],
): Place[] {
  if (grain === "day")
    return daysIn(period, zone).map((day) => ({
      key: day,
      label: formatDay(day),
      state: periodState(periodOfDays(day, addDays(day, 1), zone), now, states),
    }));
  const first = Math.floor(period.start / HOUR_MS) * HOUR_MS;
  const end = Math.min(period.end, now);
  return Array.from({ length: Math.max(0, Math.ceil((end - first) / HOUR_MS)) }, (_, index) => {
    const start = toInstant(first + index * HOUR_MS);
    return {
      key: toIso(start),
      label: `${formatDay(dayOf(start, zone))} ${formatClock(start, zone)}`,
      state: periodState({ start, end: toInstant(start + HOUR_MS) }, now, states),
    };
  });
}

const GAP: ChartValue = { n: null, text: "unknown", exact: "" };
const NONE: ChartValue = { n: null, text: "–", exact: "" };

/** Points of a chart over the places of the axis; where nothing is known there is a gap. */
function pointsOf(
  axis: Axis,
  valuesAt: (key: string) => readonly ChartValue[] | undefined,
  quiet: readonly ChartValue[],
  totalAt?: (key: string) => ChartValue,
): ChartPoint[] {
  return axis.places.map((place) => {
    const values = valuesAt(place.key);
    const isUnknown = place.state === "unknown" && !values;
    return {
      ...place,
      values: isUnknown ? quiet.map(() => GAP) : (values ?? quiet),
      ...(totalAt ? { total: isUnknown ? GAP : totalAt(place.key) } : {}),
    };
  });
}

function countValue(count: bigint): ChartValue {
  return { n: Number(count), text: formatCountShort(count), exact: count.toString() };
}

function tokenChart(axis: Axis, charges: readonly ChargeSum[]): ChartModel {
  const at = new Map(charges.map((row) => [row.bucket ?? "", row]));
  const parts = (row: ChargeSum) =>
    [row.inputTokens, row.cachedInputTokens, row.cacheWriteTokens, row.outputTokens].map(countValue);
  const zero = countValue(0n);
  return {
    unit: "count",
    unitName: `tokens per ${axis.pointName}`,
    zoneName: axis.zone,
    pointName: axis.pointName,
    series: [
      { key: "input", name: "Input", slot: 0 },
      { key: "cached_input", name: "Cached input", slot: 3 },
      { key: "cache_write", name: "Cache write", slot: 6 },
      { key: "output", name: "Output", slot: 1 },
    ],
    points: pointsOf(
      axis,
      (key) => {
        const row = at.get(key);
        return row && parts(row);
      },
      [zero, zero, zero, zero],
      (key) => {
        const row = at.get(key);
        return row ? countValue(tokensOf(row)) : zero;
      },
    ),
  };
}

function costChart(axis: Axis, charges: readonly ChargeSum[], currency: string): ChartModel {
  const at = new Map(charges.map((row) => [row.bucket ?? "", row]));
  const zero = moneyValue(sum([]), currency);
  return {
    unit: "money",
    unitName: `${currency} per ${axis.pointName}`,
    currency,
    zoneName: axis.zone,
    pointName: axis.pointName,
    series: [{ key: "cost", name: "Cost", slot: 0 }],
    points: pointsOf(
      axis,
      (key) => {
        const row = at.get(key);
        return row && [moneyValue(row.contractedCost, currency)];
      },
      [zero],
    ),
  };
}

function latencyChart(axis: Axis, requests: readonly RequestSum[]): ChartModel {
  const at = new Map(requests.map((row) => [row.bucket ?? "", row]));
  const value = (ms: number | null | undefined): ChartValue =>
    ms === null || ms === undefined ? NONE : { n: ms, text: formatLatency(ms), exact: String(Math.round(ms)) };
  const lines: readonly {
    readonly key: string;
    readonly name: string;
    readonly slot: number;
    readonly of: (row: RequestSum) => number | null | undefined;
  }[] = [
    { key: "p50", name: "p50", slot: 3, of: (row) => row.latency?.p50 },
    { key: "p95", name: "p95", slot: 0, of: (row) => row.latency?.p95 },
    { key: "p99", name: "p99", slot: 2, of: (row) => row.latency?.p99 },
    {
      key: "p95-streaming",
      name: "p95 of streaming, to the last token",
      slot: 1,
      of: (row) => row.streamingLatency?.p95,
    },
  ];
  const drawn = lines.filter(({ of }) => requests.some((row) => (of(row) ?? null) !== null));
  return {
    unit: "milliseconds",
    unitName: "time to the whole answer",
    zoneName: axis.zone,
    pointName: axis.pointName,
    series: drawn.map(({ key, name, slot }) => ({ key, name, slot })),
    points: pointsOf(
      axis,
      (key) => {
        const row = at.get(key);
        return row && drawn.map(({ of }) => value(of(row)));
      },
      drawn.map(() => NONE),
    ),
  };
}

function metricChart(
  axis: Axis,
  metrics: readonly MetricSum[],
  series: readonly { readonly key: MetricSum["series"]; readonly name: string; readonly slot: number }[],
  unit: string,
): ChartModel {
  const counted = new Set(metrics.map((row) => row.bucket));
  const at = new Map(metrics.map((row) => [`${row.series} ${row.bucket}`, BigInt(Math.round(row.total ?? 0))]));
  // Where the platform counted no request at all, it did not say that none was throttled.
  const quiet = series.map(() => NONE);
  return {
    unit: "count",
    unitName: `${unit} per ${axis.pointName}, from the platform metrics`,
    zoneName: axis.zone,
    pointName: axis.pointName,
    series,
    points: pointsOf(
      axis,
      (key) => (counted.has(key) ? series.map((one) => countValue(at.get(`${one.key} ${key}`) ?? 0n)) : undefined),
      quiet,
    ),
  };
}

function ptuChart(axis: Axis, ptu: readonly MetricSum[]): ChartModel {
  const at = new Map(ptu.map((row) => [row.bucket ?? "", row]));
  const value = (percent: number | null): ChartValue =>
    percent === null ? NONE : { n: percent, text: `${percent.toFixed(1)}\u00a0%`, exact: percent.toString() };
  return {
    unit: "percent",
    unitName: "use of the provisioned throughput",
    zoneName: axis.zone,
    pointName: axis.pointName,
    series: [
      { key: "average", name: "Average", slot: 0 },
      { key: "maximum", name: "Busiest minute", slot: 4 },
    ],
    points: pointsOf(
      axis,
      (key) => {
        const row = at.get(key);
        return row && [value(row.average), value(row.maximum)];
      },
      [NONE, NONE],
    ),
    level: { value: 100, word: "", text: "100\u00a0%" },
  };
}

function latencyTile(row: RequestSum | undefined): DeploymentReport["latency"] {
  const whole = row?.latency;
  const streaming = row?.streamingLatency;
  const isStreaming = (whole?.measured ?? 0n) === 0n;
  const latency = isStreaming ? streaming : whole;
  if (!latency || latency.measured === 0n) return { p50: "–", p95: "–", p99: "–", note: "no latency was measured" };
  const others = isStreaming ? 0n : (streaming?.measured ?? 0n);
  return {
    p50: formatLatency(latency.p50),
    p95: formatLatency(latency.p95),
    p99: formatLatency(latency.p99),
    note: `${formatCount(latency.measured)} measured${isStreaming ? ", all streaming" : others > 0n ? `, ${formatCount(others)} streaming apart` : ""}`,
  };
}

function metricTile(
  metrics: readonly MetricSum[],
  series: MetricSum["series"],
): { readonly count: Amount; readonly share: string } | null {
  const total = (name: MetricSum["series"]) =>
    BigInt(Math.round(metrics.filter((row) => row.series === name).reduce((a, row) => a + (row.total ?? 0), 0)));
  const requests = total("requests");
  if (requests === 0n) return null;
  return { count: countOf(total(series)), share: formatShare(total(series), requests) };
}

function factsOf(known: SeenDeployment, zone: ZoneId): { readonly name: string; readonly value: string }[] {
  return [
    { name: "Model", value: `${known.model}${known.version ? ` ${known.version}` : ", version unknown"}` },
    { name: "Scope", value: known.scope },
    { name: "SKU", value: known.isProvisioned ? "provisioned" : known.mode },
    { name: "Region", value: known.region || "unknown" },
    { name: "Account", value: known.account.split("/").at(-1) ?? known.account },
    { name: "First in these days", value: formatInstant(known.firstSeen, zone, { withYear: true }) },
    { name: "Last in these days", value: formatInstant(known.lastSeen, zone, { withYear: true }) },
  ];
}
