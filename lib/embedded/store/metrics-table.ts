/**
 * Platform metrics with their dimensions: what the metrics API can split, which no Log Analytics table holds.
 * One row per minute and combination of dimensions; a dimension that the metric does not have is the empty text.
 * Rows are appended in order of (metric, resource_id, minute) within one ingest batch and batches follow time, so a time
 * range prunes to few row groups. It is not a Log Analytics table: KQL cannot name it.
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

/** The statement that creates the metrics table; `resource_id` is the lower-case ARM id, `minute` is UTC. */
export const CREATE_METRICS_TABLE = `
  CREATE TABLE IF NOT EXISTS ${METRICS_TABLE} (
    resource_id VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    minute TIMESTAMP NOT NULL,
    ${Object.keys(METRIC_DIMENSIONS)
      .map((column) => `${column} VARCHAR NOT NULL DEFAULT ''`)
      .join(",\n    ")},
    total DOUBLE NOT NULL,
    count DOUBLE NOT NULL,
    minimum DOUBLE NOT NULL,
    maximum DOUBLE NOT NULL
  )`;
