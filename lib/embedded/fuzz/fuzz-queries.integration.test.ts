import { afterAll, beforeAll, expect, test } from "vitest";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import { openDatabase } from "../duckdb/database.ts";
import { TEST_NOW, type TestEngine, testEngine } from "../evaluate.testing.ts";
import { createTables } from "../store/create-tables.ts";
import { fuzzQueries } from "./fuzz-queries.ts";
import { fillWithSamples } from "./sample-rows.ts";

let kql: TestEngine;
beforeAll(async () => {
  const database = await openDatabase({ path: ":memory:", memoryLimitMb: 512, threads: 2 });
  await database.withConnection(async (connection) => {
    await createTables(connection);
    await fillWithSamples(connection, TEST_NOW);
  });
  kql = await testEngine({ database, tables: LOG_ANALYTICS_TABLES });
  await kql.engine.warmUp();
});
afterAll(() => kql.close());

test("a thousand mutated queries end in a result or a well-formed refusal", { timeout: 240_000 }, async () => {
  const report = await fuzzQueries({ engine: kql.engine, from: 1, count: 1_000 });
  expect(report.faults).toEqual([]);
  expect(report.results).toBeGreaterThan(50);
  expect(report.asked).toBe(1_000);
});
