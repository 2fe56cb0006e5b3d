import type { EmbeddedDatabase } from "../duckdb/database.ts";

/**
 * Fills `AzureDiagnostics` with generated calls over the 30 days before 2026-03-10T12:00Z, in order of time, as the
 * import stores them: one row per call with its shreds, 24 models, 60 deployments, 2,000 callers.
 */
export async function fillCalls(database: EmbeddedDatabase, rows: number): Promise<void> {
  await database.withConnection(async (connection) => {
    await connection.run(`
      INSERT INTO stored."AzureDiagnostics" BY NAME
      SELECT
        TIMESTAMP '2026-02-08 12:00' + to_microseconds(i * ${Math.floor((30 * 86_400_000_000) / rows)}) AS "TimeGenerated",
        'MICROSOFT.COGNITIVESERVICES' AS "ResourceProvider", 'ACCOUNTS' AS "ResourceType", 'AzureDiagnostics' AS "Type",
        CASE WHEN i % 3 = 0 THEN 'AzureOpenAIRequestUsage' ELSE 'RequestResponse' END AS "Category",
        'AOAI-PROD-' || (h % 6) AS "Resource",
        CASE h % 5 WHEN 0 THEN 'Embeddings_Create' WHEN 1 THEN 'create_response' ELSE 'ChatCompletions_Create' END AS "OperationName",
        CASE WHEN h % 97 = 0 THEN '429' WHEN h % 211 = 0 THEN '500' WHEN h % 53 = 0 THEN '400' ELSE '200' END AS "ResultSignature",
        (100 + h % 4000)::BIGINT AS "DurationMs",
        '203.0.113.***' AS "CallerIPAddress",
        'c-' || i AS "CorrelationId", 'eastus2' AS location_s,
        'model-' || (h % 24) AS "~properties_s.modelName", 'dep-' || (h % 60) AS "~properties_s.modelDeploymentName",
        'caller-' || (h % 2000) AS "~properties_s.callerObjectId",
        CASE WHEN h % 2 = 0 THEN 'Streaming' ELSE 'Non-Streaming' END AS "~properties_s.streamType",
        CASE WHEN i % 3 = 0 THEN '[' || (h % 3000) || ']' ELSE (h % 3000)::VARCHAR END AS "~properties_s.promptTokens",
        (h % 700)::VARCHAR AS "~properties_s.completionTokens"
      FROM (SELECT i, (hash(i) % 1000000007)::BIGINT AS h FROM range(${rows}) AS r(i))`);
    await connection.run("CHECKPOINT");
  });
}
