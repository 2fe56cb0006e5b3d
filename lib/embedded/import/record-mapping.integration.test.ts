import { describe, expect, test } from "vitest";
import { importLines } from "./import-lines.testing.ts";

const SUBSCRIPTION = "/SUBSCRIPTIONS/9F0B5C1E-7D3E-4C57-8A53-0E5D1B7F6A21";
const ACCOUNT = `${SUBSCRIPTION}/RESOURCEGROUPS/RG-AI/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/AOAI`;
const APPLICATION = `${SUBSCRIPTION}/RESOURCEGROUPS/RG-APP/PROVIDERS/MICROSOFT.INSIGHTS/COMPONENTS/CHECKOUT`;
const GATEWAY = `${SUBSCRIPTION}/RESOURCEGROUPS/RG-APIM/PROVIDERS/MICROSOFT.APIMANAGEMENT/SERVICE/APIM-AI`;
const CANARY = "canary-of-a-prompt";

/** The rows of a table after an import of `records`, and what was rejected. */
async function imported(table: string, ...records: object[]): Promise<Record<string, unknown>[]> {
  return importLines(records.map((record) => `${JSON.stringify(record)}\n`).join(""), async ({ aside, rows }) => {
    expect(aside).toEqual([]);
    return rows(`SELECT * FROM "${table}"`);
  });
}

test("platform metrics of insights-metrics-pt1m become rows of AzureMetrics", async () => {
  const record = {
    count: 37,
    total: 48211,
    minimum: 12,
    maximum: 9120,
    average: 1303.0,
    resourceId: ACCOUNT,
    time: "2026-11-18T09:14:00.0000000Z",
    metricName: "ProcessedPromptTokens",
    timeGrain: "PT1M",
  };
  const another = { ...record, metricName: "GeneratedTokens", total: 2.5, unit: "Count" };
  expect(await imported("AzureMetrics", record, another)).toMatchObject([
    {
      TimeGenerated: "2026-11-18 09:14:00",
      _ResourceId: ACCOUNT.toLowerCase(),
      Resource: "AOAI",
      ResourceProvider: "MICROSOFT.COGNITIVESERVICES",
      MetricName: "ProcessedPromptTokens",
      Total: 48211,
      Count: 37,
      Average: 1303,
      Minimum: 12,
      Maximum: 9120,
      TimeGrain: "PT1M",
      UnitName: "",
      Type: "AzureMetrics",
    },
    { MetricName: "GeneratedTokens", Total: 2.5, UnitName: "Count" },
  ]);
});

describe("an activity log record", () => {
  const record = {
    RoleLocation: "East US 2",
    time: "2026-11-18T09:14:22.1180000Z",
    resourceId: `${ACCOUNT}/DEPLOYMENTS/CHAT-PROD`,
    operationName: "MICROSOFT.COGNITIVESERVICES/ACCOUNTS/DEPLOYMENTS/WRITE",
    category: "Administrative",
    resultType: "Success",
    resultSignature: "Succeeded.Created",
    durationMs: "0",
    callerIpAddress: "203.0.113.7",
    correlationId: "c1",
    identity: {
      authorization: { scope: "/subscriptions/s", action: "Microsoft.CognitiveServices/accounts/deployments/write" },
      claims: { "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "ada@contoso.test", appid: "a1" },
    },
    level: "Information",
    properties: { statusCode: "Created", eventCategory: "Administrative", hierarchy: "root/s", entity: "x" },
  };

  test("goes to AzureActivity, not to the account's own logs", async () => {
    const [row, ...others] = await imported("AzureActivity", record);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      TimeGenerated: "2026-11-18 09:14:22.118",
      OperationNameValue: "MICROSOFT.COGNITIVESERVICES/ACCOUNTS/DEPLOYMENTS/WRITE",
      OperationName: "",
      Level: "Information",
      ActivityStatusValue: "Success",
      ActivitySubstatusValue: "Created",
      CategoryValue: "Administrative",
      CorrelationId: "c1",
      Caller: "ada@contoso.test",
      CallerIpAddress: "203.0.113.7",
      Hierarchy: "root/s",
      ResourceGroup: "RG-AI",
      ResourceProviderValue: "MICROSOFT.COGNITIVESERVICES",
      Resource: "AOAI",
      _ResourceId: `${ACCOUNT}/DEPLOYMENTS/CHAT-PROD`.toLowerCase(),
    });
    expect(JSON.parse(String(row?.Authorization_d))).toEqual(record.identity.authorization);
    expect(JSON.parse(String(row?.Properties_d))).toEqual(record.properties);
    expect(await imported("AzureDiagnostics", record)).toEqual([]);
  });

  test.each([
    ["an application's id where no user called", { claims: { appid: "a1" } }, "a1"],
    ["nobody where there is no identity", undefined, ""],
  ])("names %s", async (_name, identity, caller) => {
    expect(await imported("AzureActivity", { ...record, identity })).toMatchObject([{ Caller: caller }]);
  });

  test("of older exports names the operation's last word as its category", async () => {
    const older = { ...record, category: "Write", properties: { statusCode: "OK" } };
    expect(await imported("AzureActivity", older)).toMatchObject([
      { CategoryValue: "Write", ActivitySubstatusValue: "OK" },
    ]);
  });
});

describe("an Application Insights record", () => {
  const span = {
    time: "2026-11-18T09:14:22.0100000Z",
    resourceId: APPLICATION,
    ResourceGUID: "0a0b",
    Type: "AppDependencies",
    AppRoleName: "checkout-assistant",
    Id: "b7ad6b7169203331",
    OperationId: "0af7651916cd43dd8448eb211c80319c",
    ParentId: "00f067aa0ba902b7",
    Name: "chat chat-prod",
    DependencyType: "GenAI | azure.ai.openai",
    Target: "aoai.openai.azure.com",
    DurationMs: 1861.4,
    PerformanceBucket: "1sec-3sec",
    Success: true,
    ResultCode: "200",
    ItemCount: 4,
    Properties: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "chat-prod",
      "gen_ai.response.id": "chatcmpl-BxQ2",
      "gen_ai.usage.input_tokens": "1312",
      "gen_ai.usage.output_tokens": 204,
    },
  };

  test("of AppDependencies keeps its columns, its attributes and its sampling", async () => {
    const [row, ...others] = await imported("AppDependencies", span);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      TimeGenerated: "2026-11-18 09:14:22.01",
      Id: "b7ad6b7169203331",
      AppRoleName: "checkout-assistant",
      DurationMs: 1861.4,
      Success: true,
      ResultCode: "200",
      ItemCount: 4,
      _ResourceId: APPLICATION.toLowerCase(),
      Type: "AppDependencies",
      "~Properties.gen_ai.request.model": "chat-prod",
      "~Properties.gen_ai.usage.input_tokens": "1312",
      "~Properties.gen_ai.usage.output_tokens": "204",
      "~Properties.gen_ai.usage.cache_read.input_tokens": null,
    });
    expect(JSON.parse(String(row?.Properties))).toEqual(span.Properties);
  });

  test("may carry a category, its columns' names for time and resource, and its properties as text", async () => {
    const { time, resourceId, Type: _type, ...columns } = span;
    const another = {
      ...columns,
      TimeGenerated: time,
      _ResourceId: resourceId.toLowerCase(),
      category: "AppDependencies",
      Properties: JSON.stringify(span.Properties),
    };
    const [row] = await imported("AppDependencies", another);
    expect(row).toMatchObject({
      TimeGenerated: "2026-11-18 09:14:22.01",
      ResourceGUID: "0a0b",
      _ResourceId: APPLICATION.toLowerCase(),
      "~Properties.gen_ai.usage.input_tokens": "1312",
    });
    expect(JSON.parse(String(row?.Properties))).toEqual(span.Properties);
  });

  test.each([
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments",
    "gen_ai.prompt",
    "gen_ai.prompt.0.content",
    "gen_ai.completion.0.content",
    "llm.input_messages.0.message.content",
    "traceloop.entity.input",
    "input.value",
    "output.value",
    "Request-Body",
    "Response-Body",
    "prompt",
  ])("loses its attribute %s, which can hold the text of a prompt, and nothing else", async (key) => {
    const [row] = await imported("AppDependencies", { ...span, Properties: { ...span.Properties, [key]: CANARY } });
    expect(JSON.stringify(row)).not.toContain(CANARY);
    expect(JSON.parse(String(row?.Properties))).toEqual({
      ...span.Properties,
      "gen_ai.usage.output_tokens": 204,
    });
  });

  test.each(["gen_ai.usage.prompt_tokens", "llm.usage.total_tokens", "llm.token_count.prompt", "input_type"])(
    "keeps its attribute %s",
    async (key) => {
      const [row] = await imported("AppDependencies", { ...span, Properties: { [key]: "7", prompt: CANARY } });
      expect(JSON.parse(String(row?.Properties))).toEqual({ [key]: "7" });
    },
  );

  test("of AppMetrics keeps the gateway's token metric with its dimensions", async () => {
    const metric = {
      time: "2026-11-18T09:14:00Z",
      resourceId: APPLICATION,
      Type: "AppMetrics",
      Name: "Total Tokens",
      Sum: 1516,
      Min: 1500,
      Max: 1516.5,
      ItemCount: 1,
      AppRoleName: "apim-ai East US 2",
      Properties: { "API ID": "openai", "Subscription ID": "team-search", "_MS.MetricId": "Total Tokens" },
    };
    expect(await imported("AppMetrics", metric)).toMatchObject([
      {
        Name: "Total Tokens",
        Sum: 1516,
        Min: 1500,
        Max: 1516.5,
        ItemCount: 1,
        "~Properties.Subscription ID": "team-search",
        "~Properties.API ID": "openai",
        "~Properties.Product ID": null,
      },
    ]);
  });

  test("of a table that the workspace does not hold is put aside by name", async () => {
    const line = JSON.stringify({ ...span, Type: "AppRequests" });
    const aside = await importLines(`${line}\n`, async (result) => result.aside);
    expect(aside).toMatchObject([
      { line: 1, reason: "the workspace has no table for the category AppRequests of this resource", text: line },
    ]);
  });
});

describe("a gateway record", () => {
  test("of GatewayLlmLogs keeps its tokens", async () => {
    const record = {
      time: "2026-11-18T09:14:22.02Z",
      resourceId: GATEWAY,
      category: "GatewayLlmLogs",
      operationName: "ChatCompletions_Create",
      location: "East US 2",
      correlationId: "c1",
      properties: {
        requestId: "chatcmpl-BxQ2",
        apiVersion: "2024-10-21",
        deploymentName: "chat-prod",
        modelName: "gpt-4o-2024-11-20",
        promptTokens: 1312,
        completionTokens: 204,
        totalTokens: 1516,
        isStreamCompletion: true,
        sequenceNumber: 0,
      },
    };
    expect(await imported("ApiManagementGatewayLlmLog", record)).toMatchObject([
      {
        CorrelationId: "c1",
        RequestId: "chatcmpl-BxQ2",
        Region: "East US 2",
        DeploymentName: "chat-prod",
        ModelName: "gpt-4o-2024-11-20",
        PromptTokens: 1312,
        CompletionTokens: 204,
        TotalTokens: 1516,
        IsStreamCompletion: true,
        SequenceNumber: 0,
        RequestMessages: null,
      },
    ]);
  });

  test("of GatewayLogs tells its last error, also from an object of its own", async () => {
    const record = (properties: object) => ({
      time: "2026-11-18T09:14:22.02Z",
      resourceId: GATEWAY,
      category: "GatewayLogs",
      correlationId: "c1",
      properties: { responseCode: 429, ...properties },
    });
    const flat = { lastErrorReason: "TokenLimitExceeded", lastErrorElapsed: 12 };
    const nested = { lastError: { elapsed: 12, reason: "TokenLimitExceeded", source: "llm-token-limit" } };
    const found = await imported(
      "ApiManagementGatewayLogs",
      record(flat),
      record(nested),
      record({ lastError: "odd" }),
    );
    expect(found).toMatchObject([
      { LastErrorReason: "TokenLimitExceeded", LastErrorElapsed: "12", LastErrorSource: "" },
      { LastErrorReason: "TokenLimitExceeded", LastErrorElapsed: "12", LastErrorSource: "llm-token-limit" },
      { LastErrorReason: "", LastErrorElapsed: null, ResponseCode: 429 },
    ]);
  });
});
