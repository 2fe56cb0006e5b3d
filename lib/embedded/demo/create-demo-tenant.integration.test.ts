import type { DuckDBConnection } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import { type EmbeddedDatabase, openDatabase } from "../duckdb/database.ts";
import { METRICS_TABLE } from "../store/metrics-table.ts";
import { createDemoTenant, growDemoTenant, WorkspaceNotEmpty } from "./create-demo-tenant.ts";

const CREATED = Date.UTC(2026, 10, 21, 1, 7);
const HOUR_MS = 3_600_000;
/** Three days, some thousand calls, one of the days before the others in steps of the growing server. */
const OPTIONS = { createdAt: CREATED, seed: 11, days: 3, requestsPerDay: 2_000 };
/** Long enough ago that rows had no token keys, and over the hole in the logs. */
const OLD_OPTIONS = { createdAt: CREATED, seed: 11, days: 62, requestsPerDay: 120, until: CREATED - 59 * 24 * HOUR_MS };

let whole: EmbeddedDatabase;
let grown: EmbeddedDatabase;
let old: EmbeddedDatabase;

beforeAll(async () => {
  const open = () => openDatabase({ path: ":memory:", memoryLimitMb: 512, threads: 2 });
  [whole, grown, old] = await Promise.all([open(), open(), open()]);
  await createDemoTenant({ database: whole, ...OPTIONS });
  await createDemoTenant({ database: grown, ...OPTIONS, until: CREATED - 5 * HOUR_MS });
  for (let hoursAgo = 4; hoursAgo >= 1; hoursAgo--) {
    await growDemoTenant({ database: grown, until: CREATED - hoursAgo * HOUR_MS });
  }
  for (let minute = 58; minute >= 0; minute -= 29) {
    await growDemoTenant({ database: grown, until: CREATED - minute * 60_000 });
  }
  await createDemoTenant({ database: old, ...OLD_OPTIONS });
}, 60_000);

afterAll(async () => {
  await Promise.all([whole.close(), grown.close(), old.close()]);
});

const rows = (database: EmbeddedDatabase, sql: string) =>
  database.withConnection(async (connection: DuckDBConnection) => (await connection.runAndReadAll(sql)).getRowsJson());

const one = async (sql: string, database = whole) => Number((await rows(database, sql))[0]?.[0]);

describe("a demo tenant", () => {
  it.each(LOG_ANALYTICS_TABLES.map((table) => table.name))(
    "has the same %s whether it was made at once or grew",
    async (name) => {
      const sql = `SELECT count(*), bit_xor(md5_number_lower(to_json(t)::VARCHAR))::VARCHAR FROM "${name}" t`;
      expect(await rows(grown, sql)).toEqual(await rows(whole, sql));
    },
  );

  it("has the same metrics whether it was made at once or grew", async () => {
    const sql = `SELECT metric, count(*), sum(total), count(DISTINCT minute), sum(hash(deployment, status_code, minute)::HUGEINT)::VARCHAR
      FROM ${METRICS_TABLE} GROUP BY metric ORDER BY metric`;
    expect(await rows(grown, sql)).toEqual(await rows(whole, sql));
    expect((await rows(whole, sql)).map((row) => row[0])).toEqual([
      "AzureOpenAIProvisionedManagedUtilizationV2",
      "AzureOpenAIRequests",
      "AzureOpenAITimeToResponse",
      "GeneratedTokens",
      "ProcessedPromptTokens",
      "RAIHarmfulRequests",
      "RAIRejectedRequests",
    ]);
  });

  it("holds no record that arrived after its end", async () => {
    for (const table of LOG_ANALYTICS_TABLES) {
      expect(
        await one(`SELECT count(*) FROM "${table.name}" WHERE "_TimeReceived" > make_timestamp_ms(${CREATED})`),
      ).toBe(0);
    }
  });

  it("is refused in a workspace that holds something", async () => {
    await expect(createDemoTenant({ database: whole, ...OPTIONS })).rejects.toThrow(WorkspaceNotEmpty);
  });
});

describe("its records have the real faults", () => {
  const RESPONSE = `FROM "AzureDiagnostics" WHERE "Category" = 'RequestResponse' AND "OperationName" LIKE '%reate%'`;
  const USAGE = `FROM "AzureDiagnostics" WHERE "Category" = 'AzureOpenAIRequestUsage'`;
  const keysOf = (where: string) =>
    `SELECT DISTINCT list_aggregate(json_keys("properties_s"), 'string_agg', ' ') FROM "AzureDiagnostics" WHERE ${where} LIMIT 1`;

  it("writes the populated row, its twin and the usage row with the keys of the published samples", async () => {
    expect(
      await rows(whole, keysOf(`"~properties_s.promptTokens" LIKE '_%' AND "Category" = 'RequestResponse'`)),
    ).toEqual([
      [
        "apiName requestTime responseTime requestLength responseLength objectId callerObjectId streamType modelDeploymentName modelName modelVersion promptTokens completionTokens",
      ],
    ]);
    expect(
      await rows(
        whole,
        keysOf(`"Category" = 'RequestResponse' AND "OperationName" LIKE '%reate%' AND "ResultSignature" = '200'
          AND "~properties_s.modelName" IS NULL`),
      ),
    ).toEqual([["apiName requestTime responseTime requestLength responseLength objectId streamType"]]);
    expect(await rows(whole, keysOf(`"Category" = 'AzureOpenAIRequestUsage'`))).toEqual([
      [
        "streamType modelDeploymentName modelName modelVersion promptTokens generatedTokens cachedTokens timeToFirstTokenMs timeToLastTokenMs",
      ],
    ]);
  });

  it("has shreds that say what the text says", async () => {
    const differs = (key: string, text: string) => `"~properties_s.${key}" IS DISTINCT FROM ${text}`;
    expect(
      await one(`SELECT count(*) FROM "AzureDiagnostics" WHERE "properties_s" <> '' AND (
        ${differs("modelName", `"properties_s"->>'$.modelName'`)}
        OR ${differs("promptTokens", `json_extract("properties_s", '$.promptTokens')::VARCHAR`)}
        OR ${differs("requestTime", `("properties_s"->>'$.requestTime')::BIGINT`)})`),
    ).toBe(0);
  });

  it("writes two rows for most calls, sometimes one or three", async () => {
    const counted = await rows(
      whole,
      `SELECT n, count(*) FROM (SELECT count(*) AS n ${RESPONSE} GROUP BY "CorrelationId") GROUP BY n ORDER BY n`,
    );
    expect(counted.map((row) => Number(row[0]))).toEqual([1, 2, 3]);
    const [single, twin, triple] = counted.map((row) => Number(row[1]));
    expect(twin).toBeGreaterThan(4 * (single ?? 0));
    expect(single).toBeGreaterThan(triple ?? 0);
  });

  it("writes tokens as arrays in usage rows, some of two, and loses a few usage rows", async () => {
    expect(await one(`SELECT count(*) ${USAGE} AND json_type("~properties_s.promptTokens") <> 'ARRAY'`)).toBe(0);
    expect(
      await one(`SELECT count(*) ${USAGE} AND json_array_length("~properties_s.promptTokens") = 2`),
    ).toBeGreaterThan(0);
    const answered = await one(`SELECT count(DISTINCT "CorrelationId") ${RESPONSE} AND "ResultSignature" = '200'`);
    const used = await one(`SELECT count(DISTINCT "CorrelationId") ${USAGE}`);
    expect(used / answered).toBeGreaterThan(0.9);
    expect(used / answered).toBeLessThan(0.995);
  });

  it("does not name the deployment of a rejected call, nor the caller's whole address", async () => {
    expect(
      await one(
        `SELECT count(*) ${RESPONSE} AND "ResultSignature" = '429' AND "~properties_s.modelDeploymentName" = 'chat-prod'`,
      ),
    ).toBe(0);
    expect(await one(`SELECT count(*) ${RESPONSE} AND "ResultSignature" = '429'`)).toBeGreaterThan(100);
    expect(await one(`SELECT count(*) ${RESPONSE} AND "CallerIPAddress" NOT LIKE '%.***'`)).toBe(0);
  });

  it("gives the gateway its own ids, which join only through the header of one API", async () => {
    expect(
      await one(`SELECT count(*) FROM "ApiManagementGatewayLogs" JOIN "AzureDiagnostics" USING ("CorrelationId")`),
    ).toBe(0);
    const joined = `SELECT count(DISTINCT g."CorrelationId") FROM "ApiManagementGatewayLogs" g JOIN "AzureDiagnostics" a
      ON a."CorrelationId" = (g."BackendResponseHeaders"->>'$."apim-request-id"') WHERE g."ApiId" =`;
    expect(await one(`${joined} 'openai-v2'`)).toBeGreaterThan(1_000);
    expect(await one(`${joined} 'openai-eu-classic'`)).toBe(0);
    expect(
      await one(`SELECT count(*) FROM "AppDependencies" d JOIN "ApiManagementGatewayLlmLog" l
        ON l."RequestId" = (d."Properties"->>'$."gen_ai.response.id"')`),
    ).toBeGreaterThan(50);
  });

  it("never holds a prompt or an answer", async () => {
    expect(
      await one(
        `SELECT count(*) FROM "ApiManagementGatewayLlmLog" WHERE "RequestMessages" IS NOT NULL OR "ResponseMessages" IS NOT NULL`,
      ),
    ).toBe(0);
    expect(
      await one(`SELECT count(*) FROM "ApiManagementGatewayLogs"
        WHERE "RequestBody" || "ResponseBody" || "BackendRequestBody" || "BackendResponseBody" <> ''`),
    ).toBe(0);
  });

  it("holds list calls, polls and a Speech resource beside inference, and rows that came late", async () => {
    const other = await rows(
      whole,
      `SELECT DISTINCT "OperationName" FROM "AzureDiagnostics" WHERE "OperationName" NOT LIKE '%reate%' ORDER BY 1`,
    );
    expect(other.flat()).toEqual(
      expect.arrayContaining(["Batches_Get", "Deployments_List", "ListKey", "Models_List", "SpeechToText_Transcribe"]),
    );
    expect(await one(`SELECT max(epoch_ms("_TimeReceived") - epoch_ms("TimeGenerated")) ${RESPONSE}`)).toBeGreaterThan(
      1_800_000,
    );
  });

  it("writes both tick epochs", async () => {
    const epochs = await rows(
      whole,
      `SELECT DISTINCT "~properties_s.requestTime" > 500000000000000000 ${RESPONSE} ORDER BY 1`,
    );
    expect(epochs.flat()).toEqual([false, true]);
  });

  it("has no token keys on old rows", async () => {
    const cut = `make_timestamp_ms(${CREATED - 60 * 24 * HOUR_MS})`;
    const counted = `SELECT count(*) ${RESPONSE} AND "~properties_s.promptTokens" IS NOT NULL AND "TimeGenerated"`;
    expect(await one(`${counted} < ${cut}`, old)).toBe(0);
    expect(await one(`${counted} >= ${cut}`, old)).toBeGreaterThan(20);
  });
});
