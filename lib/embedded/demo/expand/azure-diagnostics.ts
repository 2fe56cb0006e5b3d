import type { DuckDBConnection } from "@duckdb/node-api";
import { AZURE_DIAGNOSTICS } from "../../../kql/tables/azure-diagnostics.ts";
import { storedTable } from "../../store/create-tables.ts";
import { DEMO_GATEWAY_OBJECT_ID } from "../accounts.ts";
import { isReceived, type ReceivedWindow, standardColumns, timestamp } from "./window.ts";

/** Adds the `RequestResponse` and `AzureOpenAIRequestUsage` rows that reach the workspace in the window. */
export async function expandAzureDiagnostics(connection: DuckDBConnection, window: ReceivedWindow): Promise<void> {
  await connection.run(responseRows(window));
  await connection.run(usageRows(window));
}

const COMMON = `
  upper(account_id) AS "ResourceId", subscription AS "SubscriptionId", upper(resource_group) AS "ResourceGroup",
  upper(account) AS "Resource", 'MICROSOFT.COGNITIVESERVICES' AS "ResourceProvider", 'ACCOUNTS' AS "ResourceType",
  operation AS "OperationName", request_id AS "CorrelationId", region AS "location_s", region AS "Tenant_s"`;

const STREAM_TYPE = "CASE WHEN is_stream THEN 'Streaming' ELSE 'Non-Streaming' END";

/** The first row of a call is the populated one, the rest are its nearly empty twins. */
function responseRows(window: ReceivedWindow): string {
  return `
    INSERT INTO ${storedTable(AZURE_DIAGNOSTICS)} BY NAME
        SELECT ${standardColumns("AzureDiagnostics", "account_id", "subscription", "received", 1_320)},
          ${COMMON}, ${timestamp("request_at")} AS "TimeGenerated", 'RequestResponse' AS "Category",
          status::VARCHAR AS "ResultSignature", duration_ms::BIGINT AS "DurationMs",
          CASE via WHEN 'gateway' THEN '203.0.113.***' WHEN 'entra' THEN '198.51.100.***' ELSE '192.0.2.***' END
            AS "CallerIPAddress",
          'ShoeboxCallResult' AS "event_s",
          'Azure OpenAI API version ' || api_version AS "~properties_s.apiName",
          request_at::BIGINT * 10000 + epoch_ticks AS "~properties_s.requestTime",
          completed_at::BIGINT * 10000 + epoch_ticks AS "~properties_s.responseTime",
          request_bytes::BIGINT AS "~properties_s.requestLength",
          response_bytes::BIGINT AS "~properties_s.responseLength",
          '' AS "~properties_s.objectId",
          CASE WHEN is_populated AND response_has_deployment AND status = 200 THEN
            CASE via WHEN 'gateway' THEN '${DEMO_GATEWAY_OBJECT_ID}' ELSE caller END END
            AS "~properties_s.callerObjectId",
          ${STREAM_TYPE} AS "~properties_s.streamType",
          CASE WHEN is_named THEN deployment END AS "~properties_s.modelDeploymentName",
          CASE WHEN is_named THEN model END AS "~properties_s.modelName",
          CASE WHEN is_named THEN version END AS "~properties_s.modelVersion",
          CASE WHEN is_populated AND response_has_tokens THEN prompt_tokens::VARCHAR END
            AS "~properties_s.promptTokens",
          CASE WHEN is_populated AND response_has_tokens THEN output_tokens::VARCHAR END
            AS "~properties_s.completionTokens"
        FROM (
          SELECT *, copy = 0 AS is_populated, copy = 0 AND response_has_deployment AS is_named,
            response_received + copy * 350 AS received,
            CASE WHEN uses_unix_ticks THEN 0 ELSE 621355968000000000 END AS epoch_ticks
          FROM (SELECT *, unnest(range(response_rows)) AS copy FROM calls)
        )
        WHERE ${isReceived(window, "received")}`;
}

/** Tokens are arrays of length one; a pair, and a second row of the same call, add up to the call. */
function usageRows(window: ReceivedWindow): string {
  return `
    INSERT INTO ${storedTable(AZURE_DIAGNOSTICS)} BY NAME
      SELECT ${standardColumns("AzureDiagnostics", "account_id", "subscription", "received", 690)},
        ${COMMON}, ${timestamp("completed_at")} AS "TimeGenerated", 'AzureOpenAIRequestUsage' AS "Category",
        'ShoeboxAzureOpenAIRequestUsage' AS "event_s",
        deployment AS "~properties_s.modelDeploymentName", model AS "~properties_s.modelName",
        version AS "~properties_s.modelVersion", ${STREAM_TYPE} AS "~properties_s.streamType",
        ${tokenArray("prompt_part")} AS "~properties_s.promptTokens",
        ${tokenArray("cached_part")} AS "~properties_s.cachedTokens",
        ${tokenArray("output_part")} AS "~properties_s.generatedTokens",
        first_token_ms AS "~properties_s.timeToFirstTokenMs",
        duration_ms - 0.5 AS "~properties_s.timeToLastTokenMs"
      FROM (
        SELECT *, usage_received + copy * 800 AS received,
          ${part("prompt_tokens")} AS prompt_part, ${part("cached_tokens")} AS cached_part,
          ${part("output_tokens")} AS output_part
        FROM (
          SELECT *, unnest(range(CASE WHEN usage_rows = 1 AND usage_is_repeated THEN 2 ELSE usage_rows END)) AS copy
          FROM calls
        )
      )
      WHERE ${isReceived(window, "received")}`;
}

/** The tokens of one usage row: all of them, or a third and the rest when the call has two rows. */
function part(tokens: string): string {
  return `CASE WHEN usage_rows = 1 THEN ${tokens} WHEN copy = 0 THEN ${tokens} // 3 ELSE ${tokens} - ${tokens} // 3 END`;
}

function tokenArray(tokens: string): string {
  return `CASE WHEN usage_has_pairs THEN '[' || (${tokens} // 2) || ',' || (${tokens} - ${tokens} // 2) || ']'
    ELSE '[' || ${tokens} || ']' END`;
}
