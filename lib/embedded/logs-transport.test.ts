import type { TokenCredential } from "@azure/core-auth";
import { LogsQueryClient, LogsQueryResultStatus } from "@azure/monitor-query";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TableSchema } from "../kql/tables/table-schema.ts";
import { type EmbeddedDatabase, openDatabase } from "./duckdb/database.ts";
import { createLogsHttpClient } from "./logs-transport.ts";
import { createQueryEngine } from "./query-engine.ts";

const TABLES: readonly TableSchema[] = [
  {
    name: "Calls",
    columns: [
      { name: "TimeGenerated", type: "datetime" },
      { name: "Model", type: "string" },
      { name: "Tokens", type: "long" },
    ],
    shreds: [],
  },
];
const NOW = Date.UTC(2026, 2, 10);
const credential: TokenCredential = {
  getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }),
};

let database: EmbeddedDatabase;
let client: LogsQueryClient;

beforeAll(async () => {
  database = await openDatabase({ path: ":memory:", memoryLimitMb: 256, threads: 2 });
  await database.withConnection(async (connection) => {
    await connection.run(
      `CREATE TABLE "Calls" ("TimeGenerated" TIMESTAMP, "Model" VARCHAR NOT NULL DEFAULT '', "Tokens" BIGINT)`,
    );
    await connection.run(
      "INSERT INTO Calls VALUES ('2026-03-08 10:00', 'gpt-4o', 5), ('2026-03-09 10:00', 'gpt-4o', 7), ('2026-03-09 11:00', '', 11)",
    );
  });
  const engine = createQueryEngine({ database, tables: TABLES, now: () => NOW });
  client = new LogsQueryClient(credential, {
    httpClient: createLogsHttpClient(engine, () => NOW),
    retryOptions: { maxRetries: 0 },
  });
});
afterAll(() => database.close());

describe("an unmodified LogsQueryClient", () => {
  test("reads rows with the types of the service", async () => {
    const result = await client.queryWorkspace("w", "Calls | where Tokens > 5 | project TimeGenerated, Model, Tokens", {
      duration: "P7D",
    });
    expect(result.status).toBe(LogsQueryResultStatus.Success);
    if (result.status !== LogsQueryResultStatus.Success) return;
    expect(result.tables[0]?.columnDescriptors).toEqual([
      { name: "TimeGenerated", type: "datetime" },
      { name: "Model", type: "string" },
      { name: "Tokens", type: "long" },
    ]);
    expect(result.tables[0]?.rows).toEqual([
      [new Date("2026-03-09T10:00:00Z"), "gpt-4o", 7],
      [new Date("2026-03-09T11:00:00Z"), "", 11],
    ]);
  });

  test("trap 1: the request's time span filters in addition to the query's own text", async () => {
    const count = async (timespan: Parameters<LogsQueryClient["queryWorkspace"]>[2]) => {
      const result = await client.queryWorkspace(
        "w",
        "Calls | where TimeGenerated < datetime(2026-03-09T11:00) | summarize n = count()",
        timespan,
      );
      return result.status === LogsQueryResultStatus.Success ? result.tables[0]?.rows[0]?.[0] : result.status;
    };
    expect(await count({ duration: "P7D" })).toBe(2);
    expect(await count({ duration: "P1D" })).toBe(1);
    expect(
      await count({ startTime: new Date("2026-03-08T00:00:00Z"), endTime: new Date("2026-03-08T10:00:00Z") }),
    ).toBe(0);
    expect(await count({ startTime: new Date("2026-03-08T00:00:00Z"), duration: "PT11H" })).toBe(1);
  });

  test("hands over statistics and the chart when they are asked for", async () => {
    const result = await client.queryWorkspace(
      "w",
      "Calls | summarize count() by Model | render columnchart",
      { duration: "P7D" },
      {
        includeQueryStatistics: true,
        includeVisualization: true,
      },
    );
    expect(result).toMatchObject({
      status: "Success",
      visualization: { visualization: "columnchart" },
      statistics: { query: {} },
    });
  });

  test("refuses a missing table as the service does", async () => {
    await expect(client.queryWorkspace("w", "AzureDiagnostics | take 1", { duration: "P1D" })).rejects.toMatchObject({
      statusCode: 400,
      code: "BadArgumentError",
      details: { error: { innerError: { code: "SemanticError" } } },
    });
  });
});
