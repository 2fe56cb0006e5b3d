import { formatCount, formatShare } from "../../format/format-count.ts";
import { formatLatency } from "../../format/format-time.ts";
import { mergeHistograms, percentileMs } from "../../ledger/latency-histogram.ts";
import type { MetricSum } from "../../ledger/ledger.ts";
import { type Period, toIso } from "../../time/instant.ts";
import type { ZoneId } from "../../time/zone.ts";
import { type LiveMeasure, toReceiptParam } from "../../url/figure-ref.ts";
import type { RequestCause } from "../../usage/usage-fact.ts";
import type { State } from "../table-model.ts";
import {
  type Call,
  countAll,
  histogramOf,
  isMany,
  isStreaming,
  metricTotal,
  RECENT_MINUTES,
  recentCount,
  WATCH_PER_CENT,
} from "./now-calls.ts";

/** One headline figure of Now; `receipt` opens what it is made of. */
export type NowFigure = {
  readonly label: string;
  readonly value: string;
  readonly exact: string;
  readonly change: string;
  readonly state: State;
  readonly receipt: string;
};

/** The causes that a counted figure adds up. */
export const CAUSES_OF = {
  server_errors: ["server_error", "timeout"],
  access_denied: ["access_denied", "network_closed"],
  client_errors: ["client_error", "content_filter"],
} as const satisfies Partial<Record<LiveMeasure, readonly RequestCause[]>>;

/** What each figure is called. */
export const LIVE_LABELS: Readonly<Record<LiveMeasure, string>> = {
  requests: "Requests",
  throttled: "Throttled (429)",
  server_errors: "Server errors",
  access_denied: "Access denied",
  client_errors: "Client errors",
  latency: "Latency p95",
};

/** The headline figures of the recent minutes. */
export function figuresOf(
  calls: readonly Call[],
  metrics: readonly MetricSum[],
  recent: Period,
  zone: ZoneId,
): NowFigure[] {
  const now = calls.filter((call) => call.minute >= recent.start);
  const requests = countAll(now);
  const minutes = metrics.filter((row) => (row.bucket ?? "") >= toIso(recent.start));
  const p95 = p95Of(now);
  const opens = (measure: LiveMeasure) => ({
    label: LIVE_LABELS[measure],
    receipt: liveReceipt(measure, recent, zone),
  });
  const counted = (measure: keyof typeof CAUSES_OF): NowFigure => {
    const count = recentCount(calls, recent, CAUSES_OF[measure]);
    return {
      ...opens(measure),
      value: formatCount(count),
      exact: count.toString(),
      change: `${formatShare(count, requests)} of requests`,
      state: isMany(count, requests, WATCH_PER_CENT) ? "watch" : "ok",
    };
  };
  return [
    {
      ...opens("requests"),
      value: formatCount(requests),
      exact: requests.toString(),
      change: `in the last ${RECENT_MINUTES} minutes`,
      state: "ok",
    },
    { ...opens("throttled"), ...throttledOf(minutes) },
    counted("server_errors"),
    counted("access_denied"),
    counted("client_errors"),
    {
      ...opens("latency"),
      value: formatLatency(p95),
      exact: p95 === null ? "" : String(Math.round(p95)),
      change: "without streaming",
      state: "ok",
    },
  ];
}

/** The link that opens what a figure of these minutes is made of. */
export function liveReceipt(measure: LiveMeasure, recent: Period, zone: ZoneId): string {
  const title = `${LIVE_LABELS[measure]}, ${RECENT_MINUTES} minutes`;
  return toReceiptParam({ title, period: recent, zone, filter: {}, measure, isLive: true });
}

/** The 95th percentile of answered calls without streaming, in milliseconds; null without one. */
export function p95Of(calls: readonly Call[]): number | null {
  return percentileMs(mergeHistograms(calls.filter(isMeasured).map(histogramOf)), 0.95);
}

/** Whether a call's latency is in the percentiles. */
export function isMeasured(call: Call): boolean {
  return call.cause === "ok" && !isStreaming(call);
}

function throttledOf(minutes: readonly MetricSum[]): Pick<NowFigure, "value" | "exact" | "change" | "state"> {
  if (minutes.length === 0) return { value: "unknown", exact: "", change: "no platform metrics", state: "no data" };
  const [throttled, of] = [metricTotal(minutes, "throttled"), metricTotal(minutes, "requests")];
  return {
    value: formatCount(throttled),
    exact: throttled.toString(),
    change: `${formatShare(throttled, of)} of requests`,
    state: isMany(throttled, of, WATCH_PER_CENT) ? "watch" : "ok",
  };
}
