import type { DuckDBConnection } from "@duckdb/node-api";
import { API_MANAGEMENT_GATEWAY_LOGS } from "../../../kql/tables/api-management-gateway-logs.ts";
import { storedTable } from "../../store/create-tables.ts";
import { DEMO_GATEWAY, gatewayId } from "../accounts.ts";
import { literal, OUTCOME_CODES } from "../stage-calls.ts";
import { isReceived, type ReceivedWindow, standardColumns, timestamp } from "./window.ts";

/** Adds the gateway's rows: one per call, the token row of each answered call, and the token metrics of one API. */
export async function expandGateway(connection: DuckDBConnection, window: ReceivedWindow): Promise<void> {
  await connection.run(gatewayRows(window));
  await connection.run(tokenRows(window));
  await connection.run(tokenMetrics(window));
}

const GATEWAY_SUBSCRIPTION = literal(DEMO_GATEWAY.subscription);
const REGION = literal(DEMO_GATEWAY.region);
const IS_ANSWERED = `status = 200 AND has_gateway`;
const IS_LIMIT = `outcome = ${OUTCOME_CODES.gateway_limit}`;
const OPERATION_PATH = `CASE operation WHEN 'create_response' THEN 'responses' WHEN 'Embeddings_Create' THEN 'embeddings'
  ELSE 'chat/completions' END`;

/** Only `openai-v2` logs Azure OpenAI's response headers, so only its calls join the resource log. */
function gatewayRows(window: ReceivedWindow): string {
  return `
    INSERT INTO ${storedTable(API_MANAGEMENT_GATEWAY_LOGS)} BY NAME
    SELECT ${standardColumns("ApiManagementGatewayLogs", literal(gatewayId()), GATEWAY_SUBSCRIPTION, "gateway_received", 1_100)},
      ${timestamp("started_at")} AS "TimeGenerated", gateway_id AS "CorrelationId", ${REGION} AS "Region",
      'Microsoft.ApiManagement/GatewayLogs' AS "OperationName", 'GatewayLogs' AS "Category",
      status < 400 AS "IsRequestSuccess", (completed_at - started_at)::BIGINT + 4 AS "TotalTime",
      '10.40.' || workload || '.' || (id::BIGINT % 23 + 4) AS "CallerIpAddress", 'POST' AS "Method",
      'https://ai.contoso.example/' || api || '/openai/deployments/' || asked_deployment || '/' || ${OPERATION_PATH}
        || '?api-version=' || api_version AS "Url",
      'HTTP/1.1' AS "ClientProtocol", '1.3' AS "ClientTlsVersion", status AS "ResponseCode",
      CASE WHEN NOT ${IS_LIMIT} THEN status END AS "BackendResponseCode",
      CASE WHEN ${IS_LIMIT} THEN '' ELSE 'POST' END AS "BackendMethod",
      CASE WHEN ${IS_LIMIT} THEN '' ELSE 'https://' || account || '.openai.azure.com/openai/deployments/'
        || asked_deployment || '/' || ${OPERATION_PATH} || '?api-version=' || api_version END AS "BackendUrl",
      CASE WHEN ${IS_LIMIT} THEN '' ELSE account END AS "BackendId",
      CASE WHEN ${IS_LIMIT} THEN '' ELSE 'HTTP/1.1' END AS "BackendProtocol",
      CASE WHEN NOT ${IS_LIMIT} THEN (completed_at - request_at)::BIGINT + 2 END AS "BackendTime",
      1 AS "ClientTime", 'none' AS "Cache", request_bytes AS "RequestSize", response_bytes AS "ResponseSize",
      api AS "ApiId", CASE operation WHEN 'create_response' THEN 'responses-create'
        WHEN 'Embeddings_Create' THEN 'embeddings-create' ELSE 'chat-completions-create' END AS "OperationId",
      apim_product AS "ProductId", apim_subscription AS "ApimSubscriptionId", '1' AS "ApiRevision",
      CASE WHEN ${IS_LIMIT} THEN 'llm-token-limit' ELSE '' END AS "LastErrorSource",
      CASE WHEN ${IS_LIMIT} THEN 'inbound' ELSE '' END AS "LastErrorSection",
      CASE WHEN ${IS_LIMIT} THEN 'TokenLimitExceeded' ELSE '' END AS "LastErrorReason",
      CASE WHEN ${IS_LIMIT} THEN 'Token limit is exceeded. Try again later.' ELSE '' END AS "LastErrorMessage",
      false AS "IsTraceRequested", false AS "IsTraceAllowed", false AS "IsTraceExpired", false AS "IsMasterTrace",
      CASE WHEN has_headers THEN request_id END AS "~BackendResponseHeaders.apim-request-id",
      CASE WHEN has_headers AND is_spillover THEN deployment END AS "~BackendResponseHeaders.x-ms-deployment-name",
      CASE WHEN has_headers AND is_spillover THEN asked_deployment END
        AS "~BackendResponseHeaders.x-ms-spillover-from-deployment"
    FROM (SELECT *, api = 'openai-v2' AND NOT ${IS_LIMIT} AS has_headers FROM calls WHERE has_gateway)
    WHERE ${isReceived(window, "gateway_received")}`;
}

/** Every hundredth answer is so long that it has a second row, without a deployment and without tokens. */
function tokenRows(window: ReceivedWindow): string {
  return `
    INSERT INTO "ApiManagementGatewayLlmLog" BY NAME
    SELECT ${standardColumns("ApiManagementGatewayLlmLog", literal(gatewayId()), GATEWAY_SUBSCRIPTION, "gateway_received", 380)},
      ${timestamp("started_at")} AS "TimeGenerated", operation AS "OperationName", gateway_id AS "CorrelationId",
      ${REGION} AS "Region", response_id AS "RequestId", api_version AS "ApiVersion",
      CASE part WHEN 0 THEN asked_deployment ELSE '' END AS "DeploymentName",
      CASE part WHEN 0 THEN model || '-' || version ELSE '' END AS "ModelName",
      CASE part WHEN 0 THEN prompt_tokens END AS "PromptTokens",
      CASE part WHEN 0 THEN output_tokens END AS "CompletionTokens",
      CASE part WHEN 0 THEN prompt_tokens + output_tokens END AS "TotalTokens",
      is_stream AS "IsStreamCompletion", part::INTEGER AS "SequenceNumber"
    FROM (SELECT *, unnest(range(CASE WHEN id::BIGINT % 100 = 7 THEN 2 ELSE 1 END)) AS part FROM calls WHERE ${IS_ANSWERED})
    WHERE ${isReceived(window, "gateway_received")}`;
}

/** The classic API emits token metrics instead of logging headers. */
function tokenMetrics(window: ReceivedWindow): string {
  return `
    INSERT INTO "AppMetrics" BY NAME
    SELECT ${standardColumns("AppMetrics", literal(gatewayId()), GATEWAY_SUBSCRIPTION, "gateway_received", 420)},
      ${timestamp("started_at")} AS "TimeGenerated", name AS "Name", 1 AS "ItemCount",
      tokens::DOUBLE AS "Sum", tokens::DOUBLE AS "Min", tokens::DOUBLE AS "Max",
      ${literal(`${DEMO_GATEWAY.name} ${DEMO_GATEWAY.region}`)} AS "AppRoleName",
      '{"API ID":"' || api || '","Subscription ID":"' || apim_subscription || '","Product ID":"' || apim_product
        || '","User ID":"N/A","Backend ID":"' || account || '","_MS.MetricId":"' || name || '"}' AS "Properties",
      api AS "~Properties.API ID", apim_subscription AS "~Properties.Subscription ID",
      apim_product AS "~Properties.Product ID", 'N/A' AS "~Properties.User ID", account AS "~Properties.Backend ID",
      name AS "~Properties._MS.MetricId"
    FROM (
      SELECT *, unnest(['Prompt Tokens', 'Completion Tokens', 'Total Tokens']) AS name,
        unnest([prompt_tokens, output_tokens, prompt_tokens + output_tokens]) AS tokens
      FROM calls WHERE ${IS_ANSWERED} AND api = 'openai-eu-classic'
    )
    WHERE ${isReceived(window, "gateway_received")}`;
}
