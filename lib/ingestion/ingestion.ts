import type { AttributionRule } from "../attribution/attribution-rule.ts";
import type { BucketOrigin, Ledger, ReadBackProgress } from "../ledger/ledger.ts";
import type { LogAnalytics, QueryPriority } from "../log-analytics/log-analytics.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import { oldestGatewayRow, oldestRow, touchedQuarterHours } from "../queries/probes.ts";
import {
  addMs,
  HOUR_MS,
  type Instant,
  MINUTE_MS,
  type Period,
  period,
  QUARTER_HOUR_MS,
  quarterHourOf,
  toInstant,
} from "../time/instant.ts";
import type { InventoryRow } from "../usage/inventory.ts";
import { inventoryOf } from "../usage/inventory-lookup.ts";
import type { AccountId } from "../usage/usage-fact.ts";
import { gatewayCallersOf, type MetricTokens } from "../usage/usage-facts.ts";
import { bucketBatch, quartersOf } from "./bucket-batch.ts";
import { createMetricSeries, MINUTE_SERIES_MS } from "./metric-series.ts";
import { fewWindowsOf, windowsOf } from "./quarter-windows.ts";
import { type MeteredAccounts, readMetricTokens } from "./read-metrics.ts";
import { readSummary, readSummaryReach, type SummaryReach, summaryBoundary } from "./read-summary.ts";
import { type LogRows, readWindow } from "./read-window.ts";
import { createSourceProbe } from "./source-probe.ts";

export type IngestionOptions = {
  readonly logs: LogAnalytics;
  /** Undefined: the metrics API is not connected. */
  readonly metrics: Metrics | undefined;
  readonly ledger: Ledger;
  readonly priceBook: () => Promise<PriceBook>;
  readonly rules: () => Promise<readonly AttributionRule[]>;
  readonly inventory: () => Promise<readonly InventoryRow[]>;
  readonly reservations: () => Promise<readonly Reservation[]>;
  /** The key under which caller ids are hashed before they reach the ledger. */
  readonly hmacKey: Uint8Array;
  /** Lower-case ARM ids of the configured accounts; those of the inventory are added. */
  readonly accounts: readonly string[];
  /** Names the workspace in watermarks and clocks. */
  readonly workspace: string;
};

export type CycleSummary = {
  readonly windows: readonly Period[];
  readonly changed: number;
  readonly unchanged: number;
  /** What could not be read this time, in words; those quarter hours keep what they had. */
  readonly failures: readonly string[];
  /** History was read while a workspace refused, and all of them answer again: `readBack` reads it again. */
  readonly isHistoryDue: boolean;
};

/** Keeps the ledger equal to what the workspace says. Calls wait for each other. */
export type Ingestion = {
  /**
   * Reads what is new since the watermark; every hour the last 48 hours and every day the last 7 days again. Every day it also
   * looks for rows that arrived for one of the last 28 days, closed periods included.
   */
  readonly runCycle: (now: Instant, signal?: AbortSignal) => Promise<CycleSummary>;
  /** Reads history, newest day first, down to the oldest row; resumes where an earlier call stopped. */
  readonly readBack: (
    now: Instant,
    onProgress: (progress: ReadBackProgress) => void,
    signal?: AbortSignal,
  ) => Promise<ReadBackProgress>;
  /** Reads quarter hours again, after a change of rules or inventory. Charges keep their prices, closed periods everything. */
  readonly recompute: (within: Period, now: Instant, signal?: AbortSignal) => Promise<CycleSummary>;
  /** The oldest instant that the workspace still tells, in its raw tables or in the summary; null when it tells nothing. */
  readonly oldestKept: (now: Instant) => Promise<Instant | null>;
};

const DAY_MS = 24 * HOUR_MS;

/** How far behind the watermark a cycle looks again (reliability reference, section 2.5). */
const WATERMARK_OVERLAP_MS = 15 * MINUTE_MS;
const HOURLY_RECHECK_MS = 48 * HOUR_MS;
const DAILY_RECHECK_MS = 7 * DAY_MS;
/** How old a row may be that the daily look still finds: less than the 30 days for which any workspace keeps rows by default. */
const LATE_LOOK_MS = 28 * DAY_MS;
/** A row can be asked for a while after it was ingested. */
const VISIBLE_AFTER_MS = HOUR_MS;
const FIRST_READ_MS = 24 * HOUR_MS;
const MINUTES_KEPT_MS = 35 * DAY_MS;
/** How long the platform keeps metrics (azure-telemetry reference, section 2). */
const METRIC_RETENTION_MS = 92 * DAY_MS;
/** The workspace keeps rows for at most two years; the read-back never looks further. */
const LONGEST_RETENTION_MS = 731 * DAY_MS;
/** Windows of the read-back grow while their answers stay below this many entries: one that is too large costs memory. */
const ENTRIES_PER_WINDOW = 200_000;
/** A window of the read-back is this long at least, and begins at a multiple of it. */
const SHORTEST_WINDOW_MS = 6 * HOUR_MS;
const FIRST_WINDOW_PARTS = DAY_MS / SHORTEST_WINDOW_MS;
const MOST_WINDOW_PARTS = 7 * FIRST_WINDOW_PARTS;
/** A late row may touch the owner of a call this far away. */
const TOUCH_MARGIN_QUARTERS = 2;

export function createIngestion(options: IngestionOptions): Ingestion {
  const { logs, ledger, metrics } = options;
  const hourlyMark = `${options.workspace} checked hourly`;
  const dailyMark = `${options.workspace} checked daily`;
  /** Up to where every workspace answered; beyond it the ledger may lack the rows of one that refused. */
  const wholeMark = `${options.workspace} whole`;
  /** When history was read last while a workspace refused; 1970 where it was read whole. */
  const historyMark = `${options.workspace} history lacks`;
  const sources = createSourceProbe(options);
  const series = createMetricSeries({ ...options, meteredAccounts: () => meteredAccounts() });
  /** With how many gateways and accounts known a quarter hour was read again for their sake. */
  const mendedFor = new Map<Instant, string>();
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = queue.then(work, work);
    queue = next;
    return next;
  }

  async function meteredAccounts(rows?: readonly InventoryRow[]): Promise<MeteredAccounts> {
    const inventory = rows ?? (await options.inventory());
    const ids = [...options.accounts, ...inventory.map((row) => row.account)].map((id) => id.toLowerCase());
    const regions = new Map(
      inventory.flatMap(({ account, region }) => (region === "" ? [] : [[account.toLowerCase(), region] as const])),
    );
    return {
      ids: [...new Set(ids)].toSorted() as AccountId[],
      regionOf: (account) => regions.get(account.toLowerCase()),
    };
  }

  /** Everything that the window's charges are made of, read and not yet worked out. */
  async function readAll(
    window: Period,
    now: Instant,
    priority: QueryPriority,
    signal?: AbortSignal,
    origin: BucketOrigin = "logs",
  ) {
    const inventoryRows = await options.inventory();
    const metered = await meteredAccounts(inventoryRows);
    const keptMetrics = withMetrics(window, now);
    const [{ rows, quarterHours }, metricTokens] = await Promise.all([
      origin === "summary"
        ? readSummary(window, { logs, priority, ...(signal ? { signal } : {}) })
        : readLogs(window, now, priority, signal),
      metrics && keptMetrics ? readMetricTokens(metrics, metered, keptMetrics) : null,
    ]);
    if (metrics && keptMetrics && metricTokens === null && window.start < now - 2 * HOUR_MS) {
      throw new MetricsUnreadError(
        "The metrics API could not be read, so what only metrics count is unknown; the quarter hours keep what they had and are read again.",
      );
    }
    return {
      window,
      origin,
      quarterHours,
      rows,
      metricTokens,
      inventory: inventoryOf(inventoryRows),
      accounts: metered.ids,
    };
  }

  /** `isAgain`: what the workspaces have forgotten meanwhile stays. */
  async function store(read: Awaited<ReturnType<typeof readAll>>, now: Instant, isAgain = false) {
    const { quarterHours, origin, rows, metricTokens, inventory, accounts } = read;
    const [book, rules, reservations] = await Promise.all([
      options.priceBook(),
      options.rules(),
      options.reservations(),
    ]);
    await ledger.addGatewayCallers(gatewayCallersOf(rows.usage, options.hmacKey));
    const gatewayCallers = await ledger.gatewayCallers();
    const known = await ledger.knownAccounts();
    const batch = await bucketBatch(quarterHours, rows, metricTokens satisfies readonly MetricTokens[] | null, {
      inventory,
      accounts: [...new Set([...known, ...accounts])],
      rules,
      book,
      reservations,
      hmacKey: options.hmacKey,
      gatewayCallers,
      now,
    });
    return ledger.replaceBuckets({
      ...batch,
      origin,
      bookVersion: book.version,
      isLacking: isAgain || sources.lacking() !== null,
    });
  }

  async function ingestWindow(
    window: Period,
    now: Instant,
    priority: QueryPriority,
    signal?: AbortSignal,
    isAgain = false,
  ) {
    return store(await readAll(window, now, priority, signal), now, isAgain);
  }

  async function readLogs(window: Period, now: Instant, priority: QueryPriority, signal?: AbortSignal) {
    const hasMinutes = window.end > now - MINUTES_KEPT_MS;
    const connectedSources = await sources.connected(now);
    const rows = await readWindow(window, {
      logs,
      sources: connectedSources,
      priority,
      hasMinutes,
      onLacking: sources.noteLack,
      ...(signal ? { signal } : {}),
    });
    return { rows, quarterHours: quartersOf(window) };
  }

  /** The part of a window that the platform still keeps metrics of; undefined for none. */
  function withMetrics(window: Period, now: Instant): Period | undefined {
    const from = quarterHourOf(addMs(now, -METRIC_RETENTION_MS));
    return window.end <= from ? undefined : period(later(window.start, from), window.end);
  }

  async function ingestAll(
    windows: readonly Period[],
    now: Instant,
    priority: QueryPriority,
    signal?: AbortSignal,
    isAgain: (window: Period) => boolean = () => false,
  ): Promise<CycleSummary> {
    const failures: string[] = [];
    let [changed, unchanged] = [0, 0];
    for (const window of windows) {
      signal?.throwIfAborted();
      try {
        const outcome = await ingestWindow(window, now, priority, signal, isAgain(window));
        changed += outcome.changed;
        unchanged += outcome.unchanged;
      } catch (error) {
        if (signal?.aborted || !(error instanceof Error)) throw error;
        failures.push(error.message);
      }
    }
    return { windows, changed, unchanged, failures, isHistoryDue: false };
  }

  /** Quarter hours with rows that were ingested after `since`, and their neighbours; not older than `from`. */
  async function touched(
    now: Instant,
    since: Instant,
    // A row may be two days late, also one that came after a long pause of this process.
    from: Instant = earlier(addMs(now, -DAILY_RECHECK_MS), addMs(since, -HOURLY_RECHECK_MS)),
  ): Promise<{ quarters: Set<number>; newest: Instant | null }> {
    const window = period(from, addMs(now, HOUR_MS));
    const params = { sources: await sources.connected(now), since, window };
    const result = await logs.run(touchedQuarterHours, params, { period: window, priority: "background" });
    const quarters = new Set<number>();
    let newest: Instant | null = null;
    if (result.status === "not_connected") return { quarters, newest };
    if (result.status === "partial" && result.reason !== "workspace_failed")
      throw new Error(`What is new is known only in part: ${result.message}`);
    if (result.status === "partial") sources.noteLack(result.message);
    for (const row of result.rows) {
      const quarter = row.quarterHour / QUARTER_HOUR_MS;
      for (let near = quarter - TOUCH_MARGIN_QUARTERS; near <= quarter + TOUCH_MARGIN_QUARTERS; near += 1)
        quarters.add(near);
      if (newest === null || row.lastIngested > newest) newest = row.lastIngested;
    }
    return { quarters, newest };
  }

  async function cycle(now: Instant, signal?: AbortSignal): Promise<CycleSummary> {
    const watermark = await ledger.watermark(options.workspace);
    const end = addMs(quarterHourOf(now), QUARTER_HOUR_MS);
    const isFirst = watermark === null;
    // The ledger remembers when it was checked again, so that a restart does only what is due.
    const isHourly = await isDue(hourlyMark, HOUR_MS, now);
    const isDaily = await isDue(dailyMark, DAY_MS, now);
    const since = isFirst ? addMs(now, -FIRST_READ_MS) : addMs(watermark, -WATERMARK_OVERLAP_MS);
    const { quarters, newest } = await touched(now, since);
    const wholeTo = await ledger.watermark(wholeMark);
    if (sources.lacking() === null && wholeTo !== null && watermark !== null && wholeTo < watermark) {
      // Every workspace answers again: what the one that refused has received meanwhile is read after all.
      const missed = await touched(now, addMs(wholeTo, -WATERMARK_OVERLAP_MS));
      for (const quarter of missed.quarters) quarters.add(quarter);
    }
    if (isDaily && !isFirst) {
      // Rows of days that are checked no more, those of closed periods among them.
      const lastLook = addMs((await ledger.watermark(dailyMark)) ?? watermark, -VISIBLE_AFTER_MS);
      for (const quarter of (await touched(now, lastLook, addMs(now, -LATE_LOOK_MS))).quarters) quarters.add(quarter);
    }
    const recheckMs = isDaily ? DAILY_RECHECK_MS : isHourly ? HOURLY_RECHECK_MS : HOUR_MS;
    // Quarter hours of a pause are read also where nothing happened.
    const recheck = isFirst
      ? addMs(end, -FIRST_READ_MS)
      : later(earlier(addMs(end, -recheckMs), quarterHourOf(watermark)), await knownFrom(now));
    for (const quarter of quartersOf(period(recheck, end))) quarters.add(quarter / QUARTER_HOUR_MS);
    // What is older than a first look belongs to the read-back, which goes on where this one ends.
    const due = [...quarters]
      .map((quarter) => quarter * QUARTER_HOUR_MS)
      .filter((at) => at < end && !(isFirst && at < recheck))
      .map((at) => at / QUARTER_HOUR_MS);
    // A minute with late rows may ask hardly more than a quiet one.
    const windows = isDaily || isFirst ? windowsOf(due) : fewWindowsOf(due);
    // The first day of a new ledger belongs to the read-back: at the pace of a steady cycle it would take minutes.
    const priority = isFirst ? "read-back" : "background";
    const summary = await ingestAll(
      isFirst ? windows.toReversed() : windows,
      now,
      priority,
      signal,
      (window) => window.start < now - DAILY_RECHECK_MS,
    );
    await mendOlder(now, addMs(now, -LATE_LOOK_MS), priority, signal);
    await series.read(now, isFirst || isHourly);
    if (summary.failures.length === 0) {
      if (isHourly) await ledger.saveWatermark(hourlyMark, now);
      if (isDaily) await ledger.saveWatermark(dailyMark, now);
      if (isFirst) await ledger.saveReadBack({ ...NOTHING_READ_BACK, readDownTo: recheck });
      const reached = newest ?? watermark ?? now;
      const wholeBefore = wholeTo ?? watermark ?? addMs(now, -FIRST_READ_MS);
      await ledger.saveWatermark(wholeMark, sources.lacking() === null ? reached : wholeBefore);
      await ledger.saveWatermark(options.workspace, reached);
      await sources.markAsked(now);
      await ledger.prune(now);
    }
    return { ...summary, isHistoryDue: await isHistoryDue() };
  }

  /**
   * A caller that turned out to be a gateway is nobody in quarter hours that were read before as well, and the host of an account
   * that was unknown then is that account. Each is read once again: one that stays as it is, because its period is closed, is left
   * to itself.
   */
  async function mendOlder(now: Instant, from: Instant, priority: QueryPriority, signal?: AbortSignal): Promise<void> {
    const callers = await ledger.gatewayCallers();
    const accounts = await ledger.knownAccounts();
    const known = `${callers.size} ${accounts.length}`;
    const ofCallers = await ledger.quarterHoursOfCallers(addMs(now, -DAILY_RECHECK_MS), callers);
    const ofHosts = await ledger.quarterHoursOfUnknownHosts(from);
    const stale = [...new Set([...ofCallers, ...ofHosts])].filter((quarter) => mendedFor.get(quarter) !== known);
    for (const window of windowsOf(stale.map((quarter) => quarter / QUARTER_HOUR_MS)))
      await ingestWindow(window, now, priority, signal, window.start < now - DAILY_RECHECK_MS);
    for (const quarter of stale) mendedFor.set(quarter, known);
  }

  async function isHistoryDue(): Promise<boolean> {
    return sources.lacking() === null && ((await ledger.watermark(historyMark)) ?? 0) > 0;
  }

  async function isDue(mark: string, everyMs: number, now: Instant): Promise<boolean> {
    const at = await ledger.watermark(mark);
    return at === null || at > now || now - at >= everyMs;
  }

  /** Quarter hours before this instant have not been read and belong to the read-back. */
  async function knownFrom(now: Instant): Promise<Instant> {
    const { state, readDownTo } = await ledger.readBack();
    if (state === "complete") return addMs(now, -LONGEST_RETENTION_MS);
    return readDownTo ?? (await ledger.stats()).firstReadQuarterHour ?? addMs(now, -FIRST_READ_MS);
  }

  async function history(
    now: Instant,
    onProgress: (progress: ReadBackProgress) => void,
    signal?: AbortSignal,
  ): Promise<ReadBackProgress> {
    const stored = await ledger.readBack();
    const isAgain = stored.state === "complete" && (await isHistoryDue());
    const newest = addMs(quarterHourOf(now), QUARTER_HOUR_MS);
    const known = isAgain ? { ...stored, from: null, readDownTo: newest, daysDone: 0 } : stored;
    const reach = await readSummaryReach(pastOf(now), { logs, priority: "read-back", ...(signal ? { signal } : {}) });
    const isLonger = reach !== null && known.from !== null && reach.from < known.from;
    if (known.state === "complete" && !isLonger && !isAgain) return known;
    const oldestRaw = await oldestData(now);
    const boundary = boundaryOf(oldestRaw, reach);
    const { firstQuarterHour, firstReadQuarterHour } = await ledger.stats();
    const startsAt = known.readDownTo ?? firstReadQuarterHour ?? newest;
    // A quarter hour that the workspace has forgotten in part must not take the place of the whole one from the archive.
    const isInArchive = (at: Instant | null) => firstQuarterHour !== null && at !== null && firstQuarterHour < at;
    const ownFrom = known.from ?? oldestRaw;
    const rawFrom = known.from === null && !isInArchive(oldestRaw) ? await withGateway(ownFrom, now) : ownFrom;
    const oldest = isLonger || (reach !== null && boundary !== null) ? reach.from : rawFrom;
    if (oldest === null) return NOTHING_READ_BACK;
    const isArchived = isInArchive(oldest);
    const from = quarterHourOf(isArchived ? addMs(oldest, QUARTER_HOUR_MS - 1) : oldest);
    const end = later(startsAt, from);
    const daysTotal = known.daysDone + daysOf(end - from);
    const accounts = await meteredAccounts();
    let progress: ReadBackProgress = {
      // What is read a second time was there before.
      state: isAgain ? "complete" : "running",
      from,
      readDownTo: end,
      daysDone: known.daysDone,
      daysTotal,
      etaMs: null,
    };
    onProgress(progress);
    const begun = performance.now();
    const read = (window: Period | undefined) => {
      if (!window) return undefined;
      const origin = boundary !== null && window.end <= boundary ? "summary" : "logs";
      return handled(readAll(window, now, "read-back", signal, origin));
    };
    let parts = FIRST_WINDOW_PARTS;
    let ahead = read(windowBefore(end, from, parts, boundary));
    while (ahead) {
      signal?.throwIfAborted();
      const present = await ahead;
      const { window } = present;
      const fitting = Math.floor((parts * ENTRIES_PER_WINDOW) / Math.max(sizeOf(present.rows), 1));
      parts = Math.max(1, Math.min(MOST_WINDOW_PARTS, 2 * parts, fitting));
      // The workspace answers the next question while this answer is worked out.
      ahead = read(windowBefore(window.start, from, parts, boundary));
      await store(present, now, isAgain);
      if (sources.lacking() !== null) await ledger.saveWatermark(historyMark, now);
      const keptMetrics = withMetrics(window, now);
      const older = earlier(window.end, quarterHourOf(addMs(now, -MINUTE_SERIES_MS)));
      if (keptMetrics && keptMetrics.start < older)
        await series.store(period(keptMetrics.start, older), accounts, "PT15M", now);
      const share = (end - window.start) / (end - from);
      const etaMs = Math.round(((performance.now() - begun) * (1 - share)) / share);
      progress = { ...progress, readDownTo: window.start, daysDone: daysTotal - daysOf(window.start - from), etaMs };
      await ledger.saveReadBack(progress);
      onProgress(progress);
    }
    await mendOlder(now, later(from, boundary ?? from), "read-back", signal);
    progress = { ...progress, state: "complete", readDownTo: from, etaMs: 0 };
    await ledger.saveReadBack(progress);
    if (isAgain && sources.lacking() === null) await ledger.saveWatermark(historyMark, toInstant(0));
    onProgress(progress);
    return progress;
  }

  /** Before this instant the summary is read; null where it tells nothing that the raw tables do not. */
  function boundaryOf(oldestRaw: Instant | null, reach: SummaryReach | null): Instant | null {
    if (reach === null) return null;
    if (oldestRaw === null) return reach.to;
    return reach.from < quarterHourOf(oldestRaw) ? summaryBoundary(oldestRaw, reach) : null;
  }

  /** The earlier of an instant and the oldest row of the gateway's log; null where there is neither. */
  async function withGateway(oldest: Instant | null, now: Instant): Promise<Instant | null> {
    if (!(await sources.connected(now)).gateway) return oldest;
    const window = pastOf(now);
    const result = await logs.run(oldestGatewayRow, { window }, { period: window, priority: "read-back" });
    const [found] = result.status === "not_connected" ? [] : result.rows;
    if (found === undefined || found.rows === 0n) return oldest;
    return oldest === null ? found.oldest : earlier(oldest, found.oldest);
  }

  async function oldestData(now: Instant): Promise<Instant | null> {
    const window = pastOf(now);
    const result = await logs.run(oldestRow, { window }, { period: window, priority: "read-back" });
    const found = result.status === "not_connected" ? [] : result.rows.filter((row) => row.rows > 0n);
    const logged = found.toSorted((a, b) => a.oldest - b.oldest)[0]?.oldest;
    if (logged !== undefined || !metrics) return logged ?? null;
    // Without any log the metrics are all there is.
    const accounts = await meteredAccounts();
    return accounts.ids.length === 0 ? null : addMs(now, -METRIC_RETENTION_MS);
  }

  /** A cycle that failed is written to the clocks of the logs, and the first that works again asks where each source stands. */
  async function watched(now: Instant, signal?: AbortSignal): Promise<CycleSummary> {
    const stopWatching = sources.watchSilence(now);
    try {
      const summary = await cycle(now, signal).finally(stopWatching);
      const [failure] = summary.failures;
      if (failure !== undefined) await sources.markFailed(failure, now);
      else await sources.recover(now);
      return summary;
    } catch (error) {
      if (!signal?.aborted) await sources.markFailed(error instanceof Error ? error.message : String(error), now);
      throw error;
    }
  }

  async function watchedHistory(...[now, onProgress, signal]: Parameters<Ingestion["readBack"]>) {
    const stopWatching = sources.watchSilence(now);
    try {
      return await history(now, onProgress, signal).finally(stopWatching);
    } catch (error) {
      if (!signal?.aborted) await sources.markFailed(error instanceof Error ? error.message : String(error), now);
      throw error;
    }
  }

  return {
    runCycle: (now, signal) => inTurn(() => watched(now, signal)),
    readBack: (now, onProgress, signal) => inTurn(() => watchedHistory(now, onProgress, signal)),
    recompute: (within, now, signal) =>
      inTurn(() =>
        ingestAll(windowsOf(quartersOf(within).map((quarter) => quarter / QUARTER_HOUR_MS)), now, "background", signal),
      ),
    async oldestKept(now) {
      const reach = await readSummaryReach(pastOf(now), { logs, priority: "background" });
      const raw = await oldestData(now);
      return reach !== null && raw !== null ? earlier(raw, reach.from) : (raw ?? reach?.from ?? null);
    },
  };
}

/** Metrics that should have been read could not be. */
export class MetricsUnreadError extends Error {
  override readonly name = "MetricsUnreadError";
}

const NOTHING_READ_BACK: ReadBackProgress = {
  state: "none",
  from: null,
  readDownTo: null,
  daysDone: 0,
  daysTotal: 0,
  etaMs: null,
};

/** A promise that is awaited later: meanwhile its failure is nobody's unhandled rejection. */
function handled<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** What a window costs to work out. */
function sizeOf({ usage, requests, gateway, spans }: LogRows): number {
  const entries = requests.reduce((sum, row) => sum + row.minutes.length, 0);
  return usage.length + entries + (gateway?.length ?? 0) + (spans?.length ?? 0);
}

/** The window of so many quarters of a UTC day that ends at `end`, cut at `from` and at the boundary; undefined when nothing is left. */
function windowBefore(end: Instant, from: Instant, parts: number, boundary: Instant | null): Period | undefined {
  if (end <= from) return undefined;
  const start = toInstant((Math.ceil(end / SHORTEST_WINDOW_MS) - parts) * SHORTEST_WINDOW_MS);
  const cut = boundary !== null && end > boundary ? later(from, boundary) : from;
  return period(later(start, cut), end);
}

/** As far back as a workspace can remember. */
function pastOf(now: Instant): Period {
  return period(addMs(now, -LONGEST_RETENTION_MS), addMs(now, HOUR_MS));
}

function daysOf(ms: number): number {
  return Math.ceil(ms / DAY_MS);
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
