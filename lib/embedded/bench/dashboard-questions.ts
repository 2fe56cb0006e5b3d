/** A dashboard's question in KQL, and the SQL a person would write for the same answer over the stored columns. */
export type DashboardQuestion = { readonly name: string; readonly kql: string; readonly sql: string };

const CALLS = `stored."AzureDiagnostics"`;
const NOW = "TIMESTAMP '2026-03-10 12:00'";
const since = (days: number): string => `"TimeGenerated" > ${NOW} - INTERVAL ${days} DAY`;
/** Prompt tokens stand as a number or as an array of one. */
const PROMPT = `coalesce(TRY_CAST("~properties_s.promptTokens" AS BIGINT), TRY_CAST("~properties_s.promptTokens" ->> '$[0]' AS BIGINT))`;

export const DASHBOARD_QUESTIONS: readonly DashboardQuestion[] = [
  {
    name: "calls per hour, 30 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(30d) | summarize count() by bin(TimeGenerated, 1h) | order by TimeGenerated asc",
    sql: `SELECT time_bucket(INTERVAL 1 HOUR, "TimeGenerated") AS t, count(*) FROM ${CALLS} WHERE ${since(30)} GROUP BY t ORDER BY t`,
  },
  {
    name: "calls by model per hour, 30 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(30d) | extend p = parse_json(properties_s) | summarize count() by tostring(p.modelName), bin(TimeGenerated, 1h)",
    sql: `SELECT coalesce("~properties_s.modelName", '') AS m, time_bucket(INTERVAL 1 HOUR, "TimeGenerated") AS t, count(*) FROM ${CALLS} WHERE ${since(30)} GROUP BY m, t`,
  },
  {
    name: "tokens by model per day, 30 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(30d) and Category == 'RequestResponse' | extend p = parse_json(properties_s) | summarize prompt = sum(tolong(p.promptTokens)), completion = sum(tolong(p.completionTokens)) by model = tostring(p.modelName), bin(TimeGenerated, 1d)",
    sql: `SELECT coalesce("~properties_s.modelName", '') AS m, date_trunc('day', "TimeGenerated") AS t, sum(TRY_CAST("~properties_s.promptTokens" AS BIGINT)), sum(TRY_CAST("~properties_s.completionTokens" AS BIGINT)) FROM ${CALLS} WHERE ${since(30)} AND "Category" = 'RequestResponse' GROUP BY m, t`,
  },
  {
    name: "tokens, number or array, 7 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(7d) | extend p = parse_json(properties_s) | summarize sum(coalesce(tolong(p.promptTokens), tolong(p.promptTokens[0]))) by tostring(p.modelDeploymentName)",
    sql: `SELECT coalesce("~properties_s.modelDeploymentName", '') AS d, sum(${PROMPT}) FROM ${CALLS} WHERE ${since(7)} GROUP BY d`,
  },
  {
    name: "latency percentiles by deployment, 24 h",
    kql: "AzureDiagnostics | where TimeGenerated > ago(1d) | summarize percentiles(DurationMs, 50, 95, 99) by deployment = tostring(parse_json(properties_s).modelDeploymentName)",
    sql: `SELECT coalesce("~properties_s.modelDeploymentName", '') AS d, quantile_disc("DurationMs", [0.5, 0.95, 0.99]) FROM ${CALLS} WHERE ${since(1)} GROUP BY d`,
  },
  {
    name: "latency percentiles by resource, 30 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(30d) | summarize percentiles(DurationMs, 50, 95, 99) by Resource",
    sql: `SELECT "Resource" AS r, quantile_disc("DurationMs", [0.5, 0.95, 0.99]) FROM ${CALLS} WHERE ${since(30)} GROUP BY r`,
  },
  {
    name: "error rate, top 10 callers, 7 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(7d) | summarize total = count(), errors = countif(toint(ResultSignature) >= 400), throttled = countif(ResultSignature == '429') by caller = tostring(parse_json(properties_s).callerObjectId) | extend rate = 1.0 * errors / total | top 10 by errors",
    sql: `SELECT coalesce("~properties_s.callerObjectId", '') AS c, count(*) AS n, count(*) FILTER (WHERE TRY_CAST("ResultSignature" AS INTEGER) >= 400) AS e, count(*) FILTER (WHERE "ResultSignature" = '429'), e::DOUBLE / n FROM ${CALLS} WHERE ${since(7)} GROUP BY c ORDER BY e DESC LIMIT 10`,
  },
  {
    name: "distinct callers per day, 30 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(30d) | summarize dcount(tostring(parse_json(properties_s).callerObjectId)) by bin(TimeGenerated, 1d)",
    sql: `SELECT date_trunc('day', "TimeGenerated") AS t, count(DISTINCT coalesce("~properties_s.callerObjectId", '')) FROM ${CALLS} WHERE ${since(30)} GROUP BY t`,
  },
  {
    name: "make-series by resource, 7 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(7d) | make-series n = count() default = 0 on TimeGenerated from ago(7d) to now() step 1h by Resource",
    sql: `SELECT r, list(coalesce(n, 0) ORDER BY i), list(${NOW} - INTERVAL 7 DAY + to_hours(i::INTEGER) ORDER BY i) FROM (SELECT DISTINCT "Resource" AS r FROM ${CALLS} WHERE ${since(7)}) CROSS JOIN range(168) AS g(i) LEFT JOIN (SELECT "Resource" AS r, (epoch_us("TimeGenerated") - epoch_us(${NOW} - INTERVAL 7 DAY)) // 3600000000 AS i, count(*) AS n FROM ${CALLS} WHERE ${since(7)} GROUP BY ALL) USING (r, i) GROUP BY r`,
  },
  {
    name: "cost: sums and a price table, 30 days",
    kql: "let prices = datatable(model:string, price:real)['model-1', 2.5, 'model-2', 10.0, 'model-3', 0.15]; AzureDiagnostics | where TimeGenerated > ago(30d) | summarize tokens = sum(tolong(parse_json(properties_s).completionTokens)) by model = tostring(parse_json(properties_s).modelName), bin(TimeGenerated, 1d) | join kind=inner prices on model | project TimeGenerated, model, cost = tokens * price / 1000000",
    sql: `SELECT t, m, n * price / 1000000 FROM (SELECT date_trunc('day', "TimeGenerated") AS t, coalesce("~properties_s.modelName", '') AS m, sum(TRY_CAST("~properties_s.completionTokens" AS BIGINT)) AS n FROM ${CALLS} WHERE ${since(30)} GROUP BY t, m) JOIN (VALUES ('model-1', 2.5::DOUBLE), ('model-2', 10.0), ('model-3', 0.15)) AS p(model, price) ON m = model`,
  },
  {
    name: "failures by operation (has), 7 days",
    kql: "AzureDiagnostics | where TimeGenerated > ago(7d) and OperationName has 'response' and ResultSignature != '200' | summarize count() by OperationName, ResultSignature",
    sql: `SELECT "OperationName", "ResultSignature", count(*) FROM ${CALLS} WHERE ${since(7)} AND regexp_matches(lower("OperationName"), '(^|[^\\pL\\pN])response($|[^\\pL\\pN])') AND "ResultSignature" <> '200' GROUP BY ALL`,
  },
  {
    name: "latest call of each deployment",
    kql: "AzureDiagnostics | where TimeGenerated > ago(1d) | extend d = tostring(parse_json(properties_s).modelDeploymentName) | summarize arg_max(TimeGenerated, ResultSignature, DurationMs) by d",
    sql: `SELECT coalesce("~properties_s.modelDeploymentName", '') AS d, arg_max({a: "TimeGenerated", b: "ResultSignature", c: "DurationMs"}, "TimeGenerated") FROM ${CALLS} WHERE ${since(1)} GROUP BY d`,
  },
];
