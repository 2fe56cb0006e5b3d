import type { Principal } from "../auth/principal.ts";
import { formatCount, formatCountShort, formatShare } from "../format/format-count.ts";
import { formatAgo, formatClock, formatInstant, formatLatency, formatTime } from "../format/format-time.ts";
import { mergeHistograms, percentileMs } from "../ledger/latency-histogram.ts";
import type { MetricSum } from "../ledger/ledger.ts";
import { type SourceStanding, sourceStandings } from "../ledger/source-standing.ts";
import { LogAnalyticsError, type QueryResult } from "../log-analytics/log-analytics.ts";
import { type NowRow, nowByMinute } from "../queries/now-by-minute.ts";
import { paddedWindow } from "../queries/window.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import { addMs, type Instant, MINUTE_MS, minuteOf, type Period, toInstant, toIso } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import { deploymentPath, queryPath, teamPath } from "../url/page-path.ts";
import type { ReportParams } from "../url/report-params.ts";
import { operationOf } from "../usage/operations.ts";
import { causeOf } from "../usage/request-cause.ts";
import type { RequestCause } from "../usage/usage-fact.ts";
import { type Amount, countOf } from "./amount.ts";
import type { ChartModel, ChartPoint, ChartSeries, ChartValue } from "./chart-model.ts";
import { loadPageContext, type PageContext, type ReportSources } from "./page-context.ts";
import type { Sentence } from "./sentence.ts";
import { sourceName } from "./source-name.ts";
import { STANDING_WORDS } from "./standing-word.ts";
import type { Cell, Row, State } from "./table-model.ts";

export type NowSources = ReportSources & Pick<Runtime, "logs">;

export type NowReport = {
  readonly context: PageContext;
  readonly asOf: string;
  readonly sentence: Sentence;
  /** Why the workspace's own minutes are missing or older than asked for; null when they are here. */
  readonly failure: { readonly tried: string; readonly happened: string; readonly next: string } | null;
  readonly note: string | null;
  readonly figures: readonly {
    readonly label: string;
    readonly value: string;
    readonly exact: string;
    readonly change: string;
    readonly state: State;
  }[];
  readonly grid: readonly Row[];
  readonly hit: readonly Row[];
  readonly charts: {
    readonly causes: ChartModel;
    readonly throttled: ChartModel;
    readonly latency: ChartModel;
    readonly requests: ChartModel;
  };
  readonly queryHref: string | null;
  readonly clocks: readonly { readonly name: string; readonly text: string; readonly state: State }[];
};

const WINDOW_MINUTES = 180;
/** What "now" means in a sentence and in the grid. */
const RECENT_MINUTES = 15;
const MAX_AGE_MS = 15_000;
/** One request in a hundred is where a person on call begins to care; five requests are no accident. */
const WATCH_PER_CENT = 1n;
const FEWEST = 5n;

/** The last three hours by minute, straight from the workspace; throttling and teams from what the ledger already has. */
export async function loadNow(principal: Principal, params: ReportParams, given?: NowSources): Promise<NowReport> {
  const sources: NowSources = given ?? (await getRuntime());
  const context = await loadPageContext(principal, params, sources);
  const { now, zone } = context;
  const end = addMs(minuteOf(now), MINUTE_MS);
  const window: Period = { start: addMs(end, -WINDOW_MINUTES * MINUTE_MS), end };
  const recent: Period = { start: addMs(end, -RECENT_MINUTES * MINUTE_MS), end };
  const { sees } = principal;
  const [asked, metrics, clocks, teams] = await Promise.all([
    ask(sources, window),
    sources.ledger.sumMetrics({
      sees,
      period: window,
      zone,
      grain: "minute",
      series: ["requests", "throttled"],
      groupBy: ["deployment"],
      filter: {},
    }),
    sources.ledger.sourceClocks(),
    sources.ledger.sumRequests({
      sees,
      period: { start: addMs(end, -60 * MINUTE_MS), end },
      zone,
      grain: "total",
      groupBy: ["team"],
      filter: {},
      hasLatency: false,
    }),
  ]);
  const calls = asked.rows.map(toCall).filter((call) => call.isInference);
  const newest = calls.map((call) => call.minute).toSorted((a, b) => b - a)[0] ?? window.start;
  const axis: Axis = { window, zone, newest };
  const statuses = deploymentsOf(calls, metrics, recent);
  const hit = hitTeams(teams);
  return {
    context,
    asOf: formatInstant(now, zone),
    sentence: nowSentence({ statuses, hit, metrics, zone, isKnown: asked.failure === null, calls, recent }),
    failure: asked.failure,
    note: asked.note,
    figures: figuresOf(calls, metrics, recent),
    grid: statuses.map((status) => gridRow(status)),
    hit: hit.map((team) => team.row),
    charts: {
      causes: causeChart(axis, calls),
      throttled: throttleChart(axis, metrics),
      latency: latencyChart(axis, calls),
      requests: requestChart(axis, calls),
    },
    queryHref: asked.kql === null ? null : queryPath(asked.kql),
    clocks: sourceStandings(clocks, now).map((standing) => clockLine(standing, zone, now)),
  };
}

type Asked = {
  readonly rows: readonly NowRow[];
  readonly kql: string | null;
  readonly failure: NowReport["failure"];
  readonly note: string | null;
};

async function ask(sources: NowSources, window: Period): Promise<Asked> {
  const tried = "The last three hours could not be read from the workspace.";
  try {
    const result = await sources.logs.run(
      nowByMinute,
      { window },
      { priority: "interactive", maxAgeMs: MAX_AGE_MS, period: paddedWindow(window) },
    );
    return { ...answerOf(result), kql: result.kql };
  } catch (error) {
    if (!(error instanceof LogAnalyticsError)) throw error;
    return {
      rows: [],
      kql: null,
      failure: {
        tried,
        happened: error.message,
        next: "Throttling and teams below come from the ledger and are as old as the data clock says.",
      },
      note: null,
    };
  }
}

function answerOf(result: QueryResult<NowRow>): Omit<Asked, "kql"> {
  switch (result.status) {
    case "complete":
      return {
        rows: result.rows,
        failure: null,
        note: result.refreshError ? "Asking again failed, so these minutes are a little older than usual." : null,
      };
    case "partial":
      return { rows: result.rows, failure: null, note: `The workspace sent only a part: ${result.message}` };
    case "not_connected":
      return {
        rows: [],
        failure: {
          tried: "The accounts' own logs are not in the workspace.",
          happened: `There is no ${result.missing.kind} ${result.missing.name}.`,
          next: "Send the diagnostic logs RequestResponse and AzureOpenAIRequestUsage of each account to the workspace.",
        },
        note: null,
      };
  }
}

type Call = {
  readonly minute: Instant;
  readonly deployment: string;
  readonly cause: RequestCause;
  readonly requests: bigint;
  readonly isInference: boolean;
  readonly row: NowRow;
};

function toCall(row: NowRow): Call {
  const account = row.account.split("/").at(-1) ?? row.account;
  return {
    minute: row.minute,
    deployment: row.deployment === "" ? `${account}/(deployment not told)` : `${account}/${row.deployment}`,
    cause: causeOf(row.status, false),
    requests: row.requests,
    isInference: operationOf(row.operation).isInference,
    row,
  };
}

type Status = {
  readonly deployment: string;
  readonly requests: bigint;
  readonly byCause: ReadonlyMap<RequestCause, bigint>;
  /** From the platform metrics; null when they have no minute of this deployment. */
  readonly throttled: { readonly count: bigint; readonly of: bigint } | null;
  readonly p95: number | null;
  readonly spark: readonly (number | null)[];
  readonly state: State;
};

function deploymentsOf(calls: readonly Call[], metrics: readonly MetricSum[], recent: Period): Status[] {
  const callsBy = Map.groupBy(calls, (call) => call.deployment);
  const metricsBy = Map.groupBy(metrics, (row) => row.keys.deployment ?? "");
  const names = [...new Set([...callsBy.keys(), ...metricsBy.keys()])].toSorted();
  return names
    .map((deployment): Status => {
      const own = callsBy.get(deployment) ?? [];
      const now = own.filter((call) => call.minute >= recent.start);
      const byCause = new Map(
        [...Map.groupBy(now, (call) => call.cause)].map(([cause, group]) => [cause, countAll(group)]),
      );
      const minutes = (metricsBy.get(deployment) ?? []).filter((row) => (row.bucket ?? "") >= toIso(recent.start));
      const throttled =
        minutes.length === 0
          ? null
          : { count: metricTotal(minutes, "throttled"), of: metricTotal(minutes, "requests") };
      const status = {
        deployment,
        requests: countAll(now),
        byCause,
        throttled,
        p95: percentileMs(
          mergeHistograms(now.filter((call) => call.cause === "ok" && !isStreaming(call)).map(histogramOf)),
          0.95,
        ),
        spark: sparkOf(own, recent),
      };
      return { ...status, state: stateOf(status) };
    })
    .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.deployment.localeCompare(b.deployment));
}

const ORDER: readonly State[] = ["firing", "watch", "late", "ok", "no data"];

function stateOf({ requests, byCause, throttled }: Omit<Status, "state">): State {
  const logThrottled = byCause.get("throttled") ?? 0n;
  const failed =
    (byCause.get("server_error") ?? 0n) +
    (byCause.get("timeout") ?? 0n) +
    (byCause.get("access_denied") ?? 0n) +
    (byCause.get("network_closed") ?? 0n);
  const share = throttled && throttled.of > 0n ? throttled : { count: logThrottled, of: requests };
  if (requests === 0n && share.of === 0n) return "no data";
  if (isMany(share.count, share.of, 5n) || isMany(failed, requests, 5n)) return "firing";
  if (isMany(share.count, share.of, WATCH_PER_CENT) || isMany(failed, requests, WATCH_PER_CENT)) return "watch";
  return "ok";
}

function isMany(count: bigint, of: bigint, perCent: bigint): boolean {
  return count >= FEWEST && count * 100n >= of * perCent;
}

function gridRow(status: Status): Row {
  const { deployment, requests, byCause, throttled, p95, spark, state } = status;
  const of = (...causes: RequestCause[]) => causes.reduce((a, cause) => a + (byCause.get(cause) ?? 0n), 0n);
  const cell = (count: bigint): Cell => ({
    text: count === 0n ? "0" : formatCount(count),
    sort: Number(count),
    exact: count.toString(),
    ...(isMany(count, requests, WATCH_PER_CENT) ? { state: "watch" as const } : {}),
  });
  const isNamed = !deployment.endsWith("(deployment not told)");
  return {
    id: deployment,
    cells: {
      name: { text: deployment, ...(isNamed ? { href: `${deploymentPath(deployment)}?period=1d` } : {}) },
      state: { text: STATE_WORDS[state], state, sort: ORDER.indexOf(state) },
      requests: { text: formatCountShort(requests), sort: Number(requests), exact: requests.toString() },
      spark: { text: "", spark },
      throttled: throttled
        ? {
            text: formatShare(throttled.count, throttled.of),
            sort: Number(throttled.count),
            exact: throttled.count.toString(),
            title: `${throttled.count} of ${throttled.of}, from the platform metrics`,
            ...(isMany(throttled.count, throttled.of, WATCH_PER_CENT) ? { state: "watch" as const } : {}),
          }
        : { text: requests === 0n ? "–" : "unknown", sort: -1 },
      server: cell(of("server_error", "timeout")),
      denied: cell(of("access_denied", "network_closed")),
      client: cell(of("client_error", "content_filter", "cancelled")),
      p95: p95 === null ? { text: "–" } : { text: formatLatency(p95), sort: p95, exact: String(Math.round(p95)) },
    },
  };
}

const STATE_WORDS: Readonly<Record<State, string>> = {
  ok: "ok",
  watch: "watch",
  firing: "failing",
  "no data": "quiet",
  late: "late",
};

function hitTeams(
  teams: readonly {
    readonly keys: { readonly team?: string };
    readonly requests: bigint;
    readonly byCause: Readonly<Record<RequestCause, bigint>>;
  }[],
) {
  return teams
    .map((row) => ({
      team: row.keys.team ?? "",
      requests: row.requests,
      throttled: row.byCause.throttled,
      failed: row.byCause.server_error + row.byCause.timeout + row.byCause.access_denied + row.byCause.network_closed,
    }))
    .filter(({ throttled, failed }) => throttled + failed > 0n)
    .toSorted((a, b) => (a.throttled + a.failed < b.throttled + b.failed ? 1 : -1))
    .map((hit) => ({
      ...hit,
      row: {
        id: hit.team,
        cells: {
          name: { text: dimensionValueName("team", hit.team), ...(hit.team ? { href: teamPath(hit.team) } : {}) },
          throttled: { text: formatCount(hit.throttled), sort: Number(hit.throttled), exact: hit.throttled.toString() },
          failed: { text: formatCount(hit.failed), sort: Number(hit.failed), exact: hit.failed.toString() },
          share: {
            text: formatShare(hit.throttled + hit.failed, hit.requests),
            sort: hit.requests > 0n ? Number(hit.throttled + hit.failed) / Number(hit.requests) : 0,
          },
        },
      } satisfies Row,
    }));
}

function nowSentence(input: {
  readonly statuses: readonly Status[];
  readonly hit: readonly { readonly team: string; readonly throttled: bigint; readonly failed: bigint }[];
  readonly metrics: readonly MetricSum[];
  readonly zone: ZoneId;
  readonly isKnown: boolean;
  readonly calls: readonly Call[];
  readonly recent: Period;
}): Sentence {
  const { statuses, hit, metrics, zone, isKnown, calls, recent } = input;
  const active = statuses.filter(({ state }) => state !== "no data");
  const throttling = active.filter(({ throttled, byCause, requests }) =>
    throttled
      ? isMany(throttled.count, throttled.of, WATCH_PER_CENT)
      : isMany(byCause.get("throttled") ?? 0n, requests, WATCH_PER_CENT),
  );
  const denied = recentCount(calls, recent, ["access_denied", "network_closed"]);
  const failed = recentCount(calls, recent, ["server_error", "timeout"]);
  if (active.length === 0)
    return isKnown
      ? [`No request in the last ${RECENT_MINUTES} minutes.`]
      : ["What happens now is unknown: the workspace did not answer, and the metrics have no recent minute."];
  const parts: Sentence[] = [];
  if (throttling.length > 0) {
    const since = throttlingSince(
      throttling.map(({ deployment }) => deployment),
      metrics,
    );
    const teams = hit
      .filter(({ throttled }) => throttled > 0n)
      .slice(0, 2)
      .map(({ team }) => dimensionValueName("team", team));
    parts.push([
      { figure: `${throttling.length} of ${active.length}`, exact: String(throttling.length) },
      ` ${active.length === 1 ? "deployment throttles" : "deployments throttle"}: ${listOf(throttling.slice(0, 3).map(({ deployment }) => deployment))}`,
      ...(throttling.length > 3 ? [` and ${throttling.length - 3} more`] : []),
      ...(since === null ? ["."] : [`, since ${formatTime(since, zone)}.`]),
      ...(teams.length > 0 ? [` Hit most in the last hour: ${listOf(teams)}.`] : []),
    ]);
  }
  if (failed >= FEWEST)
    parts.push([
      { figure: formatCount(failed), exact: failed.toString() },
      " server errors and time-outs in the last quarter of an hour.",
    ]);
  if (denied >= FEWEST)
    parts.push([
      { figure: formatCount(denied), exact: denied.toString() },
      " calls were denied access in the last quarter of an hour.",
    ]);
  if (parts.length === 0)
    parts.push([
      { figure: active.length === 1 ? "The one" : `All ${active.length}`, exact: String(active.length) },
      ` ${active.length === 1 ? "deployment in use answers" : "deployments in use answer"}; nothing is throttled or failing in the last ${RECENT_MINUTES} minutes.`,
    ]);
  if (isKnown && metrics.length === 0)
    parts.push(["Throttling is read from the log alone: the platform metrics have no minute of the last three hours."]);
  if (!isKnown) parts.push(["The workspace did not answer, so errors other than throttling are unknown."]);
  return parts.flatMap((part, index) => (index === 0 ? part : [" ", ...part]));
}

/** The first minute of the run of throttled minutes that reaches into the recent ones; gaps up to ten minutes belong to it. */
function throttlingSince(deployments: readonly string[], metrics: readonly MetricSum[]): Instant | null {
  const minutes = metrics
    .filter(
      (row) =>
        row.series === "throttled" &&
        (row.total ?? 0) > 0 &&
        deployments.includes(row.keys.deployment ?? "") &&
        row.bucket !== null,
    )
    .map((row) => toInstant(row.bucket ?? ""))
    .toSorted((a, b) => b - a);
  let first: Instant | null = null;
  for (const minute of minutes) {
    if (first !== null && first - minute > 10 * MINUTE_MS) break;
    first = minute;
  }
  return first;
}

function figuresOf(calls: readonly Call[], metrics: readonly MetricSum[], recent: Period): NowReport["figures"] {
  const now = calls.filter((call) => call.minute >= recent.start);
  const requests = countAll(now);
  const minutes = metrics.filter((row) => (row.bucket ?? "") >= toIso(recent.start));
  const throttled = minutes.length === 0 ? null : metricTotal(minutes, "throttled");
  const p95 = percentileMs(
    mergeHistograms(now.filter((call) => call.cause === "ok" && !isStreaming(call)).map(histogramOf)),
    0.95,
  );
  const figure = (label: string, causes: readonly RequestCause[]) => {
    const count = recentCount(calls, recent, causes);
    return {
      label,
      value: formatCount(count),
      exact: count.toString(),
      change: `${formatShare(count, requests)} of requests`,
      state: isMany(count, requests, WATCH_PER_CENT) ? ("watch" as const) : ("ok" as const),
    };
  };
  const total: Amount = countOf(requests);
  return [
    {
      label: "Requests",
      value: total.shown,
      exact: total.exact,
      change: `in the last ${RECENT_MINUTES} minutes`,
      state: "ok",
    },
    throttled === null
      ? { label: "Throttled (429)", value: "unknown", exact: "", change: "no platform metrics", state: "no data" }
      : {
          label: "Throttled (429)",
          value: formatCount(throttled),
          exact: throttled.toString(),
          change: `${formatShare(throttled, metricTotal(minutes, "requests"))} of requests`,
          state: isMany(throttled, metricTotal(minutes, "requests"), WATCH_PER_CENT) ? "watch" : "ok",
        },
    figure("Server errors", ["server_error", "timeout"]),
    figure("Access denied", ["access_denied", "network_closed"]),
    figure("Client errors", ["client_error", "content_filter"]),
    {
      label: "Latency p95",
      value: formatLatency(p95),
      exact: p95 === null ? "" : String(Math.round(p95)),
      change: "without streaming",
      state: "ok",
    },
  ];
}

function clockLine(
  { clock, state, completeTo }: SourceStanding,
  zone: ZoneId,
  now: Instant,
): NowReport["clocks"][number] {
  const name = `${sourceName(clock.source)} of ${clock.resource.split("/").at(-1) || clock.workspace}`;
  if (state === "not_connected") return { name, text: "not connected", state: "no data" };
  if (state === "failed") return { name, text: clock.failure ?? "failed", state: "firing" };
  return {
    name,
    text:
      completeTo === null ? "no row yet" : `complete to ${formatTime(completeTo, zone)}, ${formatAgo(completeTo, now)}`,
    state: completeTo === null ? "no data" : STANDING_WORDS[state].state,
  };
}

type Axis = { readonly window: Period; readonly zone: ZoneId; readonly newest: Instant };

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

function causeChart(axis: Axis, calls: readonly Call[]): ChartModel {
  const failed = calls.filter((call) => call.cause !== "ok");
  return minuteChart(axis, "failed requests per minute", "count", CAUSES, (minute) => {
    const own = failed.filter((call) => call.minute === minute);
    return {
      values: CAUSES.map(({ causes }) => countValue(countAll(own.filter((call) => causes.includes(call.cause))))),
      total: countValue(countAll(own)),
    };
  });
}

function requestChart(axis: Axis, calls: readonly Call[]): ChartModel {
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

function latencyChart(axis: Axis, calls: readonly Call[]): ChartModel {
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

function throttleChart(axis: Axis, metrics: readonly MetricSum[]): ChartModel {
  const throttled = metrics.filter((row) => row.series === "throttled");
  const totals = [...Map.groupBy(throttled, (row) => row.keys.deployment ?? "")]
    .map(([deployment, rows]) => ({ deployment, total: metricTotal(rows, "throttled") }))
    .filter(({ total }) => total > 0n)
    .toSorted((a, b) => (a.total < b.total ? 1 : -1))
    .slice(0, 8);
  const counted = new Set(metrics.map((row) => row.bucket));
  const at = new Map(
    throttled.map((row) => [`${row.keys.deployment} ${row.bucket}`, BigInt(Math.round(row.total ?? 0))]),
  );
  const series =
    totals.length > 0
      ? totals.map(({ deployment }, slot) => ({ key: deployment, name: deployment, slot }))
      : [{ key: "none", name: "Throttled", slot: 0 }];
  return minuteChart(
    { ...axis, newest: axis.window.end },
    "throttled requests per minute, from the platform metrics",
    "count",
    series,
    (minute) => {
      const bucket = toIso(minute);
      if (!counted.has(bucket)) return { values: series.map(() => GAP) };
      return { values: series.map(({ key }) => countValue(at.get(`${key} ${bucket}`) ?? 0n)) };
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
  const points = Array.from({ length: WINDOW_MINUTES }, (_, index): ChartPoint => {
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

function countAll(calls: readonly Call[]): bigint {
  return calls.reduce((a, call) => a + call.requests, 0n);
}

function recentCount(calls: readonly Call[], recent: Period, causes: readonly RequestCause[]): bigint {
  return countAll(calls.filter((call) => call.minute >= recent.start && causes.includes(call.cause)));
}

function metricTotal(rows: readonly MetricSum[], series: MetricSum["series"]): bigint {
  return BigInt(Math.round(rows.filter((row) => row.series === series).reduce((a, row) => a + (row.total ?? 0), 0)));
}

function sparkOf(calls: readonly Call[], recent: Period): (number | null)[] {
  const start = recent.end - 60 * MINUTE_MS;
  const values = Array.from({ length: 12 }, () => 0);
  for (const call of calls) {
    const slot = Math.floor((call.minute - start) / (5 * MINUTE_MS));
    if (slot >= 0 && slot < values.length) values[slot] = (values[slot] ?? 0) + Number(call.requests);
  }
  return values;
}

function isStreaming({ row }: Call): boolean {
  return /^stream/i.test(row.streamType);
}

function histogramOf({ row }: Call) {
  return { buckets: row.buckets, counts: row.counts, unmeasured: 0 };
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
