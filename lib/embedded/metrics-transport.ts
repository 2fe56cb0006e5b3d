import { createHttpHeaders, type HttpClient, type PipelineResponse } from "@azure/core-rest-pipeline";
import { addMs, type Instant, MINUTE_MS, minuteOf, toInstant } from "../time/instant.ts";
import type { EmbeddedDatabase } from "./duckdb/database.ts";
import type { CatalogueAggregation, CatalogueMetric } from "./metrics-catalogue.ts";
import {
  type DimensionFilter,
  MetricsBadRequest,
  type MetricsQuestion,
  parseMetricsRequest,
} from "./metrics-request.ts";
import { METRIC_DIMENSIONS, METRICS_TABLE, type MetricDimensionColumn } from "./store/metrics-table.ts";

const PATH =
  /^\/+(subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+)\/providers\/microsoft\.insights\/metrics\/?$/i;
const TIMEOUT_MS = 30_000;

/**
 * An HTTP client that answers an unmodified `MetricsQueryClient` from the embedded workspace, with the service's own JSON
 * for results and errors. Minutes that are not over are not there yet.
 */
export function createMetricsHttpClient(database: EmbeddedDatabase, now: () => Instant): HttpClient {
  return {
    async sendRequest(request) {
      const url = new URL(request.url);
      const respond = (status: number, body: unknown): PipelineResponse => ({
        request,
        status,
        headers: createHttpHeaders({
          "content-type": "application/json; charset=utf-8",
          date: new Date(now()).toUTCString(),
        }),
        bodyAsText: JSON.stringify(body),
      });
      const resourceId = PATH.exec(decodeURIComponent(url.pathname))?.[1];
      if (request.method !== "GET" || !resourceId) {
        return respond(404, {
          code: "NotFound",
          message: `No HTTP resource was found that matches the request URI ${url.pathname}.`,
        });
      }
      try {
        const question = parseMetricsRequest(url.searchParams, now());
        return respond(200, await answer(database, `/${resourceId}`, question, now(), request.abortSignal));
      } catch (error) {
        if (error instanceof MetricsBadRequest) return respond(400, { code: "BadRequest", message: error.message });
        throw error;
      }
    },
  };
}

type Bucket = { readonly total: number; readonly count: number; readonly minimum: number; readonly maximum: number };
type Series = { readonly values: readonly string[]; readonly buckets: Map<number, Bucket>; sum: number };

async function answer(
  database: EmbeddedDatabase,
  resourceId: string,
  question: MetricsQuestion,
  now: Instant,
  signal: AbortSignalLike | undefined,
): Promise<object> {
  const seriesByMetric = await readSeries(database, resourceId, question, now, signal);
  return {
    cost: Math.max(1, Math.floor((question.period.end - question.period.start) / MINUTE_MS) - 1),
    timespan: `${isoSeconds(question.period.start)}/${isoSeconds(question.period.end)}`,
    interval: question.interval,
    value: question.metrics.map((metric) => ({
      id: `${resourceId}/providers/Microsoft.Insights/metrics/${metric.name}`,
      type: "Microsoft.Insights/metrics",
      name: { value: metric.name, localizedValue: metric.name },
      displayDescription: "",
      unit: metric.unit,
      timeseries: timeseriesOf(seriesByMetric.get(metric.name) ?? [], metric, question),
      errorCode: "Success",
    })),
    namespace: "Microsoft.CognitiveServices/accounts",
    resourceregion: "global",
  };
}

type AbortSignalLike = { readonly aborted: boolean; addEventListener: AbortSignal["addEventListener"] };

async function readSeries(
  database: EmbeddedDatabase,
  resourceId: string,
  question: MetricsQuestion,
  now: Instant,
  signal: AbortSignalLike | undefined,
): Promise<Map<string, Series[]>> {
  const columns = splitColumns(question);
  const rows = await database.query(seriesSql(resourceId, question, columns, now), {
    timeoutMs: TIMEOUT_MS,
    ...(signal instanceof AbortSignal ? { signal } : {}),
    read: (result) => result.getRowsJS(),
  });
  const byKey = new Map<string, Series>();
  const byMetric = new Map<string, Series[]>();
  for (const row of rows) {
    const [metric, bucket, ...rest] = row;
    const values = rest.slice(0, columns.length).map(String);
    const [total, count, minimum, maximum] = rest.slice(columns.length).map(Number);
    const key = JSON.stringify([metric, values]);
    const series = byKey.get(key) ?? { values, buckets: new Map<number, Bucket>(), sum: 0 };
    if (!byKey.has(key)) {
      byKey.set(key, series);
      byMetric.set(String(metric), [...(byMetric.get(String(metric)) ?? []), series]);
    }
    series.sum += total ?? 0;
    series.buckets.set(Number(bucket), {
      total: total ?? 0,
      count: count ?? 0,
      minimum: minimum ?? 0,
      maximum: maximum ?? 0,
    });
  }
  return byMetric;
}

/** Every dimension that a filter names gets a series per value, unless it is rolled up. */
function splitColumns(question: MetricsQuestion): MetricDimensionColumn[] {
  return [...new Set(question.filters.map((filter) => filter.column))].filter(
    (column) => !question.rolledUp.has(column),
  );
}

function seriesSql(
  resourceId: string,
  question: MetricsQuestion,
  columns: readonly MetricDimensionColumn[],
  now: Instant,
): string {
  const end = Math.min(question.period.end, minuteOf(now));
  const bucket = question.stepMs === null ? "0" : `(epoch_ms(minute) // ${question.stepMs})`;
  const keys = ["metric", `${bucket} AS bucket`, ...columns];
  const where = [
    `resource_id = ${text(resourceId.toLowerCase())}`,
    `metric IN (${question.metrics.map((metric) => text(metric.name)).join(", ")})`,
    `minute >= make_timestamp_ms(${question.period.start})`,
    `minute < make_timestamp_ms(${end})`,
    ...question.filters.map(condition),
  ];
  return `SELECT ${keys.join(", ")}, sum(total), sum(count), min(minimum), max(maximum)
    FROM ${METRICS_TABLE} WHERE ${where.join(" AND ")} GROUP BY ALL`;
}

function condition({ column, tests }: DimensionFilter): string {
  const terms = tests.map(({ operator, value }) => {
    if (value === "*") return operator === "ne" ? "FALSE" : "TRUE";
    const stored = text(value === EMPTY_VALUE ? "" : value);
    if (operator === "sw") return `starts_with(lower(${column}), lower(${stored}))`;
    return `lower(${column}) ${operator === "eq" ? "=" : "<>"} lower(${stored})`;
  });
  return `(${terms.join(" OR ")})`;
}

/** What the service shows where a sample carries no value for a dimension. */
const EMPTY_VALUE = "__Empty";

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function timeseriesOf(series: readonly Series[], metric: CatalogueMetric, question: MetricsQuestion): object[] {
  const columns = splitColumns(question);
  const isSplit = question.filters.length > 0;
  if (!isSplit && series.length === 0) return [{ metadatavalues: [], data: pointsOf(new Map(), metric, question) }];
  return [...series]
    .sort((one, other) => other.sum - one.sum || (one.values.join("\n") < other.values.join("\n") ? -1 : 1))
    .slice(0, question.top ?? series.length)
    .map((one) => ({
      metadatavalues: columns.map((column, index) => {
        const name = METRIC_DIMENSIONS[column].toLowerCase();
        return { name: { value: name, localizedValue: name }, value: one.values[index] || EMPTY_VALUE };
      }),
      data: pointsOf(one.buckets, metric, question),
    }));
}

function pointsOf(buckets: ReadonlyMap<number, Bucket>, metric: CatalogueMetric, question: MetricsQuestion): object[] {
  const aggregations = question.aggregations ?? metric.aggregations.slice(0, 1);
  const { period, stepMs } = question;
  if (stepMs === null) return [pointOf(period.start, buckets.get(0), aggregations)];
  const points: object[] = [];
  for (let at = period.start; at < period.end; at = addMs(at, stepMs)) {
    points.push(pointOf(at, buckets.get(Math.floor(at / stepMs)), aggregations));
  }
  return points;
}

/** A point without samples has its time and no value key. */
function pointOf(at: Instant, bucket: Bucket | undefined, aggregations: readonly CatalogueAggregation[]): object {
  const timeStamp = isoSeconds(at);
  if (!bucket) return { timeStamp };
  const values: Readonly<Record<CatalogueAggregation, number>> = {
    Total: bucket.total,
    Average: bucket.count === 0 ? 0 : bucket.total / bucket.count,
    Minimum: bucket.minimum,
    Maximum: bucket.maximum,
    Count: bucket.count,
  };
  return { timeStamp, ...Object.fromEntries(aggregations.map((name) => [name.toLowerCase(), values[name]])) };
}

function isoSeconds(at: number): string {
  return new Date(toInstant(at)).toISOString().replace(/\.000Z$/, "Z");
}
