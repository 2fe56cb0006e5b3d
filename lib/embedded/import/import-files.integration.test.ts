import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EmbeddedDatabase, openDatabase } from "../duckdb/database.ts";
import { createTables } from "../store/create-tables.ts";
import { importFiles } from "./import-files.ts";
import { runImportKills } from "./import-kills.testing.ts";
import type { ImportHooks, ImportRequest, ImportSummary, TracePlacement } from "./import-summary.ts";

const RESOURCE =
  "/SUBSCRIPTIONS/9F0B5C1E-7D3E-4C57-8A53-0E5D1B7F6A21/RESOURCEGROUPS/RG-AI/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/AOAI";
const GATEWAY =
  "/SUBSCRIPTIONS/9F0B5C1E-7D3E-4C57-8A53-0E5D1B7F6A21/RESOURCEGROUPS/RG-APIM/PROVIDERS/MICROSOFT.APIMANAGEMENT/SERVICE/APIM-AI";
const BLOB = `insights-logs-requestresponse/resourceId=${RESOURCE}/y=2026/m=11/d=18/h=09/m=00`;
const RECEIVED = Date.parse("2026-11-21T12:00:00Z");
const TRACES = "../shared/data";
const hasTraces = existsSync(join(TRACES, "azure-llm-inference-trace-2023-code.csv"));

let folder = "";
let database: EmbeddedDatabase;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-"));
  database = await openDatabase({ path: ":memory:", memoryLimitMb: 512, threads: 2 });
  await database.withConnection(createTables);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** A `RequestResponse` record as storage accounts hold it; ticks beyond 2^53 stay as text. */
function record(change: Record<string, unknown> = {}, properties: string | object = POPULATED): string {
  const envelope = {
    time: "2026-11-18T09:14:22.1180000Z",
    resourceId: RESOURCE,
    category: "RequestResponse",
    operationName: "ChatCompletions_Create",
    event: "ShoeboxCallResult",
    location: "eastus2",
    Tenant: "eastus2",
    correlationId: "1b8f6f0e-0d1c-4a0b-9d53-6f2c8a4e7b90",
    callerIpAddress: "203.0.113.***",
    durationMs: 1843,
    resultSignature: "200",
    ...change,
  };
  const text = typeof properties === "string" ? properties : JSON.stringify(properties);
  return `${JSON.stringify(envelope).slice(0, -1)},"properties":${text}}`;
}
const POPULATED = `{"apiName":"Azure OpenAI API version 2024-10-21","requestTime":639305900621180000,"requestLength":5120,"objectId":"","streamType":"Non-Streaming","modelDeploymentName":"chat-prod","modelName":"gpt-4o","modelVersion":"2024-11-20","promptTokens":1312,"completionTokens":204}`;

async function put(path: string, ...lines: string[]): Promise<string> {
  const full = join(folder, path);
  await mkdir(join(full, ".."), { recursive: true });
  await writeFile(full, lines.map((line) => `${line}\n`).join(""));
  return full;
}

function load(
  paths: readonly string[],
  trace: TracePlacement | null = null,
  hooks: Partial<ImportHooks> = {},
  batchLines?: number,
): Promise<ImportSummary> {
  const request: ImportRequest = {
    paths,
    trace,
    rejectsFile: join(folder, "rejects", "now.jsonl"),
    receivedAt: RECEIVED,
  };
  const signal = new AbortController().signal;
  const all = { onProgress: () => undefined, onRejected: () => undefined, signal, ...hooks };
  return importFiles(database, request, all, batchLines);
}

function rows(sql: string): Promise<Record<string, unknown>[]> {
  return database.query(sql, { timeoutMs: 10_000, read: async (result) => await result.getRowObjectsJson() });
}
const countOf = async (table: string): Promise<number> =>
  Number((await rows(`SELECT count(*) AS n FROM "${table}"`))[0]?.n);
const added = (summary: ImportSummary): number => summary.files.reduce((sum, file) => sum + file.added, 0);
const known = (summary: ImportSummary): number => summary.files.reduce((sum, file) => sum + file.known, 0);

describe("a record", () => {
  test("becomes the row that Log Analytics would hold", async () => {
    const summary = await load([await put(`${BLOB}/PT1H.json`, record())]);
    expect(summary).toMatchObject({
      rejectedCount: 0,
      rejectsFile: null,
      firstAt: Date.parse("2026-11-18T09:14:22.118Z"),
      files: [{ kind: "logs", lines: 1, added: 1, known: 0 }],
    });
    expect(summary.addedByCategory).toEqual(new Map([["RequestResponse", 1]]));
    expect(await rows('SELECT * FROM "AzureDiagnostics"')).toMatchObject([
      {
        TimeGenerated: "2026-11-18 09:14:22.118",
        ResourceId: RESOURCE,
        _ResourceId: RESOURCE.toLowerCase(),
        SubscriptionId: "9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a21",
        ResourceGroup: "RG-AI",
        ResourceProvider: "MICROSOFT.COGNITIVESERVICES",
        ResourceType: "ACCOUNTS",
        Resource: "AOAI",
        Category: "RequestResponse",
        OperationName: "ChatCompletions_Create",
        ResultSignature: "200",
        DurationMs: "1843",
        CallerIPAddress: "203.0.113.***",
        CorrelationId: "1b8f6f0e-0d1c-4a0b-9d53-6f2c8a4e7b90",
        event_s: "ShoeboxCallResult",
        location_s: "eastus2",
        Tenant_s: "eastus2",
        AdditionalFields: null,
        Type: "AzureDiagnostics",
        _TimeReceived: "2026-11-21 12:00:00",
        "~properties_s.requestTime": "639305900621180000",
        "~properties_s.promptTokens": "1312",
        "~properties_s.modelDeploymentName": "chat-prod",
        "~properties_s.callerObjectId": null,
      },
    ]);
    const [row] = await rows('SELECT properties_s FROM "AzureDiagnostics"');
    expect(String(row?.properties_s)).toContain('"requestTime":639305900621180000');
    expect(JSON.parse(String(row?.properties_s))).toEqual(JSON.parse(POPULATED));
  });

  test("may hold its properties as text", async () => {
    await load([await put("a.json", record({}, JSON.stringify(POPULATED)))]);
    const [row] = await rows('SELECT properties_s, "~properties_s.promptTokens" AS tokens FROM "AzureDiagnostics"');
    expect(row?.tokens).toBe("1312");
    expect(JSON.parse(String(row?.properties_s))).toEqual(JSON.parse(POPULATED));
  });

  test("keeps keys that no column takes", async () => {
    await load([
      await put("a.json", record({ newKey: 7 }, { modelName: "gpt-4o", somethingNew: [1], promptTokens: "1312" })),
    ]);
    const [row] = await rows(
      'SELECT AdditionalFields, properties_s, "~properties_s.promptTokens" AS tokens FROM "AzureDiagnostics"',
    );
    expect(JSON.parse(String(row?.AdditionalFields))).toEqual({ newKey: 7 });
    expect(JSON.parse(String(row?.properties_s))).toEqual({
      modelName: "gpt-4o",
      somethingNew: [1],
      promptTokens: "1312",
    });
  });

  test("never brings the text of a prompt along", async () => {
    const canary = "canary-of-a-prompt";
    await load([
      await put("a.json", record({ messages: canary }, { modelName: "gpt-4o", prompt: canary, messages: [canary] })),
      await put(
        "b.json",
        JSON.stringify({
          time: "2026-11-18T09:14:22Z",
          resourceId: GATEWAY,
          category: "GatewayLlmLogs",
          correlationId: "c1",
          properties: {
            deploymentName: "chat-prod",
            promptTokens: 5,
            requestMessages: [canary],
            responseMessages: canary,
          },
        }),
        JSON.stringify({
          time: "2026-11-18T09:14:22Z",
          resourceId: GATEWAY,
          category: "GatewayLogs",
          properties: { requestBody: canary, backendResponseBody: canary },
        }),
      ),
    ]);
    for (const table of ["AzureDiagnostics", "ApiManagementGatewayLlmLog", "ApiManagementGatewayLogs"]) {
      expect(await countOf(table)).toBe(1);
      expect(JSON.stringify(await rows(`SELECT * FROM "${table}"`))).not.toContain(canary);
    }
  });

  test("of the gateway goes to its own table", async () => {
    const line = JSON.stringify({
      time: "2026-11-18T09:14:22.02Z",
      resourceId: GATEWAY,
      category: "GatewayLogs",
      operationName: "Microsoft.ApiManagement/GatewayLogs",
      location: "East US 2",
      isRequestSuccess: false,
      durationMs: 1861,
      callerIpAddress: "203.0.113.7",
      correlationId: "c1",
      properties: {
        apiId: "openai",
        apimSubscriptionId: "team-search",
        backendResponseCode: 429,
        backendTime: 12,
        responseCode: 429,
        backendResponseHeaders: { "apim-request-id": "r1" },
      },
    });
    await load([await put("g.json", line)]);
    expect(await rows('SELECT * FROM "ApiManagementGatewayLogs"')).toMatchObject([
      {
        TimeGenerated: "2026-11-18 09:14:22.02",
        CorrelationId: "c1",
        Region: "East US 2",
        IsRequestSuccess: false,
        TotalTime: "1861",
        ApimSubscriptionId: "team-search",
        BackendResponseCode: 429,
        "~BackendResponseHeaders.apim-request-id": "r1",
        BackendResponseHeaders: '{"apim-request-id":"r1"}',
      },
    ]);
  });

  test("of Event Hubs comes in an envelope with others", async () => {
    const summary = await load([
      await put(
        "hub.json",
        `{"records":[${record()},${record({ correlationId: "other" })}]}`,
        record({ correlationId: "third" }),
      ),
    ]);
    expect(added(summary)).toBe(3);
    expect(await rows('SELECT "~properties_s.requestTime" AS ticks FROM "AzureDiagnostics" GROUP BY ALL')).toEqual([
      { ticks: "639305900621180000" },
    ]);
  });
});

describe("importing again", () => {
  test("the same file changes nothing, touched or not", async () => {
    const path = await put(`${BLOB}/PT1H.json`, record(), record({ correlationId: "b" }));
    await load([path]);
    expect(await load([path])).toMatchObject({ files: [{ added: 0, known: 2, isUnchanged: true }] });
    await writeFile(path, await readFile(path));
    expect(added(await load([path]))).toBe(0);
    expect(await countOf("AzureDiagnostics")).toBe(2);
  });

  test("the same blob from another folder adds nothing", async () => {
    const lines = [record(), record({ correlationId: "b" })];
    await load([await put(`one/${BLOB}/PT1H.json`, ...lines)]);
    const again = await load([await put(`other/copy/${BLOB.toLowerCase()}/PT1H.json`, ...lines)]);
    expect([added(again), known(again)]).toEqual([0, 2]);
  });

  test("a blob that has grown adds only its new lines", async () => {
    const path = await put(`${BLOB}/PT1H.json`, record());
    await load([path]);
    await appendFile(path, `${record({ correlationId: "later" })}\n`);
    const again = await load([path]);
    expect([added(again), known(again)]).toEqual([1, 1]);
  });

  test("a record that stands twice in a blob is two, once and again", async () => {
    const path = await put(`${BLOB}/PT1H.json`, record(), record(), record({ correlationId: "b" }));
    expect(added(await load([path]))).toBe(3);
    await appendFile(path, `${record()}\n`);
    const again = await load([path]);
    expect([added(again), known(again)]).toEqual([1, 3]);
    expect(await countOf("AzureDiagnostics")).toBe(4);
  });

  test("a spaced-out copy of a record is the same record", async () => {
    await load([await put("a.json", record())]);
    const spaced = record().replaceAll('":', '": ').replaceAll(',"', ', "');
    expect(added(await load([await put("b.json", spaced)]))).toBe(0);
  });

  test("an import that was given up halfway keeps what it took and goes on there", async () => {
    const first = await put("1.json", record(), record({ correlationId: "b" }));
    const unplaced = await put("2.csv", "TIMESTAMP,ContextTokens,GeneratedTokens", "2023-11-16 18:17:03.9,1,2");
    const third = await put("3.json", record({ correlationId: "c" }));
    const abort = new AbortController();
    const given = load([first, unplaced, third], null, { signal: abort.signal, onRejected: () => abort.abort() });
    await expect(given).rejects.toMatchObject({ name: "AbortError" });
    expect(await countOf("AzureDiagnostics")).toBe(2);
    const again = await load([first, unplaced, third]);
    expect([added(again), known(again)]).toEqual([1, 2]);
  });

  test("what a killed import noted without its rows is read again", async () => {
    const path = await put("a.json", record(), record({ correlationId: "b" }));
    await load([path]);
    await database.withConnection(async (connection) => {
      // As a process leaves it that dies between noting the records and committing their rows.
      await connection.run('DELETE FROM stored."AzureDiagnostics"');
      await connection.run("DELETE FROM internal.imported_batches");
      await connection.run("DELETE FROM internal.imported_files");
    });
    expect(added(await load([path]))).toBe(2);
    expect(await countOf("AzureDiagnostics")).toBe(2);
  });

  test("a file of many batches counts its repeated records through", async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => record({ correlationId: String(index % 990) }));
    const path = await put("big.json", ...lines, record({ correlationId: "new" }));
    const small = await put("small.json", record({ correlationId: "7" }), record({ correlationId: "8" }));
    expect(added(await load([path, small], null, {}, 64))).toBe(1_001);
    await appendFile(path, `${record({ correlationId: "989" })}\n${record({ correlationId: "newer" })}\n`);
    const again = await load([path], null, {}, 100);
    expect([added(again), known(again)]).toEqual([2, 1_001]);
    expect(await countOf("AzureDiagnostics")).toBe(1_003);
  });

  test("an import that fails halfway ends with the error, and the next one takes the rest", async () => {
    const metric = `{"time":"2026-11-18T09:14:00Z","resourceId":"${RESOURCE}","metricName":"GeneratedTokens","total":7}`;
    const before = Array.from({ length: 200 }, (_, index) => record({ correlationId: `before ${index}` }));
    const after = Array.from({ length: 200 }, (_, index) => record({ correlationId: `after ${index}` }));
    const path = await put("a.json", ...before, metric, ...after);
    await database.withConnection((connection) => connection.run('DROP TABLE "AzureMetrics"'));
    await expect(load([path], null, {}, 64)).rejects.toThrow("AzureMetrics");
    await database.withConnection(createTables);
    await load([path], null, {}, 64);
    expect([await countOf("AzureDiagnostics"), await countOf("AzureMetrics")]).toEqual([400, 1]);
    expect(added(await load([path], null, {}, 64))).toBe(0);
  });

  test("a trace of many batches numbers its rows through", async () => {
    const rowsOf = Array.from({ length: 500 }, (_, index) => `2023-11-16 18:17:03.9,${index},1`);
    const path = await put(
      "t.csv",
      "TIMESTAMP,ContextTokens,GeneratedTokens",
      ...rowsOf.slice(0, 250),
      "oops",
      ...rowsOf.slice(250),
    );
    const placement = {
      account: "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/a",
      deployment: "code",
      model: "gpt-4o",
      modelVersion: "",
      region: "",
      start: null,
    };
    const summary = await load([path], placement, {}, 64);
    expect(summary.files[0]?.trace).toEqual({ requests: 500, inputTokens: 124_750n, outputTokens: 500n });
    expect(summary.rejected).toMatchObject([{ line: 252 }]);
    expect(await rows(`SELECT count(*) AS n, count(DISTINCT CorrelationId) AS ids FROM "AzureDiagnostics"`)).toEqual([
      { n: "1500", ids: "500" },
    ]);
  });

  test("the same blob from two folders at once is taken once", async () => {
    await put(`one/${BLOB}/PT1H.json`, record());
    await put(`two/${BLOB}/PT1H.json`, record());
    const summary = await load([folder]);
    expect([added(summary), known(summary)]).toEqual([1, 1]);
  });
});

describe("a bad line", () => {
  test.each([
    ["that is cut off", record().slice(0, 200), "not JSON"],
    ["that is no object", "42", "not a JSON object"],
    ["without a time", record({ time: undefined }), "no time"],
    ["with a time that is none", record({ time: "yesterday" }), "the time cannot be read"],
    ["without a resource", record({ resourceId: undefined }), "no resourceId"],
    ["without a category", record({ category: undefined }), "no category"],
    [
      "of another service",
      record({ resourceId: GATEWAY.replace("APIMANAGEMENT", "STORAGE"), category: "StorageRead" }),
      "the workspace has no table for the category StorageRead of this resource",
    ],
    ["with a duration in words", record({ durationMs: "long" }), "durationMs is not a number"],
  ])("%s is told with file and line, put aside, and stops nothing", async (_name, bad, reason) => {
    const path = await put("a.json", record(), bad, record({ correlationId: "b" }));
    const told: unknown[] = [];
    const summary = await load([path], null, { onRejected: (line) => told.push(line) });
    expect(added(summary)).toBe(2);
    expect(told).toEqual([{ file: path, line: 2, reason }]);
    const aside = (await readFile(summary.rejectsFile ?? "", "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(aside).toEqual([{ file: path, line: 2, reason, text: bad }]);
  });

  test("is told again when its file is imported again", async () => {
    const path = await put("a.json", record(), "oops");
    expect((await load([path])).rejectedCount).toBe(1);
    expect((await load([path])).rejectedCount).toBe(1);
  });

  test("of bytes that are no text, an empty file and a missing one stop nothing", async () => {
    const binary = join(folder, "z.json");
    await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0x0a]));
    const summary = await load([
      await put("a.json", record()),
      await put("empty.json"),
      join(folder, "missing.json"),
      binary,
    ]);
    expect(added(summary)).toBe(1);
    expect(summary.rejected).toEqual(
      expect.arrayContaining([{ file: join(folder, "missing.json"), line: 0, reason: "no such file or folder" }]),
    );
    expect(summary.rejectedCount).toBe(2);
  });
});

test("a folder is read with everything below it, gzipped or not, and nothing else", async () => {
  await put(`deep/${BLOB}/PT1H.json`, record());
  await put("deep/readme.txt", "not a log");
  await writeFile(join(folder, "deep", "more.json.gz"), gzipSync(`${record({ correlationId: "zipped" })}\r\n`));
  const summary = await load([join(folder, "deep")]);
  expect([added(summary), summary.rejectedCount, summary.files.length]).toEqual([2, 0, 2]);
});

describe("a request trace", () => {
  const placement: TracePlacement = {
    account: "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/a",
    deployment: "code",
    model: "gpt-4o",
    modelVersion: "2024-08-06",
    region: "eastus2",
    start: null,
  };
  const CSV =
    "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:04.0319600,3180,8";

  test("becomes the pair of rows and the usage row of every call, without a latency", async () => {
    const path = join(folder, "t.csv");
    await writeFile(path, CSV);
    const summary = await load([path], placement);
    expect(summary.files[0]?.trace).toEqual({ requests: 2, inputTokens: 7988n, outputTokens: 18n });
    const stored =
      await rows(`SELECT Category, DurationMs, properties_s, TimeGenerated, location_s FROM "AzureDiagnostics"
      WHERE CorrelationId = (SELECT min(CorrelationId) FROM "AzureDiagnostics" WHERE TimeGenerated < '2023-11-16 18:17:04') ORDER BY Category, properties_s DESC`);
    expect(
      stored.map((row) => [
        row.Category,
        row.DurationMs,
        row.properties_s === "" ? {} : JSON.parse(String(row.properties_s)),
      ]),
    ).toEqual([
      [
        "AzureOpenAIRequestUsage",
        null,
        {
          modelDeploymentName: "code",
          modelName: "gpt-4o",
          modelVersion: "2024-08-06",
          promptTokens: [4808],
          generatedTokens: [10],
        },
      ],
      [
        "RequestResponse",
        null,
        {
          modelDeploymentName: "code",
          modelName: "gpt-4o",
          modelVersion: "2024-08-06",
          promptTokens: 4808,
          completionTokens: 10,
        },
      ],
      ["RequestResponse", null, {}],
    ]);
    expect(stored[0]?.TimeGenerated).toBe("2023-11-16 18:17:03.97996");
    expect(added(await load([path], placement))).toBe(0);
  });

  test("is moved to where it shall start", async () => {
    const path = join(folder, "t.csv");
    await writeFile(path, CSV);
    const start = Date.parse("2026-11-01T09:00:00Z");
    expect(await load([path], { ...placement, start })).toMatchObject({ firstAt: start, lastAt: start + 52 });
  });

  test("with bad rows counts the rest", async () => {
    const path = await put(
      "t.csv",
      "TIMESTAMP,ContextTokens,GeneratedTokens",
      "2023-11-16 18:17:03.9,1,2",
      "2023-11-16 18:17,1,2",
      "2023-11-16 18:17:03.9,1",
      "2023-11-16 18:17:03.9,-1,2",
      "2023-13-41 18:17:03.9,1,2",
    );
    const summary = await load([path], placement);
    expect(summary.rejected.map((line) => line.line)).toEqual([3, 4, 5, 6]);
    expect(summary.files[0]?.trace).toEqual({ requests: 1, inputTokens: 1n, outputTokens: 2n });
  });

  test("without a deployment is refused by name", async () => {
    const path = await put("t.csv", "TIMESTAMP,ContextTokens,GeneratedTokens", "2023-11-16 18:17:03.9,1,2");
    expect((await load([path])).rejected[0]?.reason).toContain("--deployment");
  });

  test.skipIf(!hasTraces).each([
    ["code", 8_819, 18_059_974n, 245_896n],
    ["conv", 19_366, 22_361_870n, 4_088_665n],
  ])(
    "of Azure (%s, present only beside the repository) gives exactly its calls and tokens",
    async (name, requests, input, output) => {
      const summary = await load([join(TRACES, `azure-llm-inference-trace-2023-${name}.csv`)], placement);
      expect(summary.files[0]?.trace).toEqual({ requests, inputTokens: input, outputTokens: output });
      expect(
        await rows(`SELECT count(*) AS calls, sum(("~properties_s.promptTokens"::JSON ->> 0)::BIGINT) AS input,
        sum(("~properties_s.generatedTokens"::JSON ->> 0)::BIGINT) AS output FROM "AzureDiagnostics" WHERE Category = 'AzureOpenAIRequestUsage'`),
      ).toEqual([{ calls: String(requests), input: String(input), output: String(output) }]);
    },
  );
});

test("an import that is killed ends with the tables of one that is not", { timeout: 180_000 }, async () => {
  const outcome = await runImportKills({
    records: 1_200,
    batchLines: 200,
    kills: 2,
    seed: 1,
    onProgress: () => undefined,
  });
  expect(outcome).toMatchObject({ kills: 2, records: 1_200, differences: [] });
});
