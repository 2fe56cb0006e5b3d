import { BOOLEAN, DOUBLE, type DuckDBConnection, DuckDBDataChunk, INTEGER } from "@duckdb/node-api";
import { TOKEN_LEDGER_SUMMARY } from "../../../kql/tables/token-ledger-summary.ts";
import { accountId, DEMO_ACCOUNTS, DEMO_GATEWAY_OBJECT_ID, DEMO_WORKSPACE_ID, gatewayId } from "../accounts.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../calendar.ts";
import { literal } from "../stage-calls.ts";
import { type DemoTenant, historyStartOf } from "../tenant.ts";
import { WORKLOADS } from "../workloads.ts";
import { generateHistoryHour, type HistoryPart } from "./generate-hour.ts";
import { HISTORY_ERAS } from "./history-eras.ts";

const CHUNK_ROWS = 2_048;
const TABLE = `"${TOKEN_LEDGER_SUMMARY.name}"`;

/** Days that are written at once, so that little memory is enough. */
const DAYS_AT_ONCE = 31;

/**
 * Writes what a summary rule of the product would have kept of the months before the raw tables, a daily bin each with its rows by
 * quarter hour. Nothing for a tenant without a history; an interrupted making begins again.
 */
export async function writeHistory(connection: DuckDBConnection, tenant: DemoTenant): Promise<void> {
  if (historyStartOf(tenant) >= tenant.start) return;
  await connection.run(`DELETE FROM ${TABLE}`);
  for (let from = historyStartOf(tenant); from < tenant.start; from += DAYS_AT_ONCE * DAY_MS) {
    const to = Math.min(tenant.start, from + DAYS_AT_ONCE * DAY_MS);
    await stageParts(connection, tenant, from, to);
    for (const select of [usageRows, requestRows, failedRows, gatewayRows, failedGatewayRows, spanRows]) {
      await connection.run(`INSERT INTO ${TABLE} BY NAME ${stored(select())} ORDER BY "quarterHour"`);
    }
    await connection.run(`INSERT INTO ${TABLE} BY NAME ${bins(from, to)}`);
  }
  await connection.run("DROP TABLE temp.main.history_parts");
}

async function stageParts(connection: DuckDBConnection, tenant: DemoTenant, from: number, to: number): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE history_staged (${COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ")})`,
  );
  const appender = await connection.createAppender("history_staged", "main", "temp");
  let part: HistoryPart[] = [];
  for (let hour = from / HOUR_MS; hour < to / HOUR_MS; hour++) {
    part.push(...generateHistoryHour(tenant, hour));
    if (part.length >= CHUNK_ROWS - WORKLOADS.length * 2) {
      appender.appendDataChunk(chunkOf(part));
      part = [];
    }
  }
  if (part.length > 0) appender.appendDataChunk(chunkOf(part));
  appender.closeSync();
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE history_parts AS
    SELECT p.* EXCLUDE (workload, era), w.* EXCLUDE (workload), e.* EXCLUDE (era),
      make_timestamp(p.quarter::BIGINT * 900000000) AS began,
      via = 'gateway' AND gateway_api = 'openai-v2' AS joined
    FROM history_staged p JOIN (${workloadRows()}) w USING (workload) JOIN (${eraRows()}) e USING (era)`);
  await connection.run("DROP TABLE temp.main.history_staged");
}

const COLUMNS = [
  { name: "quarter", type: INTEGER, value: (part: HistoryPart) => part.quarter },
  { name: "workload", type: INTEGER, value: (part: HistoryPart) => part.workload },
  { name: "era", type: INTEGER, value: (part: HistoryPart) => part.era },
  { name: "is_long", type: BOOLEAN, value: (part: HistoryPart) => part.isLong },
  { name: "calls", type: INTEGER, value: (part: HistoryPart) => part.calls },
  { name: "failed", type: INTEGER, value: (part: HistoryPart) => part.failed },
  { name: "failed_status", type: INTEGER, value: (part: HistoryPart) => part.failedStatus },
  { name: "prompt_tokens", type: DOUBLE, value: (part: HistoryPart) => part.promptTokens },
  { name: "cached_tokens", type: DOUBLE, value: (part: HistoryPart) => part.cachedTokens },
  { name: "output_tokens", type: DOUBLE, value: (part: HistoryPart) => part.outputTokens },
  { name: "spans", type: INTEGER, value: (part: HistoryPart) => part.spans },
] as const;

function chunkOf(parts: readonly HistoryPart[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    COLUMNS.map(({ type }) => type),
    parts.length,
  );
  COLUMNS.forEach(({ value }, index) => {
    chunk.setColumnValues(
      index,
      parts.map((part): number | boolean => value(part)),
    );
  });
  return chunk;
}

/** Who called, as the accounts' log and the gateway tell it together. */
const IDENTITY = `
  CASE WHEN joined THEN subscription ELSE '' END AS "apimSubscription",
  CASE WHEN joined THEN product ELSE '' END AS "apimProduct", '' AS "apimUser",
  CASE WHEN joined THEN gateway_api ELSE '' END AS "api", CASE WHEN joined THEN account_name ELSE '' END AS "backend",
  CASE WHEN joined THEN app_role ELSE '' END AS "application", joined AS "isJoined"`;

const CALL = `
  began AS "quarterHour", account_id AS "account", operation AS "operation",
  'Azure OpenAI API version ' || api_version AS "apiName",
  CASE WHEN is_stream THEN 'Streaming' ELSE 'Non-Streaming' END AS "streamType", ${IDENTITY}`;

const MODEL = `deployment AS "deployment", model AS "model", version AS "version"`;
const CALLER = `CASE via WHEN 'gateway' THEN '${DEMO_GATEWAY_OBJECT_ID}' ELSE object_id END AS "caller"`;

function usageRows(): string {
  return `SELECT 'usage' AS "rowOf", 'usage_log' AS "source", ${CALL}, ${MODEL}, ${CALLER}, region AS "region",
      is_long AS "isLong", ${sums({ calls: "calls", prompt: "prompt_tokens", cached: "cached_tokens", unsplit: "0", output: "output_tokens", oddArrays: "0", addedRows: "0" })}
    FROM history_parts WHERE calls > 0 GROUP BY ALL`;
}

function requestRows(): string {
  return `SELECT 'requests' AS "rowOf", ${CALL}, ${MODEL}, ${CALLER}, '200' AS "status", false AS "provesFilter",
      ${sums({ requests: "calls", rows: "calls * 3 - calls // 7", duplicates: "0", withTokens: "calls", withUsage: "calls" })}
    FROM history_parts WHERE calls > 0 GROUP BY ALL`;
}

/** A refused call names its deployment only where the account got as far as to know it. */
function failedRows(): string {
  const named = (column: string) => `CASE failed_status WHEN 429 THEN '' ELSE ${column} END AS "${column}"`;
  return `SELECT 'requests' AS "rowOf", ${CALL}, ${["deployment", "model", "version"].map(named).join(", ")}, '' AS "caller",
      failed_status::VARCHAR AS "status", false AS "provesFilter",
      ${sums({ requests: "failed", rows: "failed * 2", duplicates: "0", withTokens: "0", withUsage: "0" })}
    FROM history_parts WHERE failed > 0 GROUP BY ALL`;
}

const AT_GATEWAY = `'gateway' AS "rowOf", began AS "quarterHour", '${gatewayId()}' AS "gateway",
  account_name || '.openai.azure.com' AS "host", deployment AS "deployment", subscription AS "apimSubscription",
  product AS "apimProduct", '' AS "apimUser", gateway_api AS "api", account_name AS "backend", joined AS "isJoinable",
  '' AS "reason", false AS "provesFilter"`;

function gatewayRows(): string {
  return `SELECT ${AT_GATEWAY}, app_role AS "application", model || '-' || version AS "model", '200' AS "status",
      '200' AS "backendStatus",
      ${sums({ requests: "calls", rows: "calls", withTokens: "calls", prompt: "prompt_tokens", completion: "output_tokens" })}
    FROM history_parts WHERE via = 'gateway' AND calls > 0 GROUP BY ALL`;
}

function failedGatewayRows(): string {
  return `SELECT ${AT_GATEWAY}, '' AS "application", '' AS "model", failed_status::VARCHAR AS "status",
      failed_status::VARCHAR AS "backendStatus", ${sums({ requests: "failed", rows: "failed", withTokens: "0" })},
      NULL::BIGINT AS "prompt", NULL::BIGINT AS "completion"
    FROM history_parts WHERE via = 'gateway' AND failed > 0 GROUP BY ALL`;
}

/** Sampled spans stand for as many calls; the old attribute names tell no cached tokens. */
function spanRows(): string {
  return `SELECT 'span' AS "rowOf", began AS "quarterHour", account_name || '.openai.azure.com' AS "host",
      deployment AS "deployment", model || '-' || version AS "model",
      CASE operation WHEN 'Embeddings_Create' THEN 'embeddings' ELSE 'chat' END AS "operation", app_role AS "application",
      '200' AS "status", joined AS "isJoined",
      ${sums({ spans: "spans", rows: "spans", requests: "spans * item_count", prompt: "prompt_tokens", cached: "CASE WHEN item_count = 1 THEN cached_tokens END", cachedKnown: "CASE WHEN item_count = 1 THEN spans ELSE 0 END", completion: "output_tokens", filtered: "0", sampled: "CASE WHEN item_count = 1 THEN 0 ELSE spans END" })}
    FROM history_parts WHERE app_role <> '' AND spans > 0 GROUP BY ALL`;
}

/** A rule has one row for a key, however many workloads share it. */
function sums(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([column, value]) => `sum(${value})::BIGINT AS "${column}"`)
    .join(", ");
}

/** The columns that the service writes: the bin, the rule, and the run, a day after the end of its bin. */
function stored(select: string): string {
  return `SELECT *, ${RULE}, 1440 AS "_BinSize", date_trunc('day', "quarterHour") AS "_BinStartTime",
      date_trunc('day', "quarterHour") + ${RUN_AFTER} AS "TimeGenerated" FROM (${select})`;
}

const RULE = `'${DEMO_WORKSPACE_ID}' AS "TenantId", '${TOKEN_LEDGER_SUMMARY.name}' AS "Type", 'token-ledger-summary' AS "_RuleName",
  TIMESTAMP '2025-08-01 09:30:00' AS "_RuleLastModifiedTime", 'True' AS "_IsBillable", 410::DOUBLE AS "_BilledSize"`;
const RUN_AFTER = `to_milliseconds(${2 * DAY_MS + 11 * MINUTE_MS}::BIGINT)`;

function bins(from: number, to: number): string {
  return `SELECT 'bin' AS "rowOf", ${RULE}, 1440 AS "_BinSize", day AS "_BinStartTime", day + ${RUN_AFTER} AS "TimeGenerated",
      coalesce(rows, 0)::BIGINT AS "rows"
    FROM (SELECT make_timestamp((${from}::BIGINT + i * ${DAY_MS}) * 1000) AS day FROM range(${(to - from) / DAY_MS}) AS r(i))
    LEFT JOIN (SELECT date_trunc('day', began) AS day, sum(calls * 3 + failed * 2) AS rows FROM history_parts GROUP BY 1) USING (day)
    ORDER BY day`;
}

function workloadRows(): string {
  const rows = WORKLOADS.map(({ path, application, operation, apiVersion, isStream }, index) => {
    const gateway = path.via === "gateway" ? path : { api: "", subscription: "", product: "" };
    const texts = [
      path.via,
      gateway.api,
      gateway.subscription,
      gateway.product,
      path.via === "entra" ? path.objectId : "",
      application?.role ?? "",
      operation,
      apiVersion,
    ];
    return `(${[index, ...texts.map(literal), application?.itemCount ?? 1, isStream].join(", ")})`;
  });
  return `SELECT * FROM (VALUES ${rows.join(", ")})
    AS w(workload, via, gateway_api, subscription, product, object_id, app_role, operation, api_version, item_count, is_stream)`;
}

function eraRows(): string {
  const rows = HISTORY_ERAS.map((era, index) => {
    const account = DEMO_ACCOUNTS[era.account];
    const texts = [accountId(account), account.name, account.region, era.deployment, era.model, era.version];
    return `(${[index, ...texts.map(literal)].join(", ")})`;
  });
  return `SELECT * FROM (VALUES ${rows.join(", ")}) AS e(era, account_id, account_name, region, deployment, model, version)`;
}
