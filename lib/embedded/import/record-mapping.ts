import { API_MANAGEMENT_GATEWAY_LLM_LOG } from "../../kql/tables/api-management-gateway-llm-log.ts";
import { API_MANAGEMENT_GATEWAY_LOGS } from "../../kql/tables/api-management-gateway-logs.ts";
import { APP_DEPENDENCIES } from "../../kql/tables/app-dependencies.ts";
import { APP_METRICS } from "../../kql/tables/app-metrics.ts";
import { AZURE_ACTIVITY } from "../../kql/tables/azure-activity.ts";
import { AZURE_DIAGNOSTICS } from "../../kql/tables/azure-diagnostics.ts";
import { AZURE_METRICS } from "../../kql/tables/azure-metrics.ts";
import type { TableSchema } from "../../kql/tables/table-schema.ts";

/** Keys from the record's root to a value. */
export type RecordPath = readonly [string, ...string[]];

/** Which exported records become rows of a table, and where each column's value stands in them (the first one present wins). */
export type RecordMapping = {
  readonly table: TableSchema;
  /** SQL over `category` (lower case), `resource` (upper-case ARM id) and `metric` of a record. */
  readonly accepts: string;
  /** Columns whose values come from the record; standard columns are derived. */
  readonly paths: Readonly<Record<string, readonly RecordPath[]>>;
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

/**
 * Attributes of spans that can hold such text, as a regular expression: the GenAI conventions old and new, OpenLLMetry,
 * OpenInference, and bodies that a gateway logs to Application Insights.
 */
export const BLANKED_ATTRIBUTES = `(?i)^(${[
  "gen_ai\\.(input|output)\\.messages",
  "gen_ai\\.(system_instructions|tool\\.definitions|tool\\.call\\.(arguments|result)|evaluation\\.explanation)",
  "gen_ai\\.(system|user|assistant|tool)\\.message.*",
  "gen_ai\\.(prompt|completion|choice|content|event\\.content)(\\..*)?",
  "llm\\.(prompts?|completions?|input_messages|output_messages|prompt_template|function_call|tools)(\\..*)?",
  "(traceloop\\.entity\\.)?(input|output)(\\.value)?",
  "(retrieval\\.documents|embedding\\.(embeddings|text)|reranker|message|document|tool\\.parameters)(\\..*)?",
  "(prompts?|completions?|messages|system_prompt|question|answer)",
  "(backend[-_ ]?)?(request|response)[-_ ]?(body|messages)",
].join("|")})$`;

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
const DIAGNOSTICS_PATHS: RecordMapping["paths"] = {
  Category: [["category"]],
  OperationName: [["operationName"]],
  OperationVersion: [["operationVersion"]],
  ResultType: [["resultType"]],
  ResultSignature: [["resultSignature"]],
  ResultDescription: [["resultDescription"]],
  DurationMs: [["durationMs"]],
  CallerIPAddress: [["callerIpAddress"]],
  CorrelationId: [["correlationId"]],
  Level: [["level"]],
  event_s: [["event"]],
  location_s: [["location"]],
  Tenant_s: [["Tenant"]],
  AssetIdentity_g: [["AssetIdentity"]],
  properties_s: [["properties"]],
};

const GATEWAY_ENVELOPE: RecordMapping["paths"] = {
  Category: [["category"]],
  OperationName: [["operationName"]],
  CorrelationId: [["correlationId"]],
  Region: [["location"], ["properties", "region"]],
  IsRequestSuccess: [["isRequestSuccess"], ["properties", "isRequestSuccess"]],
  TotalTime: [["durationMs"], ["properties", "totalTime"]],
  CallerIpAddress: [["callerIpAddress"], ["properties", "callerIpAddress"]],
};

const METRIC_PATHS: RecordMapping["paths"] = {
  MetricName: [["metricName"]],
  Total: [["total"]],
  Count: [["count"]],
  Average: [["average"]],
  Minimum: [["minimum"]],
  Maximum: [["maximum"]],
  TimeGrain: [["timeGrain"]],
  UnitName: [["unitName"], ["unit"]],
};

const CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

/** The activity log's export has its own names; what only the portal's wording holds (`OperationName`, `Category`) stays empty. */
const ACTIVITY_PATHS: RecordMapping["paths"] = {
  OperationNameValue: [["operationName"]],
  Level: [["level"]],
  ActivityStatusValue: [["resultType"]],
  ActivitySubstatusValue: [["properties", "statusCode"], ["resultSignature"]],
  CategoryValue: [["properties", "eventCategory"], ["category"]],
  CorrelationId: [["correlationId"]],
  Caller: [
    ["identity", "claims", `${CLAIMS}/upn`],
    ["identity", "claims", `${CLAIMS}/name`],
    ["identity", "claims", "appid"],
  ],
  CallerIpAddress: [["callerIpAddress"]],
  HTTPRequest: [["httpRequest"]],
  Properties: [["properties"]],
  Properties_d: [["properties"]],
  Authorization: [["identity", "authorization"]],
  Authorization_d: [["identity", "authorization"]],
  Claims: [["identity", "claims"]],
  Claims_d: [["identity", "claims"]],
  EventDataId: [["eventDataId"], ["properties", "eventDataId"]],
  EventSubmissionTimestamp: [["submissionTimestamp"]],
  Hierarchy: [["properties", "hierarchy"]],
  OperationId: [["operationId"]],
};

/** The categories of the activity log; older exports name the last word of the operation instead. */
const ACTIVITY_CATEGORIES = [
  "administrative",
  "servicehealth",
  "resourcehealth",
  "alert",
  "autoscale",
  "recommendation",
  "policy",
  "security",
  "write",
  "delete",
  "action",
];

/** Every kind of exported record that the workspace takes; the first that accepts a record has it. */
export const RECORD_MAPPINGS: readonly RecordMapping[] = [
  {
    table: AZURE_ACTIVITY,
    accepts: `category IN (${ACTIVITY_CATEGORIES.map((category) => `'${category}'`).join(", ")})`,
    paths: ACTIVITY_PATHS,
  },
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
  { table: APP_DEPENDENCIES, accepts: "category = 'appdependencies'", paths: columnPaths(APP_DEPENDENCIES) },
  { table: APP_METRICS, accepts: "category = 'appmetrics'", paths: columnPaths(APP_METRICS) },
  { table: AZURE_METRICS, accepts: "category = '' AND metric <> ''", paths: METRIC_PATHS },
];

/** Gateway records keep their fields under `properties` in camel case, and those of the last error in an object of their own. */
function gatewayPaths(table: TableSchema): RecordMapping["paths"] {
  const paths = ownColumns(table).map((name): [string, readonly RecordPath[]] => {
    const error = /^LastError(.+)$/.exec(name)?.[1];
    const inError: RecordPath[] = error ? [["properties", "lastError", lowerFirst(error)]] : [];
    return [name, GATEWAY_ENVELOPE[name] ?? [["properties", lowerFirst(name)], ...inError]];
  });
  return Object.fromEntries(paths);
}

/** Application Insights exports a record with the names of its columns. */
function columnPaths(table: TableSchema): RecordMapping["paths"] {
  return Object.fromEntries(ownColumns(table).map((name) => [name, [[name]]]));
}

function ownColumns(table: TableSchema): string[] {
  return table.columns
    .map(({ name }) => name)
    .filter((name) => !DERIVED.has(name) && !BLANKED.has(name) && name !== "TimeGenerated");
}

function lowerFirst(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
