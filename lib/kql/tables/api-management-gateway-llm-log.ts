import { tableOf } from "./table.ts";

/** `ApiManagementGatewayLlmLog`: tokens per call as the gateway saw them; message columns are never filled here. */
export const API_MANAGEMENT_GATEWAY_LLM_LOG = tableOf(
  "ApiManagementGatewayLlmLog",
  `
  TenantId string
  TimeGenerated datetime
  OperationName string
  CorrelationId string
  Region string
  RequestId string
  ApiVersion string
  DeploymentName string
  ModelName string
  PromptTokens int
  CompletionTokens int
  TotalTokens int
  IsStreamCompletion bool
  SequenceNumber int
  RequestMessages dynamic
  ResponseMessages dynamic
  `,
);
