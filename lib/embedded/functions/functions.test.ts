import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestEngine, testEngine } from "../evaluate.testing.ts";

let kql: TestEngine;
beforeAll(async () => {
  kql = await testEngine();
});
afterAll(() => kql.close());

/** [test id of the registry row, expression, the cell as the service sends it]. */
const SCALARS: readonly (readonly [string, string, unknown])[] = [
  ["strlen", "strlen('añb')", 3],
  ["now", "now()", "2026-03-10T12:34:56.789Z"],
  ["ago", "ago(1d)", "2026-03-09T12:34:56.789Z"],
  ["startofday", "startofday(datetime(2026-03-10 10:00), -1)", "2026-03-09T00:00:00Z"],
  ["sqrt", "sqrt(-1.0)", null],
  ["bin", "bin(-7, 5)", -10],
  ["array_length", "array_length(dynamic([1, 2]))", 2],
  ["tolong", "tolong('0x1F')", 31],
  ["iff", "iff(1 > 2, 'a', 'b')", "b"],
  ["hash_md5", "hash_md5('World')", "f5a7924e621e84c9280a9a27e1bcb7f6"],
];

/** [test id, aggregate over x = 1, 2, null, the cell]. */
const AGGREGATES: readonly (readonly [string, string, unknown])[] = [
  ["count", "count()", 3],
  ["countif", "countif(x > 1)", 1],
  ["make_list", "make_list(x)", "[1,2]"],
];

describe("scalar functions", () => {
  test.each(SCALARS)("%s: %s", async (_id, expression, expected) => {
    expect(await kql.value(expression)).toEqual(expected);
  });
});

describe("aggregation functions", () => {
  test.each(AGGREGATES)("%s: %s", async (_id, expression, expected) => {
    const rows = await kql.rows(`datatable(x:long) [1, 2, long(null)] | summarize r = ${expression}`);
    expect(rows).toEqual([[expected]]);
  });
});
