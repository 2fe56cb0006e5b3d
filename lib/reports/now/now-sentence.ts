import { formatCount } from "../../format/format-count.ts";
import { formatTime } from "../../format/format-time.ts";
import type { MetricSum } from "../../ledger/ledger.ts";
import { type Instant, MINUTE_MS, type Period, toInstant } from "../../time/instant.ts";
import type { ZoneId } from "../../time/zone.ts";
import { dimensionValueName } from "../../url/dimension-name.ts";
import type { Sentence } from "../sentence.ts";
import { type Call, FEWEST, isMany, RECENT_MINUTES, recentCount, WATCH_PER_CENT } from "./now-calls.ts";
import type { Status } from "./now-deployments.ts";
import { liveReceipt } from "./now-figures.ts";

/** What is broken, since when and for whom, in one or two sentences. */
export function nowSentence(input: {
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
      {
        figure: `${throttling.length} of ${active.length}`,
        exact: String(throttling.length),
        receipt: liveReceipt("throttled", recent, zone),
      },
      ` ${active.length === 1 ? "deployment throttles" : "deployments throttle"}: ${listOf(throttling.slice(0, 3).map(({ deployment }) => deployment))}`,
      ...(throttling.length > 3 ? [` and ${throttling.length - 3} more`] : []),
      ...(since === null ? ["."] : [`, since ${formatTime(since, zone)}.`]),
      ...(teams.length > 0 ? [` Hit most in the last hour: ${listOf(teams)}.`] : []),
    ]);
  }
  if (failed >= FEWEST)
    parts.push([
      { figure: formatCount(failed), exact: failed.toString(), receipt: liveReceipt("server_errors", recent, zone) },
      " server errors and time-outs in the last quarter of an hour.",
    ]);
  if (denied >= FEWEST)
    parts.push([
      { figure: formatCount(denied), exact: denied.toString(), receipt: liveReceipt("access_denied", recent, zone) },
      " calls were denied access in the last quarter of an hour.",
    ]);
  if (parts.length === 0)
    parts.push([
      {
        figure: active.length === 1 ? "The one" : `All ${active.length}`,
        exact: String(active.length),
        receipt: liveReceipt("requests", recent, zone),
      },
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

function listOf(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
