import type { TableRecord } from "./store/append-records.ts";

const ACCOUNT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai";
const GATEWAY = "/subscriptions/s/resourcegroups/rg/providers/microsoft.apimanagement/service/gw";
const time = (clock: string) => `2026-11-20T${clock}Z`;
const received = "2026-11-20T11:05:00Z";

const call = (id: string, clock: string, status: string, durationMs: number, properties: object): TableRecord => ({
  TimeGenerated: time(clock),
  ResourceProvider: "MICROSOFT.COGNITIVESERVICES",
  Category: "RequestResponse",
  Resource: "AOAI",
  OperationName: "ChatCompletions_Create",
  ResultSignature: status,
  DurationMs: durationMs,
  CorrelationId: id,
  location_s: "swedencentral",
  _ResourceId: ACCOUNT,
  _TimeReceived: received,
  properties_s: JSON.stringify(properties),
});
const CHAT = { modelDeploymentName: "chat", modelName: "gpt-4o", modelVersion: "2024-11-20", apiName: "Azure OpenAI" };
const MINI = { ...CHAT, modelDeploymentName: "mini", modelName: "gpt-4o-mini", modelVersion: "2024-07-18" };

/** One hour of one account behind one gateway: small enough to check every golden answer by hand. */
export const GOLDEN_RECORDS: Readonly<Record<string, readonly TableRecord[]>> = {
  AzureDiagnostics: [
    call("a", "10:05:10", "200", 100, { ...CHAT, callerObjectId: "u1", promptTokens: 10, completionTokens: 5 }),
    call("b", "10:05:50", "429", 20, { ...CHAT, callerObjectId: "u1" }),
    call("c", "10:20:00", "200", 200, { ...CHAT, callerObjectId: "u2", promptTokens: 20, completionTokens: 8 }),
    {
      ...call("c", "10:20:01", "", 0, { ...CHAT, promptTokens: [20], cachedTokens: [4], generatedTokens: [8] }),
      Category: "AzureOpenAIRequestUsage",
    },
    call("d", "10:40:00", "500", 400, { ...MINI, callerObjectId: "u2" }),
    call("e", "10:59:59", "200", 300, { ...MINI, callerObjectId: "u1", promptTokens: 7, completionTokens: 1 }),
  ],
  ApiManagementGatewayLogs: [
    {
      TimeGenerated: time("10:20:00"),
      CorrelationId: "gc",
      TotalTime: 250,
      ResponseCode: 200,
      BackendResponseCode: 200,
      ApimSubscriptionId: "team-red",
      ProductId: "gold",
      ApiId: "openai",
      Url: "https://ai.example/openai/deployments/chat/chat/completions",
      BackendUrl: "https://aoai.openai.azure.com/openai/deployments/chat/chat/completions",
      BackendResponseHeaders: JSON.stringify({ "apim-request-id": "c" }),
      _ResourceId: GATEWAY,
      _TimeReceived: received,
    },
    {
      TimeGenerated: time("10:30:00"),
      CorrelationId: "gl",
      TotalTime: 5,
      ResponseCode: 429,
      LastErrorReason: "TokenLimitExceeded",
      ApimSubscriptionId: "team-blue",
      Url: "https://ai.example/openai/deployments/chat/chat/completions",
      _ResourceId: GATEWAY,
      _TimeReceived: received,
    },
  ],
  ApiManagementGatewayLlmLog: [
    {
      TimeGenerated: time("10:20:00"),
      CorrelationId: "gc",
      RequestId: "chatcmpl-c",
      DeploymentName: "chat",
      ModelName: "gpt-4o",
      SequenceNumber: 0,
      PromptTokens: 20,
      CompletionTokens: 8,
      TotalTokens: 28,
      _ResourceId: GATEWAY,
      _TimeReceived: received,
    },
  ],
  AppDependencies: [
    {
      TimeGenerated: time("10:20:00"),
      Id: "s1",
      OperationId: "s1",
      Target: "aoai.openai.azure.com",
      AppRoleName: "shop",
      ItemCount: 1,
      DurationMs: 240,
      ResultCode: "200",
      Properties: JSON.stringify({
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "chat",
        "gen_ai.response.id": "chatcmpl-c",
        "gen_ai.usage.input_tokens": "20",
        "gen_ai.usage.output_tokens": "8",
      }),
      _ResourceId: "/subscriptions/s/appi",
      _TimeReceived: received,
    },
  ],
};
