import { DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import { MINUTE_MS, toInstant, toIso } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import type { RequestCause } from "../usage/usage-fact.ts";
import type { Grain } from "./charge-query.ts";
import { type Condition, keyConditions, labelTable } from "./conditions.ts";
import { type LatencyHistogram, percentileMs } from "./latency-histogram.ts";
import type { LatencySummary, RequestDimension, RequestQuery, RequestSum } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { bucketPlan, ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { toBigInt } from "./sum-charges.ts";

const COLUMNS: Readonly<Record<RequestDimension, string>> = {
  team: "k.team",
  application: "k.application",
  account: "k.accountName",
  deployment: "k.deployment",
  model: "k.model",
  operation: "k.operation",
  apiVersion: "k.apiVersion",
  streamType: "k.streamType",
  spillover: "k.spillover",
  status: "k.status",
  cause: "k.cause",
};

/** Every cause, in the order of its columns; the record makes a new one a compile error here. */
const CAUSES: Readonly<Record<RequestCause, true>> = {
  ok: true,
  throttled: true,
  content_filter: true,
  client_error: true,
  access_denied: true,
  network_closed: true,
  cancelled: true,
  timeout: true,
  server_error: true,
  gateway_policy: true,
  unknown: true,
};
const REQUEST_CAUSES = Object.keys(CAUSES);

function requestColumn(dimension: string): string {
  const column = (COLUMNS as Readonly<Record<string, string | undefined>>)[dimension];
  if (!column) throw new RangeError(`Unknown request dimension: ${dimension}`);
  return column;
}

/** Inference requests summed by bucket and dimensions, with percentiles of their merged latency histograms. */
export async function sumRequests(
  database: LedgerDatabase,
  query: RequestQuery,
  zones: readonly ZoneId[],
): Promise<RequestSum[]> {
  const figures = requestFigures(query, zones);
  const conditions = keyConditions(query.sees, query.filter, requestColumn);
  const dimensions = query.groupBy.map(requestColumn);
  const keys = ["f.label", ...dimensions];
  const from = `FROM ${figures.counts.sql} f JOIN request_key k ON k.id = f.key WHERE k.isInference AND ${conditions.sql}`;
  const rows = await database.rows(
    `SELECT ${keys.join(", ")}, sum(f.requests), sum(f.attempts), sum(f.withTokens),
       coalesce(sum(f.requests) FILTER (k.cause = 'client_error' AND k.status = '400'), 0),
       coalesce(sum(f.unmeasured) FILTER (k.streamType <> 'Streaming'), 0),
       coalesce(sum(f.unmeasured) FILTER (k.streamType = 'Streaming'), 0),
       ${REQUEST_CAUSES.map((cause) => `coalesce(sum(f.requests) FILTER (k.cause = '${cause}'), 0)`).join(", ")}
     ${from} GROUP BY ${keys.join(", ")}
     ORDER BY f.label NULLS FIRST, sum(f.requests) DESC${dimensions.map((column) => `, ${column}`).join("")}`,
    [...figures.counts.values, ...conditions.values],
  );
  const histograms = query.hasLatency ? await latencies(database, figures.latency, conditions, dimensions) : undefined;
  return rows.map((row) => requestSum(row, query.groupBy, histograms));
}

type Figures = { readonly counts: Condition; readonly latency: Condition };

/** Counts as `label, key, requests, attempts, withTokens, unmeasured` and latency as `label, key, bucket, n`. */
function requestFigures(query: RequestQuery, zones: readonly ZoneId[]): Figures {
  if (query.grain === "minute") return minuteFigures(query);
  const hasDays = zones.includes(query.zone);
  const plan =
    query.grain === "quarterHour"
      ? { days: [], stretches: quarterStretches(query) }
      : bucketPlan(query.period, query.zone, query.grain satisfies Grain, hasDays);
  const days = labelTable(
    "b",
    ["label", "day"],
    plan.days.map(({ label, day }) => [label, day]),
  );
  const stretches = labelTable(
    "b",
    ["label", "lo", "hi"],
    plan.stretches.map(({ label, from, to }) => [label, from, to]),
  );
  const daily = `JOIN ${days.sql} ON d.day = b.day WHERE d.zone = ?`;
  const counts: Condition[] = [];
  const latency: Condition[] = [];
  if (plan.days.length > 0) {
    counts.push({
      sql: `SELECT b.label, d.key, d.requests, d.attempts, d.withTokens, d.unmeasured FROM request_day d ${daily}`,
      values: [...days.values, query.zone],
    });
    latency.push({
      sql: `SELECT b.label, d.key, d.bucket, d.n FROM latency_day d ${daily}`,
      values: [...days.values, query.zone],
    });
  }
  if (plan.stretches.length > 0) {
    const lo = Math.min(...plan.stretches.map(({ from }) => from));
    const hi = Math.max(...plan.stretches.map(({ to }) => to));
    const source = `(SELECT * FROM request WHERE qh >= ${lo} AND qh < ${hi}) r JOIN ${stretches.sql} ON r.qh >= b.lo AND r.qh < b.hi`;
    counts.push({
      sql: `SELECT b.label, r.key, r.requests, r.attempts, r.withTokens, r.unmeasured FROM ${source}`,
      values: stretches.values,
    });
    latency.push({
      sql: `SELECT b.label, r.key, unnest(r.buckets), unnest(r.counts)::BIGINT FROM ${source}`,
      values: stretches.values,
    });
  }
  return { counts: union(NO_COUNTS, counts), latency: union(NO_LATENCY, latency) };
}

const NO_COUNTS = `SELECT NULL::VARCHAR AS label, 0 AS key, 0::BIGINT AS requests, 0::BIGINT AS attempts, 0::BIGINT AS withTokens, 0::BIGINT AS unmeasured WHERE false`;
const NO_LATENCY = `SELECT NULL::VARCHAR AS label, 0 AS key, 0 AS bucket, 0::BIGINT AS n WHERE false`;

function union(empty: string, parts: readonly Condition[]): Condition {
  return {
    sql: `(${[empty, ...parts.map((part) => part.sql)].join(" UNION ALL ")})`,
    values: parts.flatMap((part) => part.values),
  };
}

/** Minute rows; those of teams carry no histogram, so a question about teams has counts only. */
function minuteFigures(query: RequestQuery): Figures {
  const [from, to] = [Math.floor(query.period.start / MINUTE_MS), Math.ceil(query.period.end / MINUTE_MS)];
  const usesTeams = query.sees.kind === "teams" || query.groupBy.includes("team") || query.filter.team !== undefined;
  const table = usesTeams ? "minute_team" : "minute_request";
  const unmeasured = usesTeams ? "0::BIGINT" : "m.unmeasured";
  const within = `FROM ${table} m WHERE m.minute >= ${from} AND m.minute < ${to}`;
  const counts = `SELECT m.minute::VARCHAR, m.key, m.requests, m.requests, 0::BIGINT, ${unmeasured} ${within}`;
  const latency = `SELECT m.minute::VARCHAR, m.key, unnest(m.buckets), unnest(m.counts)::BIGINT ${within}`;
  return {
    counts: union(NO_COUNTS, [{ sql: counts, values: [] }]),
    latency: union(NO_LATENCY, usesTeams ? [] : [{ sql: latency, values: [] }]),
  };
}

function quarterStretches(query: RequestQuery): { label: string; from: number; to: number }[] {
  const stretches = [];
  for (let quarter = floorQuarter(query.period.start); quarter < ceilQuarter(query.period.end); quarter += 1) {
    stretches.push({ label: toIso(quarterInstant(quarter)), from: quarter, to: quarter + 1 });
  }
  return stretches;
}

type Histograms = ReadonlyMap<string, LatencyHistogram>;

async function latencies(
  database: LedgerDatabase,
  figures: Condition,
  conditions: Condition,
  dimensions: readonly string[],
): Promise<Histograms> {
  const keys = ["f.label", ...dimensions, "k.streamType = 'Streaming'"];
  const rows = await database.rows(
    `SELECT ${keys.map((_key, index) => `g${index}`).join(", ")}, list(bucket ORDER BY bucket), list(n ORDER BY bucket)
     FROM (SELECT ${keys.map((key, index) => `${key} AS g${index}`).join(", ")}, f.bucket AS bucket, sum(f.n)::BIGINT AS n
           FROM ${figures.sql} f JOIN request_key k ON k.id = f.key WHERE k.isInference AND ${conditions.sql}
           GROUP BY ALL)
     GROUP BY ${keys.map((_key, index) => `g${index}`).join(", ")}`,
    [...figures.values, ...conditions.values],
  );
  return new Map(
    rows.map((row) => [
      JSON.stringify(row.slice(0, keys.length).map(String)),
      { buckets: numbers(row.at(-2)), counts: numbers(row.at(-1)), unmeasured: 0 },
    ]),
  );
}

function numbers(value: DuckDBValue | undefined): number[] {
  return value instanceof DuckDBListValue ? value.items.map(Number) : [];
}

function requestSum(
  row: readonly DuckDBValue[],
  groupBy: readonly RequestDimension[],
  histograms: Histograms | undefined,
): RequestSum {
  const groups = row.slice(0, 1 + groupBy.length).map(String);
  const [requests, attempts, withTokens, possiblyFiltered, unmeasured, unmeasuredStreaming, ...causes] = row
    .slice(1 + groupBy.length)
    .map(toBigInt);
  const summary = (isStreaming: boolean, missing: bigint | undefined): LatencySummary | null =>
    histograms ? summaryOf(histograms.get(JSON.stringify([...groups, String(isStreaming)])), missing ?? 0n) : null;
  return {
    bucket: row[0] === null || row[0] === undefined ? null : bucketLabel(String(row[0])),
    keys: Object.fromEntries(groupBy.map((dimension, index) => [dimension, String(row[1 + index])])),
    requests: requests ?? 0n,
    attempts: attempts ?? 0n,
    byCause: Object.fromEntries(REQUEST_CAUSES.map((cause, index) => [cause, causes[index] ?? 0n])) as Record<
      RequestCause,
      bigint
    >,
    possiblyFiltered: possiblyFiltered ?? 0n,
    withTokens: withTokens ?? 0n,
    latency: summary(false, unmeasured),
    streamingLatency: summary(true, unmeasuredStreaming),
  };
}

/** Minutes are grouped by number and shown as UTC ISO texts. */
function bucketLabel(label: string): string {
  return /^\d+$/.test(label) ? toIso(toInstant(Number(label) * MINUTE_MS)) : label;
}

function summaryOf(histogram: LatencyHistogram | undefined, unmeasured: bigint): LatencySummary {
  const known = histogram ?? { buckets: [], counts: [], unmeasured: 0 };
  return {
    measured: BigInt(known.counts.reduce((a, b) => a + b, 0)),
    unmeasured,
    p50: percentileMs(known, 0.5),
    p95: percentileMs(known, 0.95),
    p99: percentileMs(known, 0.99),
  };
}
