import { availableParallelism, loadavg } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "./duckdb/database.ts";
import { type TestEngine, testEngine } from "./evaluate.testing.ts";

const MEMORY_LIMIT_MB = 512;
/** Longest time any of these may take, its time-out included; more where others use the same processors. */
const patienceMs = (): number => 10_000 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

let kql: TestEngine;
beforeAll(async () => {
  kql = await testEngine({
    database: await openDatabase({ path: ":memory:", memoryLimitMb: MEMORY_LIMIT_MB, threads: 2 }),
  });
  await kql.engine.warmUp();
});
afterAll(() => kql.close());

const times = (count: number, text: string): string => text.repeat(count);
const listOf = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(", ");

/** What a careless or a hostile person may type, and how it may end: 200 an answer, 400 a refusal, 504 the time-out. */
const HOSTILE: readonly (readonly [name: string, query: string, statuses: readonly number[]])[] = [
  ["a thousand million rows counted", "range x from 1 to 1000000000 step 1 | count", [200]],
  ["a thousand million rows returned", "range x from 1 to 1000000000 step 1", [200]],
  [
    "a thousand million rows aggregated",
    "range x from 1 to 1000000000 step 1 | summarize sum(x), dcount(x)",
    [400, 504],
  ],
  ["ten million values in one list", "range x from 1 to 10000000 step 1 | summarize make_list(x)", [200, 400, 504]],
  [
    "a cross join of 10^10 rows",
    "range x from 1 to 100000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 100000 step 1 | extend k = 1) on k | summarize sum(x * y)",
    [400, 504],
  ],
  ["an array of 10^9 values", "print range(1, 1000000000, 1)", [200, 504]],
  ["a text repeated 10^9 times", "print strrep('abc', 1000000000)", [200]],
  [
    "a series of 10^9 points",
    "range x from 1 to 2 step 1 | make-series count() on x from 0 to 1000000000 step 1",
    [400],
  ],
  [
    "a regular expression that backtracks elsewhere",
    "print s = strcat(strrep('a', 1000), 'b') | where s matches regex '^(a+)+$'",
    [200],
  ],
  ["a repetition that RE2 refuses", "print 'a' matches regex '((a{0,100}){0,100}){0,100}b'", [400]],
  ["5,000 brackets", `print ${times(5_000, "(")}1${times(5_000, ")")}`, [400]],
  ["a megabyte of text", `print "${times(1_000_000, "a")}"`, [400]],
  ["a case of 1,000 branches", `print case(${listOf(1_000, (index) => `rand() > ${index}, ${index}`)}, 0)`, [400]],
  ["200 functions inside each other", `print ${times(200, "strcat('a', ")}'b'${times(200, ")")}`, [200, 400]],
  ["ranges inside ranges", `print ${times(6, "range(toreal(")}1${times(6, "), 2)")}`, [200]],
  ["30 splits inside each other", `print ${times(30, "split(")}'abc'${times(30, ", ',')[0]")}`, [200]],
  ["1,000 steps", `print x = 1${times(1_000, " | extend x = x + 1")}`, [200, 400]],
  ["a list of 10,000", `print 5 in (${listOf(10_000, String)})`, [200]],
  ["a union of 500", `union ${listOf(500, () => "(print x = 1)")} | count`, [200]],
  [
    "sessions over 100,000 rows",
    "range x from 1 to 100000 step 1 | sort by x asc | extend s = row_window_session(datetime(2026-01-01) + x * 1s, 1h, 5m) | summarize dcount(s)",
    [200, 400, 504],
  ],
];

describe("hostile and careless queries end within ten seconds", () => {
  test.each(HOSTILE)("%s", { timeout: 120_000 }, async (_name, text, statuses) => {
    const started = performance.now();
    const { status, body } = await kql.engine.query({ text, timeoutMs: 5_000 });
    expect(statuses, body.slice(0, 300)).toContain(status);
    expect(performance.now() - started).toBeLessThan(patienceMs());
  });

  test("afterwards the next person is answered, and the memory of queries is within its limit", async () => {
    expect(await kql.rows("print 1 + 1")).toEqual([[2]]);
    // Beside DuckDB's share there are Node, the language service and the largest body.
    expect(process.memoryUsage().rss / 1_048_576).toBeLessThan(MEMORY_LIMIT_MB + 1_536);
  });

  test("eight at once wait for their turn and all end", { timeout: 120_000 }, async () => {
    const text = "range x from 1 to 1000000000 step 1 | summarize sum(x), dcount(x)";
    const answers = await Promise.all(Array.from({ length: 8 }, () => kql.engine.query({ text, timeoutMs: 500 })));
    expect(answers.map(({ status }) => status).filter((status) => ![400, 504].includes(status))).toEqual([]);
    expect(await kql.rows("print 1")).toEqual([[1]]);
  });
});
