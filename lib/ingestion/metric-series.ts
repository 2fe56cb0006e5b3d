import type { Ledger, SourceClock } from "../ledger/ledger.ts";
import type { Metrics, MetricsErrorCode } from "../metrics/metrics.ts";
import {
  addMs,
  HOUR_MS,
  type Instant,
  MINUTE_MS,
  minuteOf,
  type Period,
  period,
  quarterHourOf,
} from "../time/instant.ts";
import { type MeteredAccounts, readMetricMinutes } from "./read-metrics.ts";

/** The platform's metric series in the ledger: the newest by minute, history by quarter hour. */
export type MetricSeriesReader = {
  /** The last hour, or `isLong` the last two days; less often where many accounts need many calls. */
  readonly read: (now: Instant, isLong: boolean) => Promise<void>;
  /** Replaces the series of a period; only those by minute move the clocks. */
  readonly store: (within: Period, metered: MeteredAccounts, interval: "PT1M" | "PT15M", now: Instant) => Promise<void>;
};

/** The newest metric series are read by minute, what is older than this at a start by quarter hour. */
export const MINUTE_SERIES_MS = 48 * HOUR_MS;
/** Half of what the metrics governor allows; the rest is for the windows of the logs. */
const METRIC_CALLS_PER_MINUTE = 60;
const LONGEST_METRIC_PAUSE_MINUTES = 15;

/** Without `metrics` nothing is read. */
export function createMetricSeries({
  metrics,
  ledger,
  meteredAccounts,
}: {
  readonly metrics: Metrics | undefined;
  readonly ledger: Ledger;
  readonly meteredAccounts: () => Promise<MeteredAccounts>;
}): MetricSeriesReader {
  let metricsDueAt = Number.NEGATIVE_INFINITY;

  async function read(now: Instant, isLong: boolean): Promise<void> {
    if (!metrics || (now < metricsDueAt && !isLong)) return;
    const accounts = await meteredAccounts();
    if (accounts.ids.length === 0) return;
    const end = minuteOf(now);
    const start = quarterHourOf(addMs(end, -(isLong ? MINUTE_SERIES_MS : HOUR_MS)));
    const before = metrics.status().upstreamCalls;
    await store(period(start, end), accounts, "PT1M", now);
    // Each read takes the last hour, so accounts that need many calls are read less often and lose no minute.
    const minutes = Math.ceil((metrics.status().upstreamCalls - before) / METRIC_CALLS_PER_MINUTE);
    metricsDueAt = addMs(minuteOf(now), Math.max(1, Math.min(LONGEST_METRIC_PAUSE_MINUTES, minutes)) * MINUTE_MS);
  }

  async function store(
    within: Period,
    metered: MeteredAccounts,
    interval: "PT1M" | "PT15M",
    now: Instant,
  ): Promise<void> {
    if (!metrics) return;
    const { minutes, failures } = await readMetricMinutes(metrics, metered, within, interval);
    const accounts = metered.ids;
    const failed = new Set(
      failures.filter(({ code }) => code !== "unknown_metric").map(({ resourceId }) => resourceId.toLowerCase()),
    );
    const complete = accounts.filter((account) => !failed.has(account));
    const known = new Set<string>(complete);
    await ledger.replaceMetricMinutes(
      within,
      complete,
      minutes.filter((row) => known.has(row.account)),
    );
    // History tells nothing of how far the metrics are now.
    if (interval === "PT15M") return;
    await ledger.saveSourceClocks(
      accounts.map((resource): SourceClock => {
        const failure = failures.find(
          ({ resourceId, code }) => resourceId.toLowerCase() === resource && code !== "unknown_metric",
        );
        const last = minutes
          .filter((row) => row.account === resource && row.series === "promptTokens")
          .reduce<Instant | null>((at, row) => (at === null || row.minute > at ? row.minute : at), null);
        return {
          source: "metric",
          workspace: "metrics API",
          resource,
          // A right that nobody gave, or an account that is gone, is a state and no outage.
          state: failure ? (isLacking(failure.code) ? "not_connected" : "failed") : "connected",
          lastRow: last,
          watermark: within.end,
          dataTo: failure ? null : within.end,
          lagP50Ms: null,
          lagP95Ms: null,
          lagMaxMs: null,
          failure: failure?.message ?? null,
          checkedAt: now,
        };
      }),
    );
  }

  return { read, store };
}

function isLacking(code: MetricsErrorCode): boolean {
  return code === "access_denied" || code === "resource_not_found";
}
