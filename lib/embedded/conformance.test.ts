import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentedExamples, sameAsPrinted } from "./conformance.testing.ts";
import { type EmbeddedDatabase, openDatabase } from "./duckdb/database.ts";
import { KNOWN_DIFFERENCES } from "./known-differences.ts";
import { createQueryEngine, type QueryEngine } from "./query-engine.ts";

const examples = documentedExamples();
let database: EmbeddedDatabase;
let engine: QueryEngine;

beforeAll(async () => {
  database = await openDatabase({ path: ":memory:", memoryLimitMb: 512, threads: 2 });
  engine = createQueryEngine({ database, tables: [], now: () => Date.UTC(2026, 2, 10) });
});
afterAll(() => database.close());

const absent =
  examples === null ? " (SKIPPED: the collection of documented examples is not beside the repository)" : "";

describe.skipIf(examples === null)(`the documented examples${absent}`, () => {
  const outcomes = new Map<string, "same" | "differs">();

  test.each((examples ?? []).map((example) => [example.id, example] as const))("%s", async (id, example) => {
    const { status, body } = await engine.query({ text: example.query, timeoutMs: 10_000 });
    expect(status, `a fault of ours: ${body}`).not.toBe(500);
    const rows = status === 200 ? (JSON.parse(body) as { tables: [{ rows: unknown[][] }] }).tables[0].rows : null;
    const isSame = rows !== null && sameAsPrinted(rows, example.rows);
    outcomes.set(id, isSame ? "same" : "differs");
    const listed = KNOWN_DIFFERENCES.some((difference) => difference.id === id);
    expect(isSame, isSame ? "now the same: take it off the list of known differences" : body.slice(0, 500)).toBe(
      !listed,
    );
  });

  test("at least nine of ten say what their page prints", () => {
    const same = [...outcomes.values()].filter((outcome) => outcome === "same").length;
    expect(same / outcomes.size).toBeGreaterThanOrEqual(0.9);
  });
});
