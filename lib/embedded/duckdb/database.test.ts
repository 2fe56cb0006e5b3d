import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedDatabase, openDatabase, QueryInterrupted } from "./database.ts";

let folder: string;
let database: EmbeddedDatabase;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "workspace-"));
  database = await openDatabase({
    path: path.join(folder, "w.duckdb"),
    memoryLimitMb: 256,
    threads: 2,
    tempDir: folder,
  });
});

afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const rows = (sql: string, timeoutMs = 10_000, signal?: AbortSignal) =>
  database.query(sql, { timeoutMs, signal, read: (result) => result.getRowsJson() });

describe("openDatabase", () => {
  test("keeps what a writer stored", async () => {
    await database.withConnection(async (connection) => {
      await connection.run("CREATE TABLE t (a BIGINT)");
      await connection.run("INSERT INTO t VALUES (1), (2)");
    });
    expect(await rows("SELECT a FROM t")).toEqual([["1"], ["2"]]);
  });

  test("reads every instant as UTC", async () => {
    expect(await rows("SELECT '2026-01-01T00:00:00+02:00'::TIMESTAMPTZ::TIMESTAMP::VARCHAR")).toEqual([
      ["2025-12-31 22:00:00"],
    ]);
  });

  test.each([
    ["reads no other file", "SELECT * FROM read_csv('/etc/passwd')"],
    ["writes no file", "COPY (SELECT 1) TO '/tmp/out.csv'"],
    ["loads no extension", "INSTALL httpfs"],
    ["takes no setting", "SET memory_limit='10GB'"],
    ["attaches no database", "ATTACH '/tmp/other.duckdb' AS other"],
  ])("%s", async (_name, sql) => {
    await expect(rows(sql)).rejects.toThrow();
  });

  test("stops a query at its time-out, and the next one runs", async () => {
    const slow = "SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range % 7 = b.range";
    const started = performance.now();
    await expect(rows(slow, 200)).rejects.toThrow(QueryInterrupted);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await rows("SELECT 1")).toEqual([[1]]);
  });

  test("stops a query when its caller goes away", async () => {
    const controller = new AbortController();
    const slow = rows(
      "SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range % 7 = b.range",
      60_000,
      controller.signal,
    );
    setTimeout(() => controller.abort(), 100);
    await expect(slow).rejects.toMatchObject({ reason: "aborted" });
  });
});
