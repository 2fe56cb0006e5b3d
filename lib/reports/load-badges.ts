import type { Principal } from "../auth/principal.ts";
import { listOpenAlerts } from "../db/alert-history.ts";
import { addMs, MINUTE_MS, minuteOf, toIso } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { isMany, metricTotal, RECENT_MINUTES, WATCH_PER_CENT } from "./now/now-calls.ts";
import { type ReportSources, sourcesOr } from "./page-context.ts";

/** What the navigation says beside two pages: deployments that throttle now, and alerts that fire. */
export type Badges = { readonly throttling: number; readonly firing: number };

/**
 * Counted from what the ledger and the state database already have, so a badge asks nothing of the workspace: a
 * deployment throttles when the platform metrics of the last fifteen minutes say so, by the same measure as Now.
 */
export async function loadBadges(principal: Principal, given?: ReportSources): Promise<Badges> {
  const { ledger, state, now } = await sourcesOr(given);
  const end = addMs(minuteOf(now()), MINUTE_MS);
  const start = addMs(end, -RECENT_MINUTES * MINUTE_MS);
  const [alerts, metrics] = await Promise.all([
    listOpenAlerts(state.db),
    ledger.sumMetrics({
      sees: principal.sees,
      period: { start, end },
      zone: UTC,
      grain: "minute",
      series: ["requests", "throttled"],
      groupBy: ["deployment"],
      filter: {},
    }),
  ]);
  const recent = metrics.filter((row) => (row.bucket ?? "") >= toIso(start));
  const throttling = [...Map.groupBy(recent, (row) => row.keys.deployment ?? "").values()].filter((own) =>
    isMany(metricTotal(own, "throttled"), metricTotal(own, "requests"), WATCH_PER_CENT),
  );
  return { throttling: throttling.length, firing: alerts.filter((alert) => alert.state === "Firing").length };
}
