import type { EmbeddedDatabase } from "../duckdb/database.ts";

/** Calls of a period, spread evenly; numbers from `first` on tell calls of several fills apart. */
export type CallsToFill = { readonly calls: number; readonly first: number; readonly start: Date; readonly end: Date };

/**
 * Fills `AzureDiagnostics` with calls as the service logs them, each row received two minutes later: one `RequestResponse`
 * row a call and one usage row for each of the answered 97 %, over 6 accounts and 60 deployments of 8 models. 90
 * applications call one deployment each, half of the calls come from nine of them. Returns the number of rows.
 */
export async function fillLoggedCalls(database: EmbeddedDatabase, { calls, first, start, end }: CallsToFill) {
  const stepUs = Math.floor(((end.getTime() - start.getTime()) * 1_000) / calls);
  const from = `TIMESTAMP '${start.toISOString().slice(0, 19).replace("T", " ")}'`;
  const select = (isUsage: boolean): string => `
    SELECT
      came + to_microseconds(${isUsage ? "(100 + h % 4000) * 1000" : "0"}) AS "TimeGenerated",
      came + INTERVAL 2 MINUTE AS "_TimeReceived",
      'MICROSOFT.COGNITIVESERVICES' AS "ResourceProvider", 'ACCOUNTS' AS "ResourceType", 'AzureDiagnostics' AS "Type",
      '${isUsage ? "AzureOpenAIRequestUsage" : "RequestResponse"}' AS "Category",
      '/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai-' || (deployment % 6) AS "_ResourceId",
      'ChatCompletions_Create' AS "OperationName",
      ${isUsage ? "''" : "status"} AS "ResultSignature",
      ${isUsage ? "0" : "(100 + h % 4000)"}::BIGINT AS "DurationMs",
      'c-' || i AS "CorrelationId", 'eastus2' AS location_s,
      'Azure OpenAI 2024-10-21' AS "~properties_s.apiName",
      MODELS[1 + deployment % 8] AS "~properties_s.modelName", '2024-11-20' AS "~properties_s.modelVersion",
      'dep-' || deployment AS "~properties_s.modelDeploymentName",
      ${
        isUsage
          ? `'[' || prompt || ']' AS "~properties_s.promptTokens", '[' || (prompt // 3) || ']' AS "~properties_s.cachedTokens",
             '[' || (h % 700) || ']' AS "~properties_s.generatedTokens"`
          : `'caller-' || caller AS "~properties_s.callerObjectId",
             CASE WHEN caller % 2 = 0 THEN 'Streaming' ELSE 'Non-Streaming' END AS "~properties_s.streamType"`
      }
    FROM calls ${isUsage ? "WHERE status = '200'" : ""}`;
  return database.withConnection(async (connection) => {
    const reader = await connection.runAndReadAll(
      `
      INSERT INTO stored."AzureDiagnostics" BY NAME
      WITH numbered AS (SELECT i, (hash(i) % 1000000007)::BIGINT AS h FROM range(${first}, ${first + calls}) AS r(i)),
      callers AS (SELECT i, h, CASE WHEN h % 2 = 0 THEN (h // 7) % 9 ELSE (h // 7) % 90 END AS caller FROM numbered),
      calls AS (
        SELECT i, h, caller, caller % 60 AS deployment, 50 + h % 3000 AS prompt,
          ${from} + to_microseconds((i - ${first}) * ${stepUs}) AS came,
          CASE WHEN h % 97 = 0 THEN '429' WHEN h % 211 = 0 THEN '500' WHEN h % 83 = 0 THEN '400' ELSE '200' END AS status
        FROM callers)
      SELECT * FROM (${select(false)} UNION ALL BY NAME ${select(true)}) ORDER BY "TimeGenerated"`.replaceAll(
        "MODELS",
        "['gpt-4o','gpt-4o-mini','gpt-4.1','gpt-4.1-mini','gpt-4.1-nano','o3','o4-mini','gpt-5']",
      ),
    );
    return Number(reader.getRows()[0]?.[0] ?? 0);
  });
}
