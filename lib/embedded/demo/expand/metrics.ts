import type { DuckDBConnection } from "@duckdb/node-api";
import { accountId, DEMO_ACCOUNTS } from "../accounts.ts";
import { FILTER_CATEGORIES } from "../demo-call.ts";
import { DEPLOYMENT_ERAS, eraEnd, eraStart } from "../deployments.ts";
import { provisionedTpm } from "../quotas.ts";
import { literal, OUTCOME_CODES } from "../stage-calls.ts";
import type { DemoTenant } from "../tenant.ts";
import { isReceived, type ReceivedWindow, standardColumns, timestamp } from "./window.ts";

/** How long after the end of its minute a platform metric can be read, and when its exported row arrives. */
export const METRIC_LAG_MS = 75_000;
export const EXPORT_LAG_MS = 180_000;

/**
 * Adds the platform metrics of the minutes that became readable, and the rows that two accounts export of them. Calls
 * count in the minute in which they were complete; every minute is whole, because it is never added before its end.
 */
export async function expandMetrics(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  window: ReceivedWindow,
): Promise<void> {
  const isReadable = isReceived(window, `(completed_at::BIGINT // 60000) * 60000 + ${60_000 + METRIC_LAG_MS}`);
  const parts = [requests(isReadable), ...tokens(isReadable), timeToResponse(isReadable), ...filters(isReadable)];
  for (const part of parts) {
    await connection.run(`INSERT INTO platform_metrics BY NAME ${part} ORDER BY resource_id, minute`);
  }
  const utilization = utilizationRows(tenant, window);
  if (utilization !== undefined) await connection.run(utilization);
  await connection.run(exportedRows(window));
}

const MINUTE = `${timestamp("(completed_at::BIGINT // 60000) * 60000")} AS minute`;
const DEPLOYMENT_DIMENSIONS = `account_id AS resource_id, region, version AS model_version, 'Azure OpenAI' AS api_name,
  CASE WHEN status IN (401, 403, 404) THEN '' ELSE deployment END AS deployment`;
const REQUEST_DIMENSIONS = `${DEPLOYMENT_DIMENSIONS}, model AS model_name,
  CASE operation WHEN 'Batch_Line' THEN 'ChatCompletions_Create' ELSE operation END AS operation_name,
  CASE WHEN is_stream THEN 'Streaming' ELSE 'Non-Streaming' END AS stream_type, status::VARCHAR AS status_code`;
const IS_AT_AZURE = `outcome <> ${OUTCOME_CODES.gateway_limit}`;

function requests(isReadable: string): string {
  return `SELECT 'AzureOpenAIRequests' AS metric, ${MINUTE}, ${REQUEST_DIMENSIONS},
      is_spillover::VARCHAR AS is_spillover, 'default' AS service_tier_request, 'default' AS service_tier_response,
      count(*)::DOUBLE AS total, count(*)::DOUBLE AS count, 1::DOUBLE AS minimum, 1::DOUBLE AS maximum
    FROM calls WHERE ${IS_AT_AZURE} AND ${isReadable} GROUP BY ALL`;
}

function tokens(isReadable: string): string[] {
  return [
    ["ProcessedPromptTokens", "prompt_tokens"],
    ["GeneratedTokens", "output_tokens"],
  ].map(
    ([metric, column]) => `SELECT '${metric}' AS metric, ${MINUTE}, ${DEPLOYMENT_DIMENSIONS},
      model AS feature_name, 'Inference' AS usage_channel,
      sum(${column})::DOUBLE AS total, count(*)::DOUBLE AS count, min(${column})::DOUBLE AS minimum,
      max(${column})::DOUBLE AS maximum
    FROM calls WHERE status = 200 AND ${column} > 0 AND ${isReadable} GROUP BY ALL`,
  );
}

function timeToResponse(isReadable: string): string {
  return `SELECT 'AzureOpenAITimeToResponse' AS metric, ${MINUTE}, ${REQUEST_DIMENSIONS},
      sum(first_token_ms) AS total, count(*)::DOUBLE AS count, min(first_token_ms) AS minimum, max(first_token_ms) AS maximum
    FROM calls WHERE status = 200 AND operation <> 'Batch_Line' AND ${isReadable} GROUP BY ALL`;
}

/** A rejected call is also a harmful one; one answer in seven hundred is only annotated. */
function filters(isReadable: string): string[] {
  const category = `[${FILTER_CATEGORIES.map(literal).join(", ")}][filter_category + 1] AS category`;
  const isRejected = `outcome IN (${OUTCOME_CODES.prompt_filtered}, ${OUTCOME_CODES.output_filtered})`;
  const textType = `CASE outcome WHEN ${OUTCOME_CODES.prompt_filtered} THEN 'Prompt' ELSE 'Completion' END AS text_type`;
  const dimensions = `${DEPLOYMENT_DIMENSIONS}, model AS model_name, ${category}, ${textType}`;
  const counted = "count(*)::DOUBLE AS total, count(*)::DOUBLE AS count, 1::DOUBLE AS minimum, 1::DOUBLE AS maximum";
  return [
    `SELECT 'RAIRejectedRequests' AS metric, ${MINUTE}, ${dimensions}, ${counted}
      FROM calls WHERE ${isRejected} AND ${isReadable} GROUP BY ALL`,
    `SELECT 'RAIHarmfulRequests' AS metric, ${MINUTE}, ${dimensions},
        CASE WHEN ${isRejected} THEN 'High' ELSE 'Low' END AS severity, ${counted}
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
        SELECT (completed_at::BIGINT // 60000) * 60000 AS used_slot, sum(prompt_tokens - cached_tokens + 4 * output_tokens) AS used
        FROM calls WHERE era = ${index} AND status = 200 GROUP BY 1
      ) ON used_slot = slot`,
    ];
  });
  if (parts.length === 0) return undefined;
  return `INSERT INTO platform_metrics BY NAME
    SELECT * EXCLUDE (percent), percent AS total, 1::DOUBLE AS count, percent AS minimum, percent AS maximum
    FROM (${parts.join("\nUNION ALL\n")}) ORDER BY minute`;
}

/** `AzureMetrics` drops the dimensions. Two accounts export their metrics, the others do not. */
function exportedRows(window: ReceivedWindow): string {
  const accounts = [DEMO_ACCOUNTS["aoai-prod-eus2"], DEMO_ACCOUNTS["aoai-prod-swc"]].map(accountId).map(literal);
  const minuteMs = "epoch_ms(minute)";
  return `
    INSERT INTO "AzureMetrics" BY NAME
    SELECT ${standardColumns("AzureMetrics", "resource_id", "split_part(resource_id, '/', 3)", `epoch_ms("TimeGenerated") + ${60_000 + EXPORT_LAG_MS}`, 310)},
      * EXCLUDE (resource_id), upper(resource_id) AS "ResourceId", upper(split_part(resource_id, '/', 9)) AS "Resource",
      upper(split_part(resource_id, '/', 5)) AS "ResourceGroup", 'MICROSOFT.COGNITIVESERVICES' AS "ResourceProvider",
      split_part(resource_id, '/', 3) AS "SubscriptionId", "Total" / "Count" AS "Average", 'PT1M' AS "TimeGrain",
      CASE "MetricName" WHEN 'AzureOpenAITimeToResponse' THEN 'MilliSeconds' ELSE 'Count' END AS "UnitName"
    FROM (
      SELECT resource_id, minute AS "TimeGenerated", metric AS "MetricName", sum(total) AS "Total",
        sum(count) AS "Count", min(minimum) AS "Minimum", max(maximum) AS "Maximum"
      FROM platform_metrics
      WHERE metric IN ('AzureOpenAIRequests', 'ProcessedPromptTokens', 'GeneratedTokens', 'AzureOpenAITimeToResponse')
        AND resource_id IN (${accounts.join(", ")})
        AND minute >= ${timestamp(String(window.from - 600_000))}
        AND ${isReceived(window, `${minuteMs} + ${60_000 + EXPORT_LAG_MS}`)}
      GROUP BY ALL
    )
    ORDER BY "TimeGenerated"`;
}
