import { afterAll, beforeAll, expect, test } from "vitest";
import { AZURE_DIAGNOSTICS } from "../../kql/tables/azure-diagnostics.ts";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import { openDatabase } from "../duckdb/database.ts";
import { type TestEngine, testEngine } from "../evaluate.testing.ts";
import { appendRecords } from "../store/append-records.ts";
import { createTables } from "../store/create-tables.ts";

let kql: TestEngine;
beforeAll(async () => {
  const database = await openDatabase({ path: ":memory:", memoryLimitMb: 512, threads: 2 });
  await database.withConnection(async (connection) => {
    await createTables(connection);
    await appendRecords(connection, AZURE_DIAGNOSTICS, [
      row(1, '{"requestLength":12,"timeToFirstTokenMs":1.5}'),
      row(2, '{"requestLength":"12","timeToFirstTokenMs":"1.5"}'),
      row(3, '{"requestLength":1.9,"timeToFirstTokenMs":null}'),
      row(4, "no JSON"),
    ]);
  });
  kql = await testEngine({ database, tables: LOG_ANALYTICS_TABLES });
});
afterAll(() => kql.close());

const row = (minute: number, text: string) => ({ TimeGenerated: `2026-03-10T00:0${minute}:00Z`, properties_s: text });

test("a number that stands as text is that number, as on Log Analytics", async () => {
  const answer = await kql.rows(`AzureDiagnostics | order by TimeGenerated asc | extend p = parse_json(properties_s)
    | project tolong(p.requestLength), toint(p.requestLength), toreal(p.timeToFirstTokenMs)`);
  expect(answer).toEqual([
    [12, 12, 1.5],
    [12, 12, 1.5],
    [1, 1, null],
    [null, null, null],
  ]);
});

test("a fuzzy union goes on without a leg whose table does not exist", async () => {
  const answer = await kql.rows(
    "union isfuzzy=true (AzureDiagnostics | project TimeGenerated), (AppTraces | where Message has 'x' | project TimeGenerated) | count",
  );
  expect(answer).toEqual([[4]]);
});
