import type { DuckDBConnection } from "@duckdb/node-api";
import { appendMetrics } from "../../store/metrics-table.ts";
import { accountId, DEMO_ACCOUNTS } from "../accounts.ts";
import { FILTER_CATEGORIES } from "../demo-call.ts";
import { DEPLOYMENT_ERAS, eraEnd, eraStart } from "../deployments.ts";
import { provisionedTpm } from "../quotas.ts";
import { eraRows, literal, OUTCOME_CODES } from "../stage-calls.ts";
import type { DemoTenant } from "../tenant.ts";
import { isReceived, type ReceivedWindow, standardColumns, timestamp } from "./window.ts";

/** How long after the end of its minute a platform metric can be read, and when its exported row arrives. */
export const METRIC_LAG_MS = 75_000;
export const EXPORT_LAG_MS = 180_000;

/**
 * Adds the platform metrics of the minutes that became readable, and the rows that one account exports of them. Calls
 * count in the minute in which they were complete; every minute is whole, because it is never added before its end.
 */
export async function expandMetrics(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  window: ReceivedWindow,
): Promise<void> {
  const isReadable = isReceived(window, `${MINUTE_MS} + ${60_000 + METRIC_LAG_MS}`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE minute_sums AS
    SELECT era, operation, is_stream, status, is_spillover, ${timestamp(MINUTE_MS)} AS minute, count(*)::DOUBLE AS calls,
      sum(prompt_tokens)::DOUBLE AS prompt_total, min(prompt_tokens)::DOUBLE AS prompt_least,
      max(prompt_tokens)::DOUBLE AS prompt_most, sum(output_tokens)::DOUBLE AS output_total,
      min(output_tokens)::DOUBLE AS output_least, max(output_tokens)::DOUBLE AS output_most,
      sum(round(first_token_ms * 10)::BIGINT) / 10 AS first_total, min(first_token_ms) AS first_least, max(first_token_ms) AS first_most
    FROM calls WHERE outcome <> ${OUTCOME_CODES.gateway_limit} AND ${isReadable} GROUP BY ALL ORDER BY minute`);
  for (const metric of CALL_METRICS) {
    for (const statement of appendMetrics(callMetric(metric), [...CALL_DIMENSIONS, ...metric.dimensions])) {
      await connection.run(statement);
    }
  }
  for (const source of filters(isReadable)) {
    for (const statement of appendMetrics(source, FILTER_DIMENSIONS)) await connection.run(statement);
  }
  const utilization = utilizationRows(tenant, window);
  if (utilization !== undefined) {
    for (const statement of appendMetrics(utilization, UTILIZATION_DIMENSIONS)) await connection.run(statement);
  }
  await connection.run(exportedRows(window));
  await connection.run("DROP TABLE temp.main.minute_sums");
}

type CallMetric = {
  readonly name: string;
  readonly dimensions: readonly string[];
  /** Total, minimum and maximum as columns of `minute_sums`. */
  readonly values: readonly [string, string, string];
  readonly where: string;
};

const MINUTE_MS = "(completed_at::BIGINT // 60000) * 60000";
const CALL_DIMENSIONS = ["metric", "resource_id", "region", "deployment", "model_version", "api_name"];
const REQUEST_DIMENSIONS = ["model_name", "operation_name", "stream_type", "status_code"];
const TIER_DIMENSIONS = ["is_spillover", "service_tier_request", "service_tier_response"];
const TOKEN_DIMENSIONS = ["feature_name", "usage_channel"];

const CALL_METRICS: readonly CallMetric[] = [
  {
    name: "AzureOpenAIRequests",
    dimensions: [...REQUEST_DIMENSIONS, ...TIER_DIMENSIONS],
    values: ["calls", "1", "1"],
    where: "true",
  },
  {
    name: "ProcessedPromptTokens",
    dimensions: TOKEN_DIMENSIONS,
    values: ["prompt_total", "prompt_least", "prompt_most"],
    where: "prompt_total > 0",
  },
  {
    name: "GeneratedTokens",
    dimensions: TOKEN_DIMENSIONS,
    values: ["output_total", "output_least", "output_most"],
    where: "output_total > 0",
  },
  {
    name: "AzureOpenAITimeToResponse",
    dimensions: REQUEST_DIMENSIONS,
    values: ["first_total", "first_least", "first_most"],
    where: "status = 200 AND operation <> 'Batch_Line'",
  },
];

/** The dimensions of a metric are worked out once per combination of numbers, not once per minute. */
function callMetric({ name, values: [total, least, most], where }: CallMetric): string {
  return `
    SELECT dimensions.*, minute, ${total} AS total, calls AS count, ${least} AS minimum, ${most} AS maximum
    FROM minute_sums JOIN (
      SELECT era, operation, is_stream, status, is_spillover AS spills, '${name}' AS metric, account_id AS resource_id, region,
        version AS model_version, 'Azure OpenAI' AS api_name, model AS model_name, model AS feature_name,
        'Inference' AS usage_channel, CASE WHEN status IN (401, 403, 404) THEN '' ELSE deployment END AS deployment,
        CASE operation WHEN 'Batch_Line' THEN 'ChatCompletions_Create' ELSE operation END AS operation_name,
        CASE WHEN is_stream THEN 'Streaming' ELSE 'Non-Streaming' END AS stream_type, status::VARCHAR AS status_code,
        is_spillover::VARCHAR AS is_spillover, 'default' AS service_tier_request, 'default' AS service_tier_response
      FROM (SELECT DISTINCT era, operation, is_stream, status, is_spillover FROM minute_sums)
      JOIN (${eraRows()}) USING (era)
    ) AS dimensions ON minute_sums.era = dimensions.era AND minute_sums.operation = dimensions.operation
      AND minute_sums.is_stream = dimensions.is_stream AND minute_sums.status = dimensions.status
      AND minute_sums.is_spillover = dimensions.spills
    WHERE ${where.replaceAll("status", "minute_sums.status").replaceAll("operation", "minute_sums.operation")}`;
}

const FILTER_DIMENSIONS = [...CALL_DIMENSIONS, "model_name", "category", "severity", "text_type"];
const UTILIZATION_DIMENSIONS = [
  "metric",
  "resource_id",
  "region",
  "deployment",
  "model_name",
  "model_version",
  "stream_type",
];

/** A rejected call is also a harmful one; one answer in seven hundred is only annotated. */
function filters(isReadable: string): string[] {
  const category = `[${FILTER_CATEGORIES.map(literal).join(", ")}][filter_category + 1] AS category`;
  const isRejected = `outcome IN (${OUTCOME_CODES.prompt_filtered}, ${OUTCOME_CODES.output_filtered})`;
  const textType = `CASE outcome WHEN ${OUTCOME_CODES.prompt_filtered} THEN 'Prompt' ELSE 'Completion' END AS text_type`;
  const dimensions = `${timestamp(MINUTE_MS)} AS minute, account_id AS resource_id, region, version AS model_version,
    'Azure OpenAI' AS api_name, deployment, model AS model_name, ${category}, ${textType},
    count(*)::DOUBLE AS total, count(*)::DOUBLE AS count, 1::DOUBLE AS minimum, 1::DOUBLE AS maximum`;
  return [
    `SELECT 'RAIRejectedRequests' AS metric, '' AS severity, ${dimensions}
      FROM calls WHERE ${isRejected} AND ${isReadable} GROUP BY ALL`,
    `SELECT 'RAIHarmfulRequests' AS metric, CASE WHEN ${isRejected} THEN 'High' ELSE 'Low' END AS severity, ${dimensions}
      FROM calls WHERE (${isRejected} OR (status = 200 AND output_tokens > 0 AND id::BIGINT % 701 = 3))
        AND ${isReadable} GROUP BY ALL`,
  ];
}

/** Used share of provisioned capacity for every minute of its existence, also the idle ones. */
function utilizationRows(tenant: DemoTenant, window: ReceivedWindow): string | undefined {
  const lag = 60_000 + METRIC_LAG_MS;
  const parts = DEPLOYMENT_ERAS.flatMap((era, index) => {
    const from = Math.max(
      eraStart(era, tenant.createdAt),
      tenant.start,
      (Math.floor((window.from - lag) / 60_000) + 1) * 60_000,
    );
    const to = Math.min(eraEnd(era, tenant.createdAt), (Math.floor((window.to - lag) / 60_000) + 1) * 60_000);
    if (era.ptu === null || from >= to) return [];
    const account = DEMO_ACCOUNTS[era.account];
    return [
      `SELECT 'AzureOpenAIProvisionedManagedUtilizationV2' AS metric, ${literal(accountId(account))} AS resource_id,
        ${timestamp("slot")} AS minute, ${literal(account.region)} AS region, ${literal(era.deployment)} AS deployment,
        ${literal(era.model)} AS model_name, ${literal(era.version)} AS model_version, 'Streaming' AS stream_type,
        least(100, round(100 * coalesce(used, 0) / ${provisionedTpm(era.ptu)}, 2)) AS percent
      FROM range(${from}, ${to}, 60000) AS slots(slot)
      LEFT JOIN (
        SELECT ${MINUTE_MS} AS used_slot, sum(prompt_tokens - cached_tokens + 4 * output_tokens) AS used
        FROM calls WHERE era = ${index} AND status = 200 GROUP BY 1
      ) ON used_slot = slot`,
    ];
  });
  if (parts.length === 0) return undefined;
  return `SELECT * EXCLUDE (percent), percent AS total, 1::DOUBLE AS count, percent AS minimum, percent AS maximum
    FROM (${parts.join("\nUNION ALL\n")})`;
}

/** `AzureMetrics` drops the dimensions. One account exports its metrics, the others do not. */
function exportedRows(window: ReceivedWindow): string {
  const account = DEMO_ACCOUNTS["aoai-prod-eus2"];
  const isAnswered = "status = 200 AND operation <> 'Batch_Line'";
  const metrics: readonly (readonly [string, string, string, string])[] = [
    ["AzureOpenAIRequests", "1", "true", "Count"],
    ["ProcessedPromptTokens", "prompt_tokens", "prompt_tokens > 0", "Count"],
    ["GeneratedTokens", "output_tokens", "output_tokens > 0", "Count"],
    ["AzureOpenAITimeToResponse", "round(first_token_ms * 10)::BIGINT", isAnswered, "MilliSeconds"],
  ];
  const sums = metrics.map(([name, value, where, unit]) => {
    const scale = name === "AzureOpenAITimeToResponse" ? "10" : "1";
    return `SELECT ${MINUTE_MS} AS minute_ms, '${name}' AS "MetricName", '${unit}' AS "UnitName", sum(${value}) / ${scale} AS "Total",
      count(*)::DOUBLE AS "Count", min(${value}) / ${scale} AS "Minimum", max(${value}) / ${scale} AS "Maximum"
      FROM calls WHERE account = ${literal(account.name)} AND outcome <> ${OUTCOME_CODES.gateway_limit} AND ${where}
        AND ${isReceived(window, `${MINUTE_MS} + ${60_000 + EXPORT_LAG_MS}`)} GROUP BY 1`;
  });
  return `
    INSERT INTO "AzureMetrics" BY NAME
    SELECT ${standardColumns("AzureMetrics", literal(accountId(account)), literal(account.subscription), `minute_ms + ${60_000 + EXPORT_LAG_MS}`, 310)},
      * EXCLUDE (minute_ms), ${timestamp("minute_ms")} AS "TimeGenerated", ${literal(accountId(account).toUpperCase())} AS "ResourceId",
      ${literal(account.name.toUpperCase())} AS "Resource", ${literal(account.resourceGroup.toUpperCase())} AS "ResourceGroup",
      'MICROSOFT.COGNITIVESERVICES' AS "ResourceProvider", ${literal(account.subscription)} AS "SubscriptionId",
      "Total" / "Count" AS "Average", 'PT1M' AS "TimeGrain"
    FROM (${sums.join(" UNION ALL ")})
    ORDER BY minute_ms`;
}
