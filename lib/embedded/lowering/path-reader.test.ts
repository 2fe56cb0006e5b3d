import { afterAll, beforeAll, expect, test } from "vitest";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import { openDatabase } from "../duckdb/database.ts";
import { TEST_NOW, type TestEngine, testEngine } from "../evaluate.testing.ts";
import { appendRecords } from "../store/append-records.ts";
import { createTables } from "../store/create-tables.ts";

let kql: TestEngine;
beforeAll(async () => {
  const database = await openDatabase({ path: ":memory:", memoryLimitMb: 256, threads: 1 });
  await database.withConnection(async (connection) => {
    await createTables(connection);
    const [diagnostics, dependencies] = ["AzureDiagnostics", "AppDependencies"].map((name) =>
      LOG_ANALYTICS_TABLES.find((table) => table.name === name),
    );
    if (diagnostics === undefined || dependencies === undefined) throw new Error("The tables are known.");
    const at = (minute: number) => new Date(TEST_NOW - minute * 60_000).toISOString();
    await appendRecords(connection, diagnostics, [
      { TimeGenerated: at(3), properties_s: '{"region":"eu","retry":{"count":2},"modelName":"gpt-4o"}' },
      { TimeGenerated: at(2), properties_s: '{"region":null,"retry":5}' },
      { TimeGenerated: at(1), properties_s: "no json" },
      { TimeGenerated: at(0) },
    ]);
    await appendRecords(connection, dependencies, [
      { TimeGenerated: at(0), Properties: { a: "x", b: { c: 1.5 }, d: [7] } },
    ]);
  });
  kql = await testEngine({ database, tables: LOG_ANALYTICS_TABLES });
});
afterAll(() => kql.close());

const PATHS =
  "AzureDiagnostics | extend p = parse_json(properties_s) | project TimeGenerated, region = tostring(p.region), n = toint(p.retry.count), m = tostring(p.modelName), none = isempty(p.nothing) | sort by TimeGenerated asc | project-away TimeGenerated";

test("paths without a column of their own are read through extend, and are empty in what is no JSON", async () => {
  expect(await kql.rows(PATHS)).toEqual([
    ["eu", 2, "gpt-4o", true],
    ["", null, "", true],
    ["", null, "", true],
    ["", null, "", true],
  ]);
});

test("several paths of one column are one pass over its text, and a shredded one needs none", () => {
  const sql = kql.engine.sqlOf({ text: PATHS }) ?? "";
  expect(sql.match(/json_extract/g)).toHaveLength(1);
  expect(sql).toContain(
    `json_extract_string("~properties_s", ['$."region"', '$."~"', '$."retry"."count"', '$."nothing"'])`,
  );
  expect(sql).not.toContain("kql_parse_json");
});

test("a dynamic column is read in one pass too", async () => {
  const text =
    "AppDependencies | where toreal(Properties.b.c) > 1 | project tostring(Properties.a), tostring(Properties.d), isnull(Properties.b.z)";
  expect(await kql.rows(text)).toEqual([["x", "[7]", true]]);
  expect(kql.engine.sqlOf({ text })?.match(/json_extract/g)).toHaveLength(1);
});
