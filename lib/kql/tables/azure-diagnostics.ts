import { shredsOf, tableOf } from "./table.ts";

/**
 * `AzureDiagnostics` as a workspace has it to which Cognitive Services accounts write. The real table holds one column
 * more for every key that some other service once sent; those of other services do not exist here, as they do not exist
 * in a workspace without them.
 *
 * Token keys are kept as JSON text: a scalar on `RequestResponse`, an array on `AzureOpenAIRequestUsage`, absent on old rows.
 */
export const AZURE_DIAGNOSTICS = tableOf(
  "AzureDiagnostics",
  `
  TenantId string
  TimeGenerated datetime
  ResourceId string
  Category string
  ResourceGroup string
  SubscriptionId string
  ResourceProvider string
  Resource string
  ResourceType string
  OperationName string
  OperationVersion string
  ResultType string
  ResultSignature string
  ResultDescription string
  DurationMs long
  CallerIPAddress string
  CorrelationId string
  Level string
  event_s string
  location_s string
  Tenant_s string
  AssetIdentity_g guid
  properties_s string
  AdditionalFields dynamic
  `,
  shredsOf("properties_s", {
    apiName: "string",
    requestTime: "long",
    responseTime: "long",
    requestLength: "long",
    responseLength: "long",
    objectId: "string",
    callerObjectId: "string",
    streamType: "string",
    modelDeploymentName: "string",
    modelName: "string",
    modelVersion: "string",
    promptTokens: "json",
    completionTokens: "json",
    generatedTokens: "json",
    cachedTokens: "json",
    timeToFirstTokenMs: "real",
    timeToLastTokenMs: "real",
  }),
);
