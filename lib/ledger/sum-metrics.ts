import { MINUTE_MS, toInstant, toIso } from "../time/instant.ts";
import { labelTable } from "./conditions.ts";
import type { MetricQuery, MetricSeriesName, MetricSum } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { bucketPlan, ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";

/** Metric minutes summed by bucket, series and groups. A person who sees only teams gets none: metrics know no team. */
export async function sumMetrics(database: LedgerDatabase, query: MetricQuery): Promise<MetricSum[]> {
  if (query.sees.kind === "teams" || query.series.length === 0) return [];
  const [from, to] = [Math.floor(query.period.start / MINUTE_MS), Math.ceil(query.period.end / MINUTE_MS)];
  const groups = query.groupBy.map((group) => GROUPS[group]);
  const stretches = labelTable("b", ["label", "lo", "hi"], query.grain === "minute" ? [] : stretchesOf(query));
  const label = query.grain === "minute" ? "m.minute::VARCHAR" : "b.label";
  const join = query.grain === "minute" ? "" : `JOIN ${stretches.sql} ON m.minute >= b.lo AND m.minute < b.hi`;
  const deployments = query.filter.deployment;
  const filter = deployments ? `AND ${GROUPS.deployment} IN (${deployments.map(() => "?").join(", ") || "NULL"})` : "";
  const rows = await database.rows(
    `SELECT ${[label, "m.series", ...groups].join(", ")}, sum(m.value), avg(m.value), max(m.value), count(DISTINCT m.minute)
     FROM metric_minute m ${join}
     WHERE m.minute >= ${from} AND m.minute < ${to} AND m.series IN (${query.series.map(() => "?").join(", ")}) ${filter}
     GROUP BY ${[label, "m.series", ...groups].join(", ")} ORDER BY ${[label, "m.series", ...groups].join(", ")}`,
    [...(query.grain === "minute" ? [] : stretches.values), ...query.series, ...(deployments ?? [])],
  );
  return rows.map((row) => {
    const [total, average, maximum, minutes] = row.slice(2 + groups.length).map(Number);
    const series = String(row[1]) as MetricSeriesName;
    return {
      bucket: row[0] === null ? null : query.grain === "minute" ? minuteIso(String(row[0])) : String(row[0]),
      keys: Object.fromEntries(query.groupBy.map((group, index) => [group, String(row[2 + index])])),
      series,
      total: isGauge(series) ? null : (total ?? null),
      average: average ?? null,
      maximum: maximum ?? null,
      minutes: minutes ?? 0,
    };
  });
}

const GROUPS = {
  account: "split_part(m.account, '/', -1)",
  deployment: "split_part(m.account, '/', -1) || '/' || m.deployment",
  label: "m.label",
} as const;

/** Per cent and milliseconds are not added up. */
function isGauge(series: MetricSeriesName): boolean {
  return series === "ptuUtilization" || series === "latencyMs";
}

function stretchesOf(query: MetricQuery): (string | number | null)[][] {
  if (query.grain === "quarterHour") {
    const quarters: (string | number | null)[][] = [];
    for (let quarter = floorQuarter(query.period.start); quarter < ceilQuarter(query.period.end); quarter += 1) {
      quarters.push([toIso(quarterInstant(quarter)), quarter * 15, quarter * 15 + 15]);
    }
    return quarters;
  }
  const grain = query.grain === "minute" ? "total" : query.grain;
  const { stretches } = bucketPlan(query.period, query.zone, grain, false);
  return stretches.map(({ label, from, to }) => [label, from * 15, to * 15]);
}

function minuteIso(label: string): string {
  return toIso(toInstant(Number(label) * MINUTE_MS));
}
