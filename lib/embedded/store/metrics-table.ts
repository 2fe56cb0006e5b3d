/**
 * Platform metrics with their dimensions: what the metrics API can split, which no Log Analytics table holds. A view of
 * `stored.metric_points` (one row per series and minute; several add up) and `stored.metric_series` (what the series is).
 * A dimension that a metric does not have is the empty text. Points are appended in order of their minute within a batch
 * and batches follow time, so a time range reads few row groups. KQL cannot name it.
 *
 * `total`, `count`, `minimum`, `maximum` are those of the samples in the minute; `average` is total ÷ count.
 */
export const METRICS_TABLE = "platform_metrics";

/** The dimension columns of the metrics table, under the names that the metrics API gives them. */
export const METRIC_DIMENSIONS = {
  region: "Region",
  deployment: "ModelDeploymentName",
  model_name: "ModelName",
  model_version: "ModelVersion",
  api_name: "ApiName",
  operation_name: "OperationName",
  stream_type: "StreamType",
  status_code: "StatusCode",
  is_spillover: "IsSpillover",
  service_tier_request: "ServiceTierRequest",
  service_tier_response: "ServiceTierResponse",
  feature_name: "FeatureName",
  usage_channel: "UsageChannel",
  category: "Category",
  severity: "Severity",
  text_type: "TextType",
} as const;

export type MetricDimensionColumn = keyof typeof METRIC_DIMENSIONS;

/** What makes a series: the metric, the lower-case ARM id and every dimension. */
export const METRIC_SERIES_COLUMNS: readonly string[] = ["metric", "resource_id", ...Object.keys(METRIC_DIMENSIONS)];

/** The statements that create the metrics tables and their view; `minute` is UTC. */
export const CREATE_METRICS: readonly string[] = [
  "CREATE SCHEMA IF NOT EXISTS stored",
  `CREATE TABLE IF NOT EXISTS stored.metric_series (
    series INTEGER NOT NULL,
    ${METRIC_SERIES_COLUMNS.map((column) => `${column} VARCHAR NOT NULL DEFAULT ''`).join(",\n    ")}
  )`,
  `CREATE TABLE IF NOT EXISTS stored.metric_points (
    series INTEGER NOT NULL,
    minute TIMESTAMP NOT NULL,
    total DOUBLE NOT NULL,
    count DOUBLE NOT NULL,
    minimum DOUBLE NOT NULL,
    maximum DOUBLE NOT NULL
  )`,
  `CREATE VIEW IF NOT EXISTS ${METRICS_TABLE} AS
    SELECT resource_id, metric, minute, ${Object.keys(METRIC_DIMENSIONS).join(", ")}, total, count, minimum, maximum
    FROM stored.metric_points JOIN stored.metric_series USING (series)`,
];

/**
 * The statements that append the rows of `source` (SQL with the metric, the ARM id, any dimensions, `minute` and the four
 * numbers) in order of their minute. To be run in the given order in one transaction.
 */
export function appendMetrics(source: string, given: readonly string[]): string[] {
  const named = given.map((column) => `incoming.${column}`).join(", ");
  const match = METRIC_SERIES_COLUMNS.map(
    (column) => `known.${column} = ${given.includes(column) ? `incoming.${column}` : "''"}`,
  ).join(" AND ");
  return [
    `INSERT INTO stored.metric_series BY NAME
      SELECT row_number() OVER () + (SELECT count(*) FROM stored.metric_series) AS series, ${named}
      FROM (SELECT DISTINCT ${given.join(", ")} FROM (${source})) AS incoming
      WHERE NOT EXISTS (SELECT 1 FROM stored.metric_series AS known WHERE ${match})`,
    `INSERT INTO stored.metric_points
      SELECT known.series, minute, total, count, minimum, maximum
      FROM (${source}) AS incoming JOIN stored.metric_series AS known ON ${match}
      ORDER BY minute`,
  ];
}
