import type { Principal } from "../auth/principal.ts";
import { formatAgo, formatInstant, formatTime } from "../format/format-time.ts";
import { type SourceStanding, sourceStandings } from "../ledger/source-standing.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import { addMs, type Instant, MINUTE_MS, minuteOf, type Period } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { queryPath } from "../url/page-path.ts";
import type { ReportParams } from "../url/report-params.ts";
import type { ChartModel } from "./chart-model.ts";
import { type Asked, askMinutes, RECENT_MINUTES, toCall } from "./now/now-calls.ts";
import { type Axis, causeChart, latencyChart, requestChart, throttleChart } from "./now/now-charts.ts";
import { deploymentsOf, gridRow, hitTeams } from "./now/now-deployments.ts";
import { figuresOf, type NowFigure } from "./now/now-figures.ts";
import { nowSentence } from "./now/now-sentence.ts";
import { loadPageContext, type PageContext, type ReportSources } from "./page-context.ts";
import type { Sentence } from "./sentence.ts";
import { sourceName } from "./source-name.ts";
import { STANDING_WORDS } from "./standing-word.ts";
import type { Row, State } from "./table-model.ts";

export type NowSources = ReportSources & Pick<Runtime, "logs">;

export type NowReport = {
  readonly context: PageContext;
  readonly asOf: string;
  readonly sentence: Sentence;
  /** Why the workspace's own minutes are missing or older than asked for; null when they are here. */
  readonly failure: Asked["failure"];
  readonly note: string | null;
  readonly figures: readonly NowFigure[];
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

/** How far Now looks back. */
export const WINDOW_MS = 180 * MINUTE_MS;

/** The last three hours by minute, straight from the workspace; throttling and teams from what the ledger already has. */
export async function loadNow(principal: Principal, params: ReportParams, given?: NowSources): Promise<NowReport> {
  const sources: NowSources = given ?? (await getRuntime());
  const context = await loadPageContext(principal, params, sources);
  const { now, zone } = context;
  const end = addMs(minuteOf(now), MINUTE_MS);
  const window: Period = { start: addMs(end, -WINDOW_MS), end };
  const recent: Period = { start: addMs(end, -RECENT_MINUTES * MINUTE_MS), end };
  const { sees } = principal;
  const [asked, metrics, clocks, teams] = await Promise.all([
    askMinutes(sources.logs, window),
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
    figures: figuresOf(calls, metrics, recent, zone),
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
