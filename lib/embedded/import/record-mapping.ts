import { API_MANAGEMENT_GATEWAY_LLM_LOG } from "../../kql/tables/api-management-gateway-llm-log.ts";
import { API_MANAGEMENT_GATEWAY_LOGS } from "../../kql/tables/api-management-gateway-logs.ts";
import { AZURE_DIAGNOSTICS } from "../../kql/tables/azure-diagnostics.ts";
import { AZURE_METRICS } from "../../kql/tables/azure-metrics.ts";
import type { ColumnSchema, TableSchema } from "../../kql/tables/table-schema.ts";

/** Which exported records become rows of a table, and where each column's value stands in them (JSON paths; the first wins). */
export type RecordMapping = {
  readonly table: TableSchema;
  /** SQL over `category` (lower case), `resource` (upper-case ARM id) and `metric` of a record. */
  readonly accepts: string;
  /** Columns whose values come from the record; standard columns are derived. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
};

/** Columns that can hold the text of prompts or completions: they stay empty, whatever an export holds. */
const BLANKED = new Set([
  "RequestMessages",
  "ResponseMessages",
  "RequestBody",
  "ResponseBody",
  "BackendRequestBody",
  "BackendResponseBody",
]);

/** Keys of `properties` that can hold such text, which Azure OpenAI's own categories never fill. */
export const BLANKED_KEYS = [
  "prompt",
  "completion",
  "messages",
  "input",
  "output",
  "requestBody",
  "responseBody",
  "requestMessages",
  "responseMessages",
] as const;

const DERIVED = new Set([
  "TenantId",
  "SourceSystem",
  "Type",
  "_ResourceId",
  "_SubscriptionId",
  "_BilledSize",
  "_IsBillable",
  "_TimeReceived",
]);

/** The field names of exported records after the documented table of blob fields and columns. */
const DIAGNOSTICS_PATHS: Readonly<Record<string, readonly string[]>> = {
  Category: ["$.category"],
  OperationName: ["$.operationName"],
  OperationVersion: ["$.operationVersion"],
  ResultType: ["$.resultType"],
  ResultSignature: ["$.resultSignature"],
  ResultDescription: ["$.resultDescription"],
  DurationMs: ["$.durationMs"],
  CallerIPAddress: ["$.callerIpAddress"],
  CorrelationId: ["$.correlationId"],
  Level: ["$.level"],
  event_s: ["$.event"],
  location_s: ["$.location"],
  Tenant_s: ["$.Tenant"],
  AssetIdentity_g: ["$.AssetIdentity"],
  properties_s: ["$.properties"],
};

const GATEWAY_ENVELOPE: Readonly<Record<string, readonly string[]>> = {
  Category: ["$.category"],
  OperationName: ["$.operationName"],
  CorrelationId: ["$.correlationId"],
  Region: ["$.location", "$.properties.region"],
  IsRequestSuccess: ["$.isRequestSuccess", "$.properties.isRequestSuccess"],
  TotalTime: ["$.durationMs", "$.properties.totalTime"],
  CallerIpAddress: ["$.callerIpAddress", "$.properties.callerIpAddress"],
};

const METRIC_PATHS: Readonly<Record<string, readonly string[]>> = {
  MetricName: ["$.metricName"],
  Total: ["$.total"],
  Count: ["$.count"],
  Average: ["$.average"],
  Minimum: ["$.minimum"],
  Maximum: ["$.maximum"],
  TimeGrain: ["$.timeGrain"],
};

/** Every kind of exported record that the workspace takes. */
export const RECORD_MAPPINGS: readonly RecordMapping[] = [
  {
    table: AZURE_DIAGNOSTICS,
    accepts: "category <> '' AND contains(resource, '/PROVIDERS/MICROSOFT.COGNITIVESERVICES/')",
    paths: DIAGNOSTICS_PATHS,
  },
  {
    table: API_MANAGEMENT_GATEWAY_LOGS,
    accepts: "category = 'gatewaylogs'",
    paths: gatewayPaths(API_MANAGEMENT_GATEWAY_LOGS),
  },
  {
    table: API_MANAGEMENT_GATEWAY_LLM_LOG,
    accepts: "category = 'gatewayllmlogs'",
    paths: gatewayPaths(API_MANAGEMENT_GATEWAY_LLM_LOG),
  },
  { table: AZURE_METRICS, accepts: "category = '' AND metric <> ''", paths: METRIC_PATHS },
];

/** Gateway records keep their fields under `properties` in camel case. */
function gatewayPaths(table: TableSchema): Readonly<Record<string, readonly string[]>> {
  const own = table.columns.filter(({ name }) => !DERIVED.has(name) && !BLANKED.has(name) && name !== "TimeGenerated");
  return Object.fromEntries(own.map((column) => [column.name, GATEWAY_ENVELOPE[column.name] ?? [pathOf(column)]]));
}

function pathOf({ name }: ColumnSchema): string {
  return `$.properties.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
