import type { DuckDBConnection } from "@duckdb/node-api";
import { appInsightsId, DEMO_APP_INSIGHTS } from "../accounts.ts";
import { literal, OUTCOME_CODES } from "../stage-calls.ts";
import { isReceived, type ReceivedWindow, standardColumns, timestamp } from "./window.ts";

/**
 * Adds the spans of the applications. Every fifth call of an agent also has its `invoke_agent` span, which repeats the
 * tokens of its child. `risk-screening` writes the attribute names from before 2024.
 */
export async function expandSpans(connection: DuckDBConnection, window: ReceivedWindow): Promise<void> {
  await connection.run(`
    INSERT INTO "AppDependencies" BY NAME
    SELECT * EXCLUDE (is_old, is_answered),
      '{' || array_to_string(list_filter([
        ${ATTRIBUTES.map(({ key }) => `'"${key}":' || to_json("~Properties.${key}")`).join(",\n        ")}
      ], attribute -> attribute IS NOT NULL), ',') || '}' AS "Properties"
    FROM (
      SELECT ${standardColumns("AppDependencies", literal(appInsightsId()), literal(DEMO_APP_INSIGHTS.subscription), "span_received", 1_500)},
        ${timestamp("started_at")} AS "TimeGenerated",
        substr(md5('span:' || response_id || level), 1, 16) AS "Id", md5('trace:' || response_id) AS "OperationId",
        CASE WHEN level = 'chat' AND has_agent_span THEN substr(md5('span:' || response_id || 'invoke_agent'), 1, 16)
          ELSE substr(md5('request:' || response_id), 1, 16) END AS "ParentId",
        level || ' ' || CASE level WHEN 'invoke_agent' THEN app_agent ELSE deployment END AS "Name",
        'GenAI | azure.ai.openai' AS "DependencyType", account || '.openai.azure.com' AS "Target",
        (completed_at - started_at) + 8.25 AS "DurationMs", is_answered AS "Success", status::VARCHAR AS "ResultCode",
        item_count AS "ItemCount", app_role AS "AppRoleName", app_role || '-0' AS "AppRoleInstance",
        is_old, is_answered,
        ${ATTRIBUTES.map(({ key, value }) => `${value} AS "~Properties.${key}"`).join(",\n        ")}
      FROM (
        SELECT *, app_role = 'risk-screening' AS is_old, status = 200 AS is_answered, id::BIGINT % 5 = 0 AND app_agent <> '' AS has_agent_span
        FROM calls WHERE has_span
      ), (VALUES ('chat'), ('invoke_agent')) AS levels(level)
      WHERE (level = 'chat' OR has_agent_span) AND ${isReceived(window, "span_received")}
    )`);
}

/** Attributes in the order in which they are written; null is left out. */
const ATTRIBUTES: readonly { readonly key: string; readonly value: string }[] = [
  { key: "gen_ai.operation.name", value: "level" },
  { key: "gen_ai.provider.name", value: "CASE WHEN NOT is_old THEN 'azure.ai.openai' END" },
  { key: "gen_ai.system", value: "CASE WHEN is_old THEN 'openai' END" },
  { key: "gen_ai.request.model", value: "deployment" },
  { key: "gen_ai.response.model", value: "CASE WHEN is_answered THEN model || '-' || version END" },
  { key: "gen_ai.response.id", value: "CASE WHEN is_answered AND level = 'chat' THEN response_id END" },
  { key: "gen_ai.usage.input_tokens", value: answered("NOT is_old", "prompt_tokens") },
  { key: "gen_ai.usage.prompt_tokens", value: answered("is_old", "prompt_tokens") },
  { key: "gen_ai.usage.output_tokens", value: answered("NOT is_old", "output_tokens") },
  { key: "gen_ai.usage.completion_tokens", value: answered("is_old", "output_tokens") },
  { key: "gen_ai.usage.cache_read.input_tokens", value: answered("NOT is_old", "cached_tokens") },
  {
    key: "gen_ai.response.finish_reasons",
    value: `CASE WHEN outcome = ${OUTCOME_CODES.output_filtered} THEN '["content_filter"]'
    WHEN is_answered THEN '["stop"]' END`,
  },
  {
    key: "error.type",
    value: `CASE WHEN outcome = ${OUTCOME_CODES.prompt_filtered} THEN 'content_filter'
    WHEN NOT is_answered THEN status::VARCHAR END`,
  },
  { key: "gen_ai.agent.name", value: "nullif(app_agent, '')" },
];

function answered(condition: string, tokens: string): string {
  return `CASE WHEN is_answered AND ${condition} THEN ${tokens}::VARCHAR END`;
}
