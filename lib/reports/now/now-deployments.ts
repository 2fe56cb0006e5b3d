import { formatCount, formatCountShort, formatShare } from "../../format/format-count.ts";
import { formatLatency } from "../../format/format-time.ts";
import { mergeHistograms, percentileMs } from "../../ledger/latency-histogram.ts";
import type { MetricSum } from "../../ledger/ledger.ts";
import { MINUTE_MS, type Period, toIso } from "../../time/instant.ts";
import { dimensionValueName, NOT_TOLD } from "../../url/dimension-name.ts";
import { deploymentPath, teamPath } from "../../url/page-path.ts";
import type { RequestCause } from "../../usage/usage-fact.ts";
import type { Cell, Row, State } from "../table-model.ts";
import { type Call, countAll, histogramOf, isMany, isStreaming, metricTotal, WATCH_PER_CENT } from "./now-calls.ts";

/** How one deployment does in the recent minutes. */
export type Status = {
  readonly deployment: string;
  readonly requests: bigint;
  readonly byCause: ReadonlyMap<RequestCause, bigint>;
  /** From the platform metrics; null when they have no minute of this deployment. */
  readonly throttled: { readonly count: bigint; readonly of: bigint } | null;
  readonly p95: number | null;
  readonly spark: readonly (number | null)[];
  readonly state: State;
};

/** Every deployment that the log or the metrics know, worst first. */
export function deploymentsOf(calls: readonly Call[], metrics: readonly MetricSum[], recent: Period): Status[] {
  const callsBy = Map.groupBy(calls, (call) => call.deployment);
  const metricsBy = Map.groupBy(metrics, (row) => dimensionValueName("deployment", row.keys.deployment ?? ""));
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

/** One row of the grid. */
export function gridRow(status: Status): Row {
  const { deployment, requests, byCause, throttled, p95, spark, state } = status;
  const of = (...causes: RequestCause[]) => causes.reduce((a, cause) => a + (byCause.get(cause) ?? 0n), 0n);
  const cell = (count: bigint): Cell => ({
    text: count === 0n ? "0" : formatCount(count),
    sort: Number(count),
    exact: count.toString(),
    ...(isMany(count, requests, WATCH_PER_CENT) ? { state: "watch" as const } : {}),
  });
  const isNamed = !deployment.endsWith(NOT_TOLD);
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

/** The teams that were throttled or failed, hit most first. */
export function hitTeams(
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

function sparkOf(calls: readonly Call[], recent: Period): (number | null)[] {
  const start = recent.end - 60 * MINUTE_MS;
  const values = Array.from({ length: 12 }, () => 0);
  for (const call of calls) {
    const slot = Math.floor((call.minute - start) / (5 * MINUTE_MS));
    if (slot >= 0 && slot < values.length) values[slot] = (values[slot] ?? 0) + Number(call.requests);
  }
  return values;
}
