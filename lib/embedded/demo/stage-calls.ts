import { setImmediate as immediate } from "node:timers/promises";
import { BOOLEAN, DOUBLE, type DuckDBConnection, DuckDBDataChunk, type DuckDBType, INTEGER } from "@duckdb/node-api";
import { accountId, DEMO_ACCOUNTS } from "./accounts.ts";
import type { DemoCall } from "./demo-call.ts";
import { DEPLOYMENT_ERAS } from "./deployments.ts";
import type { DemoTenant } from "./tenant.ts";
import { WORKLOADS } from "./workloads.ts";

const CHUNK_ROWS = 2_048;

/**
 * Puts calls into the temporary table `calls`, with the ids that the records share and with what their workload and
 * deployment say. The expansions read only this table. Between two chunks other work of the process has its turn.
 */
export async function stageCalls(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  calls: Iterable<DemoCall>,
): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE staged (${COLUMNS.map((c) => `${c.name} ${c.type}`).join(", ")})`);
  const appender = await connection.createAppender("staged", "main", "temp");
  let part: DemoCall[] = [];
  for (const call of calls) {
    part.push(call);
    if (part.length === CHUNK_ROWS) {
      appender.appendDataChunk(chunkOf(part));
      part = [];
      await immediate();
    }
  }
  if (part.length > 0) appender.appendDataChunk(chunkOf(part));
  appender.closeSync();
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE calls AS
    SELECT staged.*, workloads.* EXCLUDE (workload), eras.* EXCLUDE (era),
      md5('${tenant.seed}:azure:' || id::BIGINT)::UUID::VARCHAR AS request_id,
      md5('${tenant.seed}:gateway:' || id::BIGINT)::UUID::VARCHAR AS gateway_id,
      CASE operation WHEN 'create_response' THEN 'resp_' ELSE 'chatcmpl-' END
        || md5('${tenant.seed}:response:' || id::BIGINT) AS response_id
    FROM staged
    JOIN (${workloadRows()}) workloads USING (workload)
    JOIN (${eraRows()}) eras USING (era)`);
  await connection.run("DROP TABLE temp.main.staged");
}

/** Removes what `stageCalls` made. */
export async function dropStagedCalls(connection: DuckDBConnection): Promise<void> {
  await connection.run("DROP TABLE temp.main.calls");
}

/** An SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function chunkOf(calls: readonly DemoCall[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    COLUMNS.map((column) => column.type),
    calls.length,
  );
  COLUMNS.forEach((column, index) => {
    chunk.setColumnValues(index, calls.map(column.value));
  });
  return chunk;
}

type StagedColumn = {
  readonly name: string;
  readonly type: DuckDBType;
  readonly value: (call: DemoCall) => number | boolean;
};

const COLUMNS: readonly StagedColumn[] = [
  double("id", (call) => call.id),
  integer("workload", (call) => call.workload),
  integer("era", (call) => call.era),
  integer("status", (call) => call.status),
  integer("outcome", (call) => OUTCOME_CODES[call.outcome]),
  boolean("is_spillover", (call) => call.isSpillover),
  double("started_at", (call) => call.startedAt),
  double("request_at", (call) => call.requestAt),
  double("completed_at", (call) => call.completedAt),
  integer("duration_ms", (call) => call.durationMs),
  double("first_token_ms", (call) => call.firstTokenMs),
  integer("prompt_tokens", (call) => call.promptTokens),
  integer("cached_tokens", (call) => call.cachedTokens),
  integer("output_tokens", (call) => call.outputTokens),
  integer("reasoning_tokens", (call) => call.reasoningTokens),
  integer("request_bytes", (call) => call.requestBytes),
  integer("response_bytes", (call) => call.responseBytes),
  integer("filter_category", (call) => call.filterCategory),
  integer("response_rows", (call) => call.responseRows),
  double("response_received", (call) => call.responseReceivedAt),
  boolean("response_has_deployment", (call) => call.responseHasDeployment),
  boolean("response_has_tokens", (call) => call.responseHasTokens),
  boolean("uses_unix_ticks", (call) => call.usesUnixTicks),
  integer("usage_rows", (call) => call.usageRows),
  boolean("usage_is_repeated", (call) => call.usageIsRepeated),
  boolean("usage_has_pairs", (call) => call.usageHasPairs),
  double("usage_received", (call) => call.usageReceivedAt),
  boolean("has_gateway", (call) => call.hasGateway),
  double("gateway_received", (call) => call.gatewayReceivedAt),
  boolean("has_span", (call) => call.hasSpan),
  double("span_received", (call) => call.spanReceivedAt),
];

/** Outcomes as the staged numbers; the expansions compare with these. */
export const OUTCOME_CODES: Readonly<Record<DemoCall["outcome"], number>> = {
  ok: 0,
  output_filtered: 1,
  prompt_filtered: 2,
  throttled: 3,
  client_error: 4,
  unauthorized: 5,
  endpoint_closed: 6,
  deployment_missing: 7,
  cancelled: 8,
  timeout: 9,
  server_error: 10,
  gateway_limit: 11,
};

function workloadRows(): string {
  const rows = WORKLOADS.map((workload, index) => {
    const { path, application } = workload;
    const gateway = path.via === "gateway" ? path : { api: "", subscription: "", product: "" };
    return `(${[
      index,
      ...[
        path.via,
        gateway.api,
        gateway.subscription,
        gateway.product,
        path.via === "entra" ? path.objectId : "",
        application?.role ?? "",
        application?.agent ?? "",
        workload.operation,
        workload.apiVersion,
        workload.deployment,
      ].map(literal),
      application?.itemCount ?? 1,
      workload.isStream,
    ].join(", ")})`;
  });
  return `SELECT * FROM (VALUES ${rows.join(", ")}) AS w(workload, via, api, apim_subscription, apim_product, caller,
    app_role, app_agent, operation, api_version, asked_deployment, item_count, is_stream)`;
}

/** The deployments as an SQL table, numbered as in `DEPLOYMENT_ERAS`. */
export function eraRows(): string {
  const rows = DEPLOYMENT_ERAS.map((era, index) => {
    const account = DEMO_ACCOUNTS[era.account];
    const texts = [accountId(account), account.subscription, account.resourceGroup, account.name, account.region];
    return `(${[index, ...[...texts, era.deployment, era.model, era.version, era.sku].map(literal)].join(", ")})`;
  });
  return `SELECT * FROM (VALUES ${rows.join(", ")}) AS e(era, account_id, subscription, resource_group, account, region,
    deployment, model, version, sku)`;
}

function double(name: string, value: (call: DemoCall) => number): StagedColumn {
  return { name, type: DOUBLE, value };
}

function integer(name: string, value: (call: DemoCall) => number): StagedColumn {
  return { name, type: INTEGER, value };
}

function boolean(name: string, value: (call: DemoCall) => boolean): StagedColumn {
  return { name, type: BOOLEAN, value };
}
