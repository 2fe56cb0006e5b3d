import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendRecords } from "../embedded/store/append-records.ts";
import { type EmbeddedWorkspace, openEmbeddedWorkspace } from "../embedded/workspace.ts";
import { LOG_ANALYTICS_TABLES } from "../kql/tables/log-analytics-tables.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import { EMBEDDED_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import { HOUR_MS, period, toInstant, toIso } from "../time/instant.ts";
import { contentFilterEvents } from "./content-filter-events.ts";
import { gatewayAndSpans } from "./gateway-and-spans.ts";
import { gatewayByQuarterHour } from "./gateway-by-quarter-hour.ts";
import { rateLimitEvents } from "./rate-limit-events.ts";
import { spansByQuarterHour } from "./spans-by-quarter-hour.ts";

const ACCOUNT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai";
const GATEWAY = "/subscriptions/s/resourcegroups/rg/providers/microsoft.apimanagement/service/gw";
const NOW = toInstant("2026-11-20T12:00:00Z");
const EVERYTHING = { gateway: true, gatewayLlm: true, spans: true };
const ONLY_LOGS = { gateway: false, gatewayLlm: false, spans: false };
const window = period(toInstant("2026-11-20T10:00:00Z"), toInstant("2026-11-20T11:00:00Z"));

const own = (id: string, time: string, status: string, deployment: string) => ({
  TimeGenerated: `2026-11-20T${time}Z`,
  ResourceProvider: "MICROSOFT.COGNITIVESERVICES",
  Category: "RequestResponse",
  OperationName: "ChatCompletions_Create",
  ResultSignature: status,
  DurationMs: 20,
  CorrelationId: id,
  _ResourceId: ACCOUNT,
  properties_s: deployment === "" ? "{}" : JSON.stringify({ modelDeploymentName: deployment }),
});
const atGateway = (id: string, time: string, status: number, more: object) => ({
  TimeGenerated: `2026-11-20T${time}Z`,
  CorrelationId: id,
  TotalTime: 0,
  ResponseCode: status,
  Url: "https://ai.example/openai/deployments/chat/chat/completions?api-version=1",
  _ResourceId: GATEWAY,
  ...more,
});
const span = (id: string, time: string, responseId: string) => ({
  TimeGenerated: `2026-11-20T${time}Z`,
  Id: id,
  OperationId: id,
  Target: "aoai.openai.azure.com",
  AppRoleName: "shop",
  ItemCount: 1,
  DurationMs: 0,
  ResultCode: "200",
  Properties: JSON.stringify({
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "chat",
    "gen_ai.response.id": responseId,
    "gen_ai.response.finish_reasons": '["content_filter"]',
  }),
});

const RECORDS: Readonly<Record<string, readonly object[]>> = {
  AzureDiagnostics: [
    own("a", "10:05:10", "429", "chat"),
    own("a", "10:05:10", "429", "chat"),
    own("b", "10:05:50", "429", ""),
    own("c", "10:20:00", "400", "chat"),
    own("d", "10:20:30", "400", "chat"),
    own("e", "10:21:00", "200", "chat"),
    own("late", "11:00:00", "429", "chat"),
  ],
  ApiManagementGatewayLogs: [
    atGateway("ga", "10:05:09", 429, {
      BackendResponseCode: 429,
      BackendUrl: "https://aoai.openai.azure.com/openai/deployments/chat/chat/completions",
      BackendResponseHeaders: JSON.stringify({ "apim-request-id": "a" }),
    }),
    atGateway("gl", "10:06:00", 429, { LastErrorReason: "TokenLimitExceeded" }),
    atGateway("gc", "10:20:00", 400, {
      BackendResponseCode: 400,
      BackendUrl: "https://aoai.openai.azure.com/openai/deployments/chat/chat/completions",
      BackendResponseHeaders: JSON.stringify({ "apim-request-id": "c" }),
    }),
    atGateway("gs", "10:22:00", 403, { LastErrorReason: "ContentSafetyPolicyViolation" }),
  ],
  ApiManagementGatewayLlmLog: [
    {
      TimeGenerated: "2026-11-20T10:20:00Z",
      CorrelationId: "gc",
      RequestId: "chatcmpl-c",
      DeploymentName: "chat",
      ModelName: "gpt-4o",
      SequenceNumber: 0,
      PromptTokens: 7,
      CompletionTokens: 0,
      _ResourceId: GATEWAY,
    },
  ],
  AppDependencies: [span("s1", "10:20:00", "chatcmpl-c"), span("s2", "10:30:00", "chatcmpl-elsewhere")],
};

let workspace: EmbeddedWorkspace;
let ask: <Params, Row>(query: KqlQuery<Params, Row>, params: Params) => Promise<readonly Row[]>;
beforeAll(async () => {
  workspace = await openEmbeddedWorkspace({
    path: ":memory:",
    now: () => NOW,
    onFault: ({ error }) => {
      throw error;
    },
  });
  await workspace.database.withConnection(async (connection) => {
    for (const table of LOG_ANALYTICS_TABLES) {
      const records = RECORDS[table.name];
      if (records) await appendRecords(connection, table, records as never);
    }
  });
  const logs = createLogAnalytics({
    workspaces: [{ workspaceId: "00000000-0000-4000-8000-00000000e3bd", roles: ["logs", "gateway", "spans"] }],
    credential: { getToken: async () => ({ token: "embedded", expiresOnTimestamp: Date.now() + HOUR_MS }) },
    httpClient: workspace.logsHttpClient,
    now: () => NOW,
    limits: EMBEDDED_QUERY_LIMITS,
  });
  ask = async (query, params) => {
    const result = await logs.run(query, params, { priority: "interactive" });
    if (result.status !== "complete") throw new Error(`${query.name} came back ${result.status}`);
    return result.rows;
  };
});
afterAll(() => workspace.close());

describe("rate-limit events", () => {
  const lines = async (sources: typeof EVERYTHING) =>
    (await ask(rateLimitEvents, { window, sources }))
      .map(
        (row) =>
          `${toIso(row.minute).slice(11, 16)} ${row.account.split("/").at(-1)}/${row.deployment || "?"} ${row.operation} ${row.origin} ${row.reason} ${row.requests}`,
      )
      .toSorted();

  test("each throttled call once, by who refused it and why", async () => {
    expect(await lines(EVERYTHING)).toEqual([
      "10:05 aoai/? ChatCompletions_Create backend  1",
      "10:05 aoai/chat ChatCompletions_Create backend  1",
      "10:06 gw/chat  gateway TokenLimitExceeded 1",
    ]);
  });

  test("without a gateway only what reached the accounts", async () => {
    expect(await lines(ONLY_LOGS)).toEqual([
      "10:05 aoai/? ChatCompletions_Create backend  1",
      "10:05 aoai/chat ChatCompletions_Create backend  1",
    ]);
  });
});

describe("content-filter events", () => {
  const lines = async (sources: typeof EVERYTHING) =>
    (await ask(contentFilterEvents, { window, sources }))
      .map(
        (row) =>
          `${toIso(row.minute).slice(11, 16)} ${row.account.split("/").at(-1)}/${row.deployment} ${row.status} ${row.proof} ${row.requests}`,
      )
      .toSorted();

  test("a 400 is possible until a span or the gateway proves it", async () => {
    expect(await lines(EVERYTHING)).toEqual([
      "10:20 aoai/chat 400 joined_span 1",
      "10:20 aoai/chat 400 possible 1",
      "10:22 gw/chat 403 gateway 1",
      "10:30 aoai.openai.azure.com/chat 200 unjoined_span 1",
    ]);
  });

  test("the log alone proves nothing", async () => {
    expect(await lines(ONLY_LOGS)).toEqual(["10:20 aoai/chat 400 possible 2"]);
  });
});

test("the gateway's and the spans' rows in one call are those of the two questions", async () => {
  const params = { window, sources: EVERYTHING };
  const both = await ask(gatewayAndSpans, params);
  const text = (row: object) => JSON.stringify(row, (_name, value) => (typeof value === "bigint" ? `${value}` : value));
  const tagged = [
    ...(await ask(gatewayByQuarterHour, params)).map((row) => text({ rowOf: "gateway", ...row })),
    ...(await ask(spansByQuarterHour, params)).map((row) => text({ rowOf: "span", ...row })),
  ];
  expect(tagged).toHaveLength(6);
  expect(both.map(text).toSorted()).toEqual(tagged.toSorted());
});
