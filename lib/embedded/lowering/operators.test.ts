import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestEngine, testEngine } from "../evaluate.testing.ts";
import { TABULAR_OPERATORS } from "./operators/operator-registry.ts";
import { TUPLE_AGGREGATES } from "./operators/tuple-aggregates.ts";
import { SPECIAL_CALLS } from "./special-calls.ts";
import { WINDOW_FUNCTIONS } from "./window-calls.ts";

let kql: TestEngine;
beforeAll(async () => {
  kql = await testEngine();
});
afterAll(() => kql.close());

const LETTERS = "datatable(k: string, v: long) ['a', 1, 'a', 2, 'b', 3]";
const ONE_TO_FOUR = "range x from 1 to 4 step 1";

/** A query for each test id of the registries, and its rows worked out by hand. */
const SPECIFICATIONS: Readonly<Record<string, readonly [query: string, rows: readonly unknown[][]]>> = {
  print: ["print a = 1, b = 'x'", [[1, "x"]]],
  range: ["range x from 1 to 5 step 2", [[1], [3], [5]]],
  take: [`${LETTERS} | take 2 | count`, [[2]]],
  count: [`${LETTERS} | count`, [[3]]],
  assert: ["print x = assert(1 < 2, 'never')", [[true]]],
  bin_auto: ["set query_bin_auto_size = 2; print x = 5 | project bin_auto(x)", [[4]]],
  column_names_of: [`let T = ${LETTERS}; print column_names_of(T)`, [['["k","v"]']]],
  "table()": [`let T = ${LETTERS}; T | count`, [[3]]],
  where: [`${LETTERS} | where v > 1 and k == 'a'`, [["a", 2]]],
  "trap 11: sort": [`${LETTERS} | sort by v | project v`, [[3], [2], [1]]],
  top: [`${LETTERS} | top 1 by v asc`, [["a", 1]]],
  distinct: [`${LETTERS} | distinct k | order by k asc`, [["a"], ["b"]]],
  sample: [`${LETTERS} | sample 2 | count`, [[2]]],
  "sample-distinct": [`${LETTERS} | sample-distinct 5 of k | count`, [[2]]],
  extend: ["print a = 1 | extend b = a + 1, a = a * 2", [[2, 2]]],
  project: [`${LETTERS} | where v == 3 | project w = v * 2, k`, [[6, "b"]]],
  "project-away": ["print a = 1, b_1 = 2, b_2 = 3 | project-away b_*", [[1]]],
  "project-keep": ["print a = 1, b_1 = 2, b_2 = 3 | project-keep b_*", [[2, 3]]],
  "project-reorder": ["print a = 1, b = 2 | project-reorder b", [[2, 1]]],
  "project-rename": ["print a = 1 | project-rename z = a | extend y = z", [[1, 1]]],
  serialize: [`${ONE_TO_FOUR} | serialize r = row_number() | where x == 3`, [[3, 3]]],
  summarize: [
    `${LETTERS} | summarize count(), sum(v) by k | order by k asc`,
    [
      ["a", 2, 3],
      ["b", 1, 3],
    ],
  ],
  "trap 3: join": [`datatable(k: string) ['a', 'a'] | join (${LETTERS}) on k | count`, [[2]]],
  lookup: [`print k = 'b' | lookup (${LETTERS}) on k`, [["b", 3]]],
  union: [
    "union (print a = 1), (print b = 'x') | order by a asc",
    [
      [null, "x"],
      [1, ""],
    ],
  ],
  "trap 22: mv-expand": [
    "datatable(a: long, l: dynamic) [1, dynamic([10, 20]), 2, dynamic([])] | mv-expand l to typeof(long)",
    [
      [1, 10],
      [1, 20],
    ],
  ],
  "mv-apply": [
    "print l = dynamic([3, 1, 2]) | mv-apply x = l to typeof(long) on (summarize s = sum(x)) | project s",
    [[6]],
  ],
  partition: [`${LETTERS} | partition by k (summarize s = max(v)) | order by s asc`, [[2], [3]]],
  "make-series": [
    `${LETTERS} | make-series s = sum(v) default = 0 on v from 0 to 4 step 1 | project s`,
    [["[0,1,2,3]"]],
  ],
  parse: ["print s = 'a=1, b=x' | parse s with 'a=' a: long ', b=' b | project a, b", [[1, "x"]]],
  "parse-where": ["datatable(s: string) ['a=1', 'x'] | parse-where s with 'a=' a: long | project a", [[1]]],
  "parse-kv": [
    "print s = 'a=1;b=x' | parse-kv s as (a: long, b: string) with (pair_delimiter=';', kv_delimiter='=') | project a, b",
    [[1, "x"]],
  ],
  search: [`${LETTERS} | search 'b' | project k, v`, [["b", 3]]],
  evaluate: ["print d = dynamic({'x': 1, 'y': 'q'}) | evaluate bag_unpack(d)", [[1, "q"]]],
  "top-hitters": [`${LETTERS} | top-hitters 1 of k`, [["a", 2]]],
  "top-nested": [`${LETTERS} | top-nested 1 of k by count()`, [["a", 2]]],
  render: ["print a = 1 | render table", [[1]]],
  as: [`${LETTERS} | as T | union T | count`, [[6]]],
  getschema: ["print a = 1 | getschema | project ColumnName, ColumnType", [["a", "long"]]],
  "trap 30: materialize": ["let r = materialize(print x = rand()); r | join kind=inner r on x | count", [[1]]],
  invoke: [`let f = (T: (v: long)) { T | summarize max(v) }; ${LETTERS} | invoke f()`, [[3]]],
  "trap 24: arg_max": [
    `${LETTERS} | summarize arg_max(v, *) by k | order by k asc`,
    [
      ["a", 2],
      ["b", 3],
    ],
  ],
  take_any: ["print a = 1, b = 'x' | summarize take_any(a, b)", [[1, "x"]]],
  "trap 15: percentile": [`${ONE_TO_FOUR} | summarize percentiles(x, 50, 100)`, [[2, 4]]],
  percentilesw: ["datatable(x: long, w: long) [1, 1, 2, 9] | summarize percentilesw(x, w, 5, 50)", [[1, 2]]],
  not: ["print not(true), not(1 > 2)", [[false, true]]],
  column_ifexists: ["print a = 1 | project column_ifexists('a', 0), column_ifexists('b', 7)", [[1, 7]]],
  pack_all: ["print a = 1, b = 'x' | project pack_all()", [['{"a":1,"b":"x"}']]],
  row_number: [`${ONE_TO_FOUR} | serialize | extend r = row_number(10) | where x == 2 | project r`, [[11]]],
  "prev and next": [
    `${ONE_TO_FOUR} | serialize | project prev(x), next(x, 1, 0)`,
    [
      [null, 2],
      [1, 3],
      [2, 4],
      [3, 0],
    ],
  ],
  row_cumsum: [`${ONE_TO_FOUR} | serialize | project row_cumsum(x)`, [[1], [3], [6], [10]]],
  row_rank: [
    "datatable(a: long) [5, 5, 7] | order by a asc | project row_rank_dense(a), row_rank_min(a)",
    [
      [1, 1],
      [1, 1],
      [2, 3],
    ],
  ],
  row_window_session: [
    "datatable(t: datetime) [datetime(2026-01-01), datetime(2026-01-01 00:03), datetime(2026-01-01 00:20)] | sort by t asc | extend s = row_window_session(t, 1h, 5m) | summarize count() by s | order by s asc | project count_",
    [[2], [1]],
  ],
};

test.each(Object.entries(SPECIFICATIONS))("%s", async (_, [query, rows]) => {
  expect(await kql.rows(query)).toEqual(rows);
});

/** Rows that need stored tables: the goldens of the last-data questions ask them. */
const ELSEWHERE = ["ingestion_time"];

test("every operator of the registries has its test", () => {
  const rows = [...TABULAR_OPERATORS(), ...TUPLE_AGGREGATES.values(), ...SPECIAL_CALLS, ...WINDOW_FUNCTIONS];
  const untested = rows.filter((row) => !(row.test in SPECIFICATIONS) && !ELSEWHERE.includes(row.test));
  expect(untested.map(({ name }) => name)).toEqual([]);
});
