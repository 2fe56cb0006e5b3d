import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeEach, expect, it } from "vitest";
import { APP_DEPENDENCIES } from "../../kql/tables/app-dependencies.ts";
import { AZURE_DIAGNOSTICS } from "../../kql/tables/azure-diagnostics.ts";
import { appendRecords } from "./append-records.ts";
import { createTables } from "./create-tables.ts";

let connection: DuckDBConnection;

beforeEach(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("SET TimeZone = 'UTC'");
  await createTables(connection);
});

const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();

it("keeps absent, scalar and array tokens apart, and an 18-digit tick exactly", async () => {
  const properties = [
    '{"requestTime":639305900621180123,"promptTokens":1312,"modelName":"gpt-4o"}',
    '{"promptTokens":[1312],"timeToFirstTokenMs":612.4,"modelName":null}',
    "{}",
    "not json",
    "",
  ];
  await appendRecords(
    connection,
    AZURE_DIAGNOSTICS,
    properties.map((properties_s, second) => ({
      TimeGenerated: `2026-11-18T09:14:2${second}.1180000Z`,
      properties_s,
      Type: "AzureDiagnostics",
    })),
  );
  expect(
    await rows(`SELECT "~properties_s.promptTokens", "~properties_s.requestTime", "~properties_s.timeToFirstTokenMs",
      "~properties_s.modelName" FROM "AzureDiagnostics"`),
  ).toEqual([
    ["1312", "639305900621180123", null, "gpt-4o"],
    ["[1312]", null, 612.4, null],
    [null, null, null, null],
    [null, null, null, null],
    [null, null, null, null],
  ]);
});

it("orders by time, turns offsets into UTC and leaves what is not given empty", async () => {
  await appendRecords(connection, AZURE_DIAGNOSTICS, [
    { TimeGenerated: "2026-11-18T10:00:00+02:00", DurationMs: 12, ResultSignature: "200" },
    { TimeGenerated: "2026-11-18T07:59:59.5Z" },
  ]);
  expect(
    await rows(
      `SELECT "TimeGenerated"::VARCHAR, "DurationMs", "ResultSignature", "CorrelationId" FROM "AzureDiagnostics"`,
    ),
  ).toEqual([
    ["2026-11-18 07:59:59.5", null, "", ""],
    ["2026-11-18 08:00:00", "12", "200", ""],
  ]);
});

it("takes a dynamic as an object or as its text", async () => {
  await appendRecords(connection, APP_DEPENDENCIES, [
    { TimeGenerated: "2026-11-18T09:00:00Z", Success: true, Properties: { "gen_ai.usage.input_tokens": "7" } },
    { TimeGenerated: "2026-11-18T09:00:01Z", Properties: '{"gen_ai.usage.input_tokens":"8"}' },
  ]);
  expect(
    await rows(`SELECT "Properties", "~Properties.gen_ai.usage.input_tokens", "Success" FROM "AppDependencies"`),
  ).toEqual([
    ['{"gen_ai.usage.input_tokens":"7"}', "7", true],
    ['{"gen_ai.usage.input_tokens":"8"}', "8", null],
  ]);
});

it("refuses a field that the table does not have", async () => {
  await expect(
    appendRecords(connection, AZURE_DIAGNOSTICS, [{ TimeGenerated: "2026-11-18T09:00:00Z", resultSignature: "200" }]),
  ).rejects.toThrow("AzureDiagnostics has no column resultSignature.");
});
