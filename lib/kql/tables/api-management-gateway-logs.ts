import { shredsOf, tableOf } from "./table.ts";

/** `ApiManagementGatewayLogs`: one row per gateway call with the subscription that paid for it; bodies are never filled here. */
export const API_MANAGEMENT_GATEWAY_LOGS = tableOf(
  "ApiManagementGatewayLogs",
  `
  TenantId string
  TimeGenerated datetime
  OperationName string
  CorrelationId string
  Region string
  IsRequestSuccess bool
  Category string
  TotalTime long
  CallerIpAddress string
  Method string
  Url string
  ClientProtocol string
  ResponseCode int
  BackendMethod string
  BackendUrl string
  BackendResponseCode int
  BackendProtocol string
  RequestSize int
  ResponseSize int
  Cache string
  CacheTime long
  BackendTime long
  ClientTime long
  ApiId string
  OperationId string
  ProductId string
  UserId string
  ApimSubscriptionId string
  BackendId string
  LastErrorElapsed long
  LastErrorSource string
  LastErrorScope string
  LastErrorSection string
  LastErrorReason string
  LastErrorMessage string
  ApiRevision string
  ClientTlsVersion string
  RequestHeaders dynamic
  ResponseHeaders dynamic
  BackendRequestHeaders dynamic
  BackendResponseHeaders dynamic
  RequestBody string
  ResponseBody string
  BackendRequestBody string
  BackendResponseBody string
  Errors dynamic
  TraceRecords dynamic
  IsTraceRequested bool
  IsTraceAllowed bool
  IsTraceExpired bool
  IsMasterTrace bool
  Timestamp datetime
  WorkspaceId string
  `,
  shredsOf("BackendResponseHeaders", {
    "apim-request-id": "string",
    "x-ms-deployment-name": "string",
    "x-ms-spillover-from-deployment": "string",
  }),
);
