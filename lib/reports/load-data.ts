import type { Principal } from "../auth/principal.ts";
import { formatCount, formatShare, NOT_APPLICABLE } from "../format/format-count.ts";
import { formatAgo, formatInstant, formatSpan } from "../format/format-time.ts";
import type { BucketState, DeploymentCoverage, Source, SourceReach } from "../ledger/ledger.ts";
import { type SourceStanding, sourceStandings } from "../ledger/source-standing.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { deploymentPath } from "../url/page-path.ts";
import { type ReportParams, toHref } from "../url/report-params.ts";
import type { InventoryRow } from "../usage/inventory.ts";
import { readInventory } from "../usage/inventory-file.ts";
import { type Amount, shortCountOf } from "./amount.ts";
import type { DataGap } from "./gaps/data-gap.ts";
import { dataGaps } from "./gaps/data-gaps.ts";
import { loadMonths, type MonthsReport } from "./load-months.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import { sourceName } from "./source-name.ts";
import { STANDING_WORDS } from "./standing-word.ts";
import type { Cell, Row } from "./table-model.ts";

export type DataReport = {
  readonly context: PageContext;
  readonly sources: readonly Row[];
  /** What keeps figures of the shown days from being whole, with the remedy of each. */
  readonly gaps: readonly DataGap[];
  readonly readBack: {
    readonly state: "none" | "running" | "complete";
    readonly text: string;
    readonly share: number | null;
  };
  readonly stretches: readonly {
    readonly from: string;
    readonly to: string;
    readonly state: BucketState;
    readonly share: number;
  }[];
  /** Since when the ledger rests on each source, in the raw tables and in the summary rule. */
  readonly reach: readonly Row[];
  readonly coverage: readonly Row[];
  readonly months: MonthsReport | null;
  readonly totals: {
    readonly charges: Amount;
    readonly requests: Amount;
    readonly bytes: string;
    readonly since: string;
    readonly zones: string;
  };
};

const NONE: Cell = { text: NOT_APPLICABLE };

/** Where every source stands, how far the history was read, and how much of each deployment is known. */
export async function loadData(principal: Principal, params: ReportParams, given?: ReportSources): Promise<DataReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { ledger } = sources;
  const { zone, now, shown } = context;
  const [clocks, coverage, stats, states, faults, inventory, reach, months] = await Promise.all([
    ledger.sourceClocks(),
    ledger.coverage({ sees: principal.sees, period: shown.period }),
    ledger.stats(),
    ledger.bucketStates(shown.period, now),
    ledger.dataFaults({ sees: principal.sees, period: shown.period, now }),
    readInventory(sources.env.dataDir),
    ledger.reach(),
    loadMonths(principal, sources, { zone, now }),
  ]);
  const standings = sourceStandings(clocks, now);
  const current = inventory.filter(({ to }) => to === null || to > now);
  const length = shown.period.end - shown.period.start;
  return {
    context,
    sources: standings.map((standing) => sourceRow(standing, zone, now)),
    gaps: dataGaps({
      standings,
      faults,
      coverage,
      inventory,
      accounts: accountsOf(sources.env.AZURE_OPENAI_RESOURCE_IDS, current),
      workspaceId: sources.env.LOG_ANALYTICS_WORKSPACE_ID[0]?.workspaceId,
      readBack: context.clock.readBack,
      now,
      zone,
    }),
    readBack: readBackOf(context),
    stretches: states
      .filter((stretch) => stretch.start < now)
      .map((stretch) => ({
        from: formatInstant(stretch.start, zone),
        to: formatInstant(toInstant(Math.min(stretch.end, now)), zone),
        state: stretch.state,
        share: (stretch.end - stretch.start) / length,
      })),
    reach: reachRows(reach, zone),
    months,
    coverage: coverage.map((row) => coverageRow(row, standings, context)),
    totals: {
      charges: shortCountOf(stats.charges),
      requests: shortCountOf(stats.requests),
      bytes: bytesText(stats.bytes),
      since:
        stats.firstQuarterHour === null
          ? "nothing yet"
          : formatInstant(stats.firstQuarterHour, zone, { withYear: true }),
      zones: stats.zones.join(", "),
    },
  };
}

function sourceRow({ clock, state, completeTo }: SourceStanding, zone: ZoneId, now: Instant): Row {
  const at = (instant: Instant | null): Cell =>
    instant === null
      ? NONE
      : { text: formatInstant(instant, zone), sort: instant, exact: String(instant), note: formatAgo(instant, now) };
  const lag = (ms: number | null): Cell => (ms === null ? NONE : { text: formatSpan(ms), sort: ms, exact: String(ms) });
  const shown = STANDING_WORDS[state];
  return {
    id: `${clock.source} ${clock.workspace} ${clock.resource}`,
    cells: {
      source: { text: sourceName(clock.source), note: WHAT_IT_GIVES[clock.source] },
      resource: { text: clock.resource.split("/").at(-1) ?? clock.resource, title: clock.resource },
      state: { text: shown.word, state: shown.state, ...(clock.failure ? { title: clock.failure } : {}) },
      lastRow: at(clock.lastRow),
      dataTo: at(completeTo),
      watermark: at(clock.watermark),
      lagP50: lag(clock.lagP50Ms),
      lagP95: lag(clock.lagP95Ms),
      failure: { text: clock.failure ?? "–" },
    },
  };
}

const WHAT_IT_GIVES: Readonly<Record<Source, string>> = {
  usage_log: "tokens with the cached share",
  request_response: "requests, status, latency",
  gateway: "teams and tokens at the gateway",
  gateway_log: "status and callers at the gateway",
  span: "applications and filters",
  metric: "429, filters and PTU per deployment",
};

function readBackOf({ clock, zone }: PageContext): DataReport["readBack"] {
  const { state, daysDone, daysTotal, readDownTo, etaMs } = clock.readBack;
  switch (state) {
    case "none":
      return { state, text: "Nothing is being read back.", share: null };
    case "complete":
      return { state, text: `The history is read: ${formatCount(daysTotal)} days.`, share: 1 };
    case "running": {
      const reached = readDownTo === null ? "" : `, down to ${formatInstant(readDownTo, zone, { withYear: true })}`;
      const left = etaMs === null ? "" : `; about ${formatSpan(etaMs)} to go`;
      return {
        state,
        text: `Reading the history, newest first: ${daysDone} of ${daysTotal} days${reached}${left}.`,
        share: daysTotal === 0 ? 0 : daysDone / daysTotal,
      };
    }
  }
}

/** Lower-case ARM ids of the accounts that are configured or in use. */
function accountsOf(configured: readonly string[], inventory: readonly InventoryRow[]): string[] {
  return [...new Set([...configured, ...inventory.map(({ account }) => account)].map((id) => id.toLowerCase()))];
}

function reachRows(reach: readonly SourceReach[], zone: ZoneId): Row[] {
  return [...Map.groupBy(reach, ({ source }) => source)].map(([source, parts]) => {
    const of = (origin: SourceReach["origin"]): Cell => {
      const part = parts.find((candidate) => candidate.origin === origin);
      if (!part) return NONE;
      const at = (instant: Instant) => formatInstant(instant, zone, { withYear: true });
      return { text: at(part.from), sort: part.from, exact: String(part.from), title: `until ${at(part.to)}` };
    };
    return { id: source, cells: { source: { text: sourceName(source) }, logs: of("logs"), summary: of("summary") } };
  });
}

function coverageRow(row: DeploymentCoverage, standings: readonly SourceStanding[], { params }: PageContext): Row {
  const key = `${row.account.split("/").at(-1)}/${row.deployment}`;
  const share = (part: bigint, whole: bigint): Cell =>
    whole === 0n
      ? NONE
      : { text: formatShare(part, whole), sort: Number(part) / Number(whole), exact: part.toString() };
  const isConnected = (...names: readonly Source[]) =>
    standings.some(({ clock, state }) => names.includes(clock.source) && state !== "not_connected");
  const count = (value: bigint | null, isKnown: boolean): Cell =>
    value === null
      ? { text: isKnown ? NOT_APPLICABLE : "not connected", sort: -1 }
      : { text: formatCount(value), sort: Number(value), exact: value.toString() };
  return {
    id: key,
    cells: {
      name: {
        text: row.deployment === "" ? `${key} (deployment not told)` : key,
        ...(row.deployment === "" ? {} : { href: toHref(deploymentPath(key), { ...params, by: undefined }) }),
      },
      log: count(row.requestsByLog, isConnected("usage_log", "request_response")),
      metric: count(row.requestsByMetric, isConnected("metric")),
      gateway: count(row.requestsByGateway, isConnected("gateway_log")),
      difference: differenceCell(row),
      withTokens: share(row.requestsWithTokens, row.requests),
      withPrice: share(row.pricedTokens, row.tokens),
      withOwner: share(row.requestsWithOwner, row.requests),
      metricOnly: share(row.metricOnlyTokens, row.tokens),
      estimated: share(row.estimatedTokens, row.tokens),
    },
  };
}

/** What the platform counted beyond the log: requests that were billed and left no row. */
function differenceCell({ requestsByLog, requestsByMetric }: DeploymentCoverage): Cell {
  if (requestsByLog === null || requestsByMetric === null) return NONE;
  const difference = requestsByMetric - requestsByLog;
  const isLarge = (difference < 0n ? -difference : difference) * 50n > requestsByMetric;
  return {
    text: difference > 0n ? `+${formatCount(difference)}` : formatCount(difference),
    sort: Number(difference),
    exact: difference.toString(),
    ...(isLarge ? { state: "watch" as const } : {}),
  };
}

function bytesText(bytes: bigint): string {
  const mebibytes = Number(bytes) / 1_048_576;
  return mebibytes < 10 ? `${mebibytes.toFixed(1)} MiB` : `${Math.round(mebibytes)} MiB`;
}
