import type { Instant, Period } from "../time/instant.ts";

export const METRIC_AGGREGATIONS = ["total", "average", "minimum", "maximum", "count"] as const;
export type MetricAggregation = (typeof METRIC_AGGREGATIONS)[number];

/** ISO 8601 durations that platform metrics can be read at; `FULL` is one point for the whole period. */
export const METRIC_INTERVALS = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D", "FULL"] as const;
export type MetricInterval = (typeof METRIC_INTERVALS)[number];

/** Which series are wanted, of which resources (ARM ids of accounts). */
export type MetricRequest = {
  readonly resourceIds: readonly string[];
  /** REST names that share every dimension of `splitBy` and `filter`, as `AzureOpenAIRequests`. */
  readonly metricNames: readonly string[];
  readonly aggregation: readonly MetricAggregation[];
  readonly interval: MetricInterval;
  /** Its end is moved back to one minute before now: newer minutes are not complete at the service. */
  readonly period: Period;
  /** Dimensions that get one series per value, as `ModelDeploymentName`. */
  readonly splitBy?: readonly string[];
  /** Dimension → the values wanted; several values of one dimension are an "or", several dimensions an "and". */
  readonly filter?: Readonly<Record<string, readonly string[]>>;
  /** The region of a resource where it is known: resources of one region and subscription can be read together. */
  readonly regionOf?: (resourceId: string) => string | undefined;
  readonly signal?: AbortSignal;
};

/** One point; a value that the service did not send is null: unknown, not zero. */
export type MetricPoint = { readonly at: Instant } & Readonly<Record<MetricAggregation, number | null>>;

/** One series. `dimensions` is keyed by the names as `splitBy` and `filter` gave them. */
export type MetricSeries = {
  readonly resourceId: string;
  readonly metricName: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly points: readonly MetricPoint[];
};

/**
 * `unknown_metric` and `unknown_dimension` are states of the resource, not failures of ours ·
 * `truncated` more series exist than the service gives even when asked for all.
 */
export const METRICS_ERROR_CODES = [
  "unauthenticated",
  "access_denied",
  "resource_not_found",
  "unknown_metric",
  "unknown_dimension",
  "invalid_request",
  "throttled",
  "unavailable",
  "timeout",
  "malformed",
  "truncated",
  "breaker_open",
  "overloaded",
  "cancelled",
] as const;
export type MetricsErrorCode = (typeof METRICS_ERROR_CODES)[number];

/** A resource whose series are not (all) in the result, and why. */
export type MetricsFailure = {
  readonly resourceId: string;
  readonly metricNames: readonly string[];
  readonly code: MetricsErrorCode;
  readonly message: string;
};

/** The series that arrived, and the resources that failed: one failing does not stop the others. */
export type MetricsResult = {
  readonly status: "complete" | "partial";
  readonly series: readonly MetricSeries[];
  readonly failures: readonly MetricsFailure[];
  readonly asOf: Instant;
};

export type MetricsStatus = {
  readonly upstreamCalls: number;
  readonly failedCalls: number;
  readonly lastSuccessAt: Instant | null;
  readonly lastFailure: (MetricsFailure & { readonly at: Instant }) | null;
  /** `region/subscription` of the groups that may not be read together; they are tried again every half hour. */
  readonly refusedBatches: readonly string[];
};

/** The one way to ask the metrics API; it never throws for a resource, which becomes a failure in the result. */
export type Metrics = {
  readonly series: (request: MetricRequest) => Promise<MetricsResult>;
  readonly status: () => MetricsStatus;
};
