import { type Instant, type Period, toInstant } from "../time/instant.ts";
import { type CatalogueAggregation, type CatalogueMetric, METRICS_CATALOGUE } from "./metrics-catalogue.ts";
import { METRIC_DIMENSIONS, type MetricDimensionColumn } from "./store/metrics-table.ts";

/** One dimension of a filter: split by every value, or by those that a test lets through. */
export type DimensionFilter = {
  readonly column: MetricDimensionColumn;
  readonly tests: readonly { readonly operator: "eq" | "ne" | "sw"; readonly value: string }[];
};

/** A request to the metrics API after it was understood. `stepMs` is null for `FULL`, one point for the whole period. */
export type MetricsQuestion = {
  readonly metrics: readonly CatalogueMetric[];
  readonly aggregations: readonly CatalogueAggregation[] | null;
  readonly interval: string;
  readonly stepMs: number | null;
  readonly period: Period;
  readonly filters: readonly DimensionFilter[];
  readonly rolledUp: ReadonlySet<MetricDimensionColumn>;
  readonly top: number | null;
};

/** A request that the service answers with 400; the message is worded as the service words it. */
export class MetricsBadRequest extends Error {
  override readonly name = "MetricsBadRequest";
}

const INTERVALS_MS: Readonly<Record<string, number>> = {
  PT1M: 60_000,
  PT5M: 300_000,
  PT15M: 900_000,
  PT30M: 1_800_000,
  PT1H: 3_600_000,
  PT6H: 21_600_000,
  PT12H: 43_200_000,
  P1D: 86_400_000,
};
const GRAINS = "00:01:00,00:05:00,00:15:00,00:30:00,01:00:00,06:00:00,12:00:00,1.00:00:00";
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The service refuses minute points over long ranges and cuts others at about a month without an error. */
const MAX_MINUTE_RANGE_MS = 7 * DAY_MS;
const MAX_RANGE_MS = 31 * DAY_MS;
const DEFAULT_TOP = 10;

/** Reads the query string of `GET …/providers/Microsoft.Insights/metrics`; throws `MetricsBadRequest`. */
export function parseMetricsRequest(params: URLSearchParams, now: Instant): MetricsQuestion {
  const get = (name: string): string | undefined =>
    [...params].find(([key]) => key.toLowerCase() === name)?.[1] || undefined;
  const metrics = metricsOf(get("metricnames"));
  const interval = get("interval") ?? "PT1M";
  const stepMs = stepOf(interval, metrics);
  const filters = filtersOf(get("$filter") ?? get("filter"), metrics);
  return {
    metrics,
    aggregations: aggregationsOf(get("aggregation"), metrics),
    interval,
    stepMs,
    period: periodOf(get("timespan"), stepMs, now),
    filters,
    rolledUp: new Set((get("rollupby") ?? "").split(",").flatMap((name) => columnNamed(name.trim()) ?? [])),
    // Without a filter there is one series, so `top` says nothing.
    top: filters.length === 0 ? null : topOf(get("top")),
  };
}

function metricsOf(text: string | undefined): CatalogueMetric[] {
  if (!text) throw new MetricsBadRequest("The metricnames query parameter must name at least one metric.");
  return text.split(",").map((name) => {
    const found = METRICS_CATALOGUE.find((metric) => metric.name.toLowerCase() === name.trim().toLowerCase());
    if (found) return found;
    const valid = METRICS_CATALOGUE.map((metric) => metric.name).join(",");
    throw new MetricsBadRequest(
      `Failed to find metric configuration for provider: Microsoft.CognitiveServices, resource Type: accounts, metric: ${name.trim()}, Valid metrics: ${valid}`,
    );
  });
}

function stepOf(interval: string, metrics: readonly CatalogueMetric[]): number | null {
  if (interval.toUpperCase() === "FULL") return null;
  const step = INTERVALS_MS[interval.toUpperCase()];
  if (step) return step;
  const names = metrics.map((metric) => metric.name).join(",");
  throw new MetricsBadRequest(
    `Commonly allowed time grains: ${GRAINS} between metrics: ${names}, can not support requested time grain: ${interval} please adjust your interval parameter to use one of the common grains`,
  );
}

function aggregationsOf(
  text: string | undefined,
  metrics: readonly CatalogueMetric[],
): readonly CatalogueAggregation[] | null {
  if (!text) return null;
  const supported = metrics[0]?.aggregations ?? [];
  return text.split(",").map((name) => {
    const found = [...new Set(metrics.flatMap((metric) => metric.aggregations))].find(
      (aggregation) => aggregation.toLowerCase() === name.trim().toLowerCase(),
    );
    if (found) return found;
    throw new MetricsBadRequest(
      `Detect invalid value: ${name.trim()} for query parameter: 'aggregation', supported ones are: ${supported.join(",")}`,
    );
  });
}

function periodOf(text: string | undefined, stepMs: number | null, now: Instant): Period {
  const [first = "", second] = (text ?? "PT1H").split("/");
  const asked = second === undefined ? endingAt(now, durationMs(first)) : between(first, second);
  if (!(asked.start < asked.end)) {
    throw new MetricsBadRequest(
      `Detect invalid value: ${text} for query parameter: 'timespan', the start must be before the end`,
    );
  }
  if (stepMs === INTERVALS_MS.PT1M && asked.end - asked.start > MAX_MINUTE_RANGE_MS) {
    throw new MetricsBadRequest(
      `The requested timespan ${text} is too long for the time grain 00:01:00, please adjust your interval or timespan parameter`,
    );
  }
  const start = stepMs === null ? asked.start : Math.floor(asked.start / stepMs) * stepMs;
  return { start: toInstant(start), end: toInstant(Math.min(asked.end, start + MAX_RANGE_MS)) };
}

function between(first: string, second: string): Period {
  const [start, end] = [Date.parse(first), Date.parse(second)];
  if (Number.isFinite(start) && Number.isFinite(end)) return { start: toInstant(start), end: toInstant(end) };
  if (Number.isFinite(start)) return { start: toInstant(start), end: toInstant(start + durationMs(second)) };
  if (Number.isFinite(end)) return endingAt(toInstant(end), durationMs(first));
  throw badTimespan(`${first}/${second}`);
}

function endingAt(end: Instant, lengthMs: number): Period {
  return { start: toInstant(end - lengthMs), end };
}

function durationMs(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text);
  if (!match || text.length < 3) throw badTimespan(text);
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * DAY_MS + (hours ?? 0) * HOUR_MS + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1_000;
}

function badTimespan(text: string): MetricsBadRequest {
  return new MetricsBadRequest(
    `Detect invalid value: ${text} for query parameter: 'timespan', the value must be in form of startDateTime_ISO/endDateTime_ISO`,
  );
}

function topOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TOP;
  const top = Number(text);
  if (!Number.isSafeInteger(top) || top < 1)
    throw new MetricsBadRequest(`Detect invalid value: ${text} for query parameter: 'top'`);
  return top;
}

/** `A eq '*' and (B eq 'x' or B eq 'y')`: `or` binds inside one dimension and must not mix two. */
function filtersOf(text: string | undefined, metrics: readonly CatalogueMetric[]): DimensionFilter[] {
  if (!text) return [];
  const tokens = [...text.matchAll(/\s*(\(|\)|'(?:[^']|'')*'|[A-Za-z_][\w.]*)/gy)].map((match) => match[1] ?? "");
  if (tokens.join("").replaceAll(/\s/g, "").length !== text.replaceAll(/\s/g, "").length) throw badFilter(text);
  const filters: DimensionFilter[] = [];
  let depth = 0;
  let joiner = "and";
  for (let index = 0; index < tokens.length; ) {
    while (tokens[index] === "(") [depth, index] = [depth + 1, index + 1];
    const [name, operator, quotedValue] = tokens.slice(index, index + 3);
    if (!name || !isOperator(operator) || !quotedValue?.startsWith("'")) throw badFilter(text);
    const column = dimensionOf(name, metrics);
    const test = { operator, value: quotedValue.slice(1, -1).replaceAll("''", "'") };
    const last = filters.at(-1);
    if (joiner === "or" && last) {
      if (last.column !== column) {
        throw new MetricsBadRequest(`The logical or operator cannot separate two different metadata names: ${text}`);
      }
      filters[filters.length - 1] = { column, tests: [...last.tests, test] };
    } else filters.push({ column, tests: [test] });
    index += 3;
    while (tokens[index] === ")") [depth, index] = [depth - 1, index + 1];
    if (index === tokens.length) break;
    joiner = tokens[index]?.toLowerCase() ?? "";
    if (joiner !== "and" && joiner !== "or") throw badFilter(text);
    index++;
  }
  if (depth !== 0) throw badFilter(text);
  return filters;
}

function isOperator(text: string | undefined): text is "eq" | "ne" | "sw" {
  return text === "eq" || text === "ne" || text === "sw";
}

function badFilter(text: string): MetricsBadRequest {
  return new MetricsBadRequest(
    `Detect invalid filter: ${text}, only conditions of the form '<name> eq <value>' are allowed`,
  );
}

function dimensionOf(name: string, metrics: readonly CatalogueMetric[]): MetricDimensionColumn {
  const column = columnNamed(name);
  for (const metric of metrics) {
    if (column && metric.dimensions.includes(column)) continue;
    const supported = metric.dimensions.map((dimension) => METRIC_DIMENSIONS[dimension]).join(",");
    throw new MetricsBadRequest(
      `Metric: ${metric.name} does not support requested dimension combination: ${name.toLowerCase()}, supported ones are: ${supported}`,
    );
  }
  if (!column) throw badFilter(name);
  return column;
}

function columnNamed(name: string): MetricDimensionColumn | undefined {
  const columns = Object.keys(METRIC_DIMENSIONS).filter(isDimensionColumn);
  return columns.find((column) => METRIC_DIMENSIONS[column].toLowerCase() === name.toLowerCase());
}

function isDimensionColumn(name: string): name is MetricDimensionColumn {
  return name in METRIC_DIMENSIONS;
}
