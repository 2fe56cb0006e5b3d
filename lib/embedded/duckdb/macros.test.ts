import { globSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedDatabase, openDatabase } from "./database.ts";

let database: EmbeddedDatabase;
beforeAll(async () => {
  database = await openDatabase({ path: ":memory:", memoryLimitMb: 128, threads: 1 });
});
afterAll(() => database.close());

test("every macro that the lowering and the registries name exists", async () => {
  const files = globSync("lib/embedded/{lowering,functions,duckdb}/**/*.ts").filter(
    (file) => !file.endsWith(".test.ts"),
  );
  const named = new Set(files.flatMap((file) => readFileSync(file, "utf8").match(/\bkql_[a-z0-9_]+(?=\()/g) ?? []));
  const found = await database.query(
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_name LIKE 'kql%'",
    {
      timeoutMs: 10_000,
      read: (result) => result.getRowsJson(),
    },
  );
  const known = new Set(found.map(([name]) => name));
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
});
