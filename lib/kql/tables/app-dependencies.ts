import { shredsOf, tableOf } from "./table.ts";

/**
 * `AppDependencies`: OpenTelemetry client spans. Attributes are texts in `Properties`; the older names of an attribute
 * stand beside the newer one, because instrumentations write either.
 */
export const APP_DEPENDENCIES = tableOf(
  "AppDependencies",
  `
  TenantId string
  TimeGenerated datetime
  Id string
  Target string
  DependencyType string
  Name string
  Data string
  Success bool
  ResultCode string
  DurationMs real
  Properties dynamic
  Measurements dynamic
  OperationName string
  OperationId string
  ParentId string
  SyntheticSource string
  SessionId string
  UserId string
  UserAuthenticatedId string
  UserAccountId string
  AppVersion string
  AppRoleName string
  AppRoleInstance string
  ClientType string
  ClientModel string
  ClientOS string
  ClientIP string
  ClientCity string
  ClientStateOrProvince string
  ClientCountryOrRegion string
  ClientBrowser string
  ResourceGUID string
  IKey string
  SDKVersion string
  ItemCount int
  ReferencedItemId string
  ReferencedType string
  `,
  shredsOf("Properties", {
    "gen_ai.operation.name": "string",
    "gen_ai.provider.name": "string",
    "gen_ai.system": "string",
    "gen_ai.request.model": "string",
    "gen_ai.response.model": "string",
    "gen_ai.response.id": "string",
    "gen_ai.usage.input_tokens": "string",
    "gen_ai.usage.prompt_tokens": "string",
    "gen_ai.usage.output_tokens": "string",
    "gen_ai.usage.completion_tokens": "string",
    "gen_ai.usage.cache_read.input_tokens": "string",
    "gen_ai.usage.cache_creation.input_tokens": "string",
    "gen_ai.usage.cache_write.input_tokens": "string",
    "gen_ai.usage.reasoning.output_tokens": "string",
    "gen_ai.response.finish_reasons": "string",
    "error.type": "string",
    "gen_ai.agent.name": "string",
    "gen_ai.agent.id": "string",
    "gen_ai.agent.version": "string",
    "gen_ai.conversation.id": "string",
    "gen_ai.tool.name": "string",
    "gen_ai.request.stream": "string",
    "gen_ai.response.time_to_first_chunk": "string",
    "openai.request.service_tier": "string",
    "openai.response.service_tier": "string",
    "openai.api.type": "string",
    "microsoft.foundry.project.id": "string",
  }),
);
