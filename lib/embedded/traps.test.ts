import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestEngine, testEngine } from "./evaluate.testing.ts";

let kql: TestEngine;
beforeAll(async () => {
  kql = await testEngine();
});
afterAll(() => kql.close());

/**
 * Where SQL, read naively, silently means something else than KQL. Trap 1, the request's time span, stands in
 * logs-transport.test.ts because it needs a stored table.
 */
const TRAPS: readonly (readonly [name: string, query: string, rows: readonly (readonly unknown[])[]])[] = [
  [
    "trap 2: a missing string is empty, after an outer join, a union and a read of JSON too",
    `datatable(k:long, s:string)[1, "a", 2, ""]
     | join kind=leftouter (datatable(k:long, t:string)[1, "b"]) on k
     | union (print u = "c", j = tostring(parse_json('{}').x))
     | where s != "a" or t != "b" or u != "" or j != "x"
     | project n = strcat("[", s, t, u, j, "]") | sort by n asc`,
    [["[]"], ["[ab]"], ["[c]"]],
  ],
  [
    "trap 3: join is innerunique unless its kind is said",
    `datatable(k:long, a:string)[1, "x", 1, "y"] | join (datatable(k:long, b:string)[1, "p", 1, "q"]) on k | count`,
    [[2]],
  ],
  [
    "trap 3: kind=inner keeps every pair",
    `datatable(k:long, a:string)[1, "x", 1, "y"] | join kind=inner (datatable(k:long, b:string)[1, "p", 1, "q"]) on k | count`,
    [[4]],
  ],
  [
    "trap 4: == with one null is false and != is true, of two nulls both are null",
    `datatable(a:long, b:long)[1, 1, 1, long(null), long(null), long(null)]
     | project eq = a == b, ne = a != b, lt = a < b`,
    [
      [true, false, false],
      [false, true, null],
      [null, null, null],
    ],
  ],
  [
    "trap 4: a null passes != and !in",
    "datatable(a:long)[1, 2, long(null)] | where a != 1 and a !in (2) | count",
    [[1]],
  ],
  [
    "trap 5: has finds a whole term and ignores case",
    `print has1 = "gpt-4o mini" has "GPT", has2 = "gpt-4o mini" has "4o", no = "gpt-4o mini" has "min", cs = "Abc def" has_cs "abc", pre = "gpt-4o" hasprefix "gp", suf = "gpt-4o" hassuffix "4O", uni = "zażółć gęś" has "GĘŚ"`,
    [[true, true, false, false, true, true, true]],
  ],
  [
    "trap 6: long / long cuts, x / 0 is null, real / 0 is infinite or NaN",
    "print a = 7 / 2, b = -7 / 2, c = 1 / 0, d = 1.0 / 0, e = 0.0 / 0, f = 7 / 2.0",
    [[3, -3, null, "Infinity", "NaN", 3.5]],
  ],
  ["trap 7: % is never negative", "print a = -7 % 3, b = 7 % -3, c = -6 % 3, d = 1 % 0", [[2, 1, 0, null]]],
  [
    "trap 8: bin counts weeks from year 1, so they start on Mondays, and floors below zero",
    "print w = bin(datetime(2026-03-10 12:00), 7d), n = bin(-7, 5), r = bin(-1.2, 0.5), t = bin(-90m, 1h), d = bin(datetime(1969-12-31 23:30), 1h)",
    [["2026-03-09T00:00:00Z", -10, -1.5, "-02:00:00", "1969-12-31T23:00:00Z"]],
  ],
  [
    "trap 9: startofweek is the Sunday",
    "print a = startofweek(datetime(2026-03-10)), b = startofweek(datetime(2026-03-08 00:00)), c = dayofweek(datetime(2026-03-08))",
    [["2026-03-08T00:00:00Z", "2026-03-08T00:00:00Z", "00:00:00"]],
  ],
  [
    "trap 10: endofday is inside the day",
    "print endofday(datetime(2026-03-10 12:00)) < datetime(2026-03-11), endofday(datetime(2026-03-10 12:00)) > datetime(2026-03-10 23:59:59.99)",
    [[true, true]],
  ],
  [
    "trap 11: sort is descending and null is smallest",
    "datatable(x:long)[2, long(null), 3] | sort by x",
    [[3], [2], [null]],
  ],
  ["trap 11: ascending puts null first", "datatable(x:long)[2, long(null), 3] | sort by x asc", [[null], [2], [3]]],
  [
    "trap 12: to*() of what is no such value is null, and tolong cuts",
    `print a = tolong("x"), b = tolong(1.9), c = tolong(-1.9), d = toint("3000000000"), e = todouble("1e3"), f = todatetime("no"), g = tobool("maybe"), h = toguid("x")`,
    [[null, 1, -1, null, 1000, null, null, null]],
  ],
  [
    "trap 13: date-times keep microseconds",
    "print datetime(2026-03-10 12:34:56.7890123)",
    [["2026-03-10T12:34:56.789012Z"]],
  ],
  [
    "trap 14: an offset is converted to UTC",
    `print a = todatetime("2026-03-10T12:00:00+02:00"), b = datetime(2026-03-10T12:00:00-05:30)`,
    [["2026-03-10T10:00:00Z", "2026-03-10T17:30:00Z"]],
  ],
  [
    "trap 15: percentile is one of the values, the nearest rank",
    "datatable(x:long)[10, 20, 30, 40] | summarize percentile(x, 50), percentiles(x, 25, 95), percentile(x, 0)",
    [[20, 10, 40, 10]],
  ],
  [
    "trap 16: dcount counts distinct values and leaves nulls out",
    "datatable(x:long)[1, 1, 2, long(null)] | summarize dcount(x), count_distinct(x)",
    [[2, 2]],
  ],
  [
    "trap 17: the sum of nothing is 0, of the others null",
    "datatable(x:long)[] | summarize sum(x), count(), max(x), avg(x)",
    [[0, 0, null, "NaN"]],
  ],
  [
    "trap 18: the sum of longs is a long",
    "datatable(x:long)[4611686018427387904, 1] | summarize s = sum(x) | extend t = gettype(s)",
    [[4611686018427388000, "long"]],
  ],
  [
    "trap 19: a null inside a dynamic is null",
    `print d = parse_json('{"a": null, "b": [null, 1]}') | project isnull(d.a), isnull(d.b[0]), tolong(d.b[1]), isnull(d.nothing)`,
    [[true, true, 1, true]],
  ],
  [
    "trap 20: parse_json of text that is no JSON is that text, and of nothing null",
    `print a = parse_json("not json"), b = gettype(parse_json("not json")), c = isnull(parse_json(""))`,
    [["not json", "string", true]],
  ],
  [
    "trap 21: tostring writes as .NET does",
    `print a = tostring(dynamic("x")), b = tostring(true), c = tostring(1.0), d = tostring(1d + 2h + 3m + 4s + 500ms), e = tostring(-90m), f = tostring(datetime(2026-03-10)), g = tostring(long(null)), h = tostring(0.5)`,
    [["x", "True", "1", "1.02:03:04.5000000", "-01:30:00", "2026-03-10T00:00:00.0000000Z", "", "0.5"]],
  ],
  [
    "trap 22: mv-expand gives a null one row and an empty array none, and zips to the longest",
    `datatable(k:long, a:dynamic, b:dynamic)[1, dynamic([1, 2]), dynamic(["x"]), 2, dynamic(null), dynamic(null), 3, dynamic([]), dynamic([])]
     | mv-expand a to typeof(long), b to typeof(string)`,
    [
      [1, 1, "x"],
      [1, 2, ""],
      [2, null, ""],
    ],
  ],
  [
    "trap 23: make_list keeps the order and leaves nulls out, make_set is free of repeats",
    "datatable(x:long)[3, long(null), 1, 3] | sort by x asc | summarize make_list(x), array_length(make_set(x))",
    [["[1,3,3]", 2]],
  ],
  [
    "trap 24: arg_max keeps the row together and prefers a key that is there",
    `datatable(g:string, k:long, v:string)["a", 1, "one", "a", long(null), "none", "b", long(null), "only"]
     | summarize arg_max(k, v) by g | sort by g asc`,
    [
      ["a", 1, "one"],
      ["b", null, "only"],
    ],
  ],
  [
    "trap 25: the order survives extend, project and where, down to take and make_list",
    `range x from 1 to 5000 step 1 | sort by x desc | extend y = x * 2 | where y % 4 == 0 | project z = y / 4
     | take 3 | summarize make_list(z)`,
    [["[2500,2499,2498]"]],
  ],
  [
    "trap 26: a logarithm or root that does not exist is no error",
    "print a = sqrt(-1.0), b = log(-1.0), c = log(0.0), d = isfinite(log(0.0))",
    [[null, null, "-Infinity", false]],
  ],
  [
    "trap 28: names that differ by case are different columns",
    `datatable(Model:string, model:string)["a", "b"] | extend MODEL = strcat(Model, model) | project model, MODEL, Model`,
    [["b", "ab", "a"]],
  ],
  [
    "trap 28: extend reads the old value of a name it replaces",
    "datatable(a:long, b:long)[1, 2] | extend a = a + 10, c = a * 2 | project a, b, c",
    [[11, 2, 2]],
  ],
  [
    "trap 30: what is materialized is computed once",
    "let r = materialize(range i from 1 to 3 step 1 | extend v = rand()); r | join kind=inner r on i | where v == v1 | count",
    [[3]],
  ],
  [
    "trap 30: a let value of rand() is one value",
    "let r = rand(); range i from 1 to 3 step 1 | where r == r | summarize dcount(r)",
    [[1]],
  ],
];

describe("the traps", () => {
  test.each(TRAPS)("%s", async (_name, query, rows) => {
    expect(await kql.rows(query)).toEqual(rows);
  });

  test("trap 13: `now` is one instant for the whole query", async () => {
    const [row] = await kql.rows("print a = now(), b = now(-1h) | extend c = now() | project a == c, a - b");
    expect(row).toEqual([true, "01:00:00"]);
  });

  test("trap 27: a number too large for its type is an error, never another number", async () => {
    expect(await kql.refusal("print 9223372036854775807 + 1")).toMatch(/outside what its type holds/);
  });

  test("trap 29: a second result is refused", async () => {
    expect(await kql.refusal("print 1;\nprint 2")).toBe(
      "A second result in one query is not supported (line 2, column 1). Azure Log Analytics does not run it either.",
    );
  });
});
