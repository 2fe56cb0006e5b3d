import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestEngine, testEngine } from "../evaluate.testing.ts";

let kql: TestEngine;
beforeAll(async () => {
  kql = await testEngine();
});
afterAll(() => kql.close());

const BAGS = `datatable(Name:string, d:dynamic)['old', dynamic({"Name":"John","Age":20}), 'old', dynamic({"Age":40})]`;
const EVENTS =
  "datatable(t:datetime, v:long, k:string)[datetime(2026-01-01 01:30), 1, 'a', datetime(2026-01-01 03:30), 2, 'a', datetime(2026-01-01 02:00), 5, 'b']";
const REALS = "datatable(x:real)[1.0, real(nan), real(null), real(+inf), -1.0]";
const PAIRS = "datatable(k:string, v:long)['a', 1, 'b', 2, 'a', 3]";
const ONE_TWO_THREE = "datatable(n:long, s:string)[1, 'a', 2, 'b', 3, 'c']";
const hours = (...clock: string[]): string => JSON.stringify(clock.map((time) => `2026-01-01T${time}:00.0000000Z`));

/** The options of operators, beside the plain form that operators.test.ts pins. */
const OPTIONS: Readonly<Record<string, readonly (readonly [query: string, rows: readonly unknown[][]])[]>> = {
  "make-series": [
    // The end of `in range` is inside, and its bins lie on multiples of the step.
    [
      `${EVENTS} | make-series s = sum(v) on t in range(datetime(2026-01-01 00:30), datetime(2026-01-01 03:00), 1h) by k | sort by k asc`,
      [
        ["a", "[0,1,0,0]", hours("00:00", "01:00", "02:00", "03:00")],
        ["b", "[0,0,5,0]", hours("00:00", "01:00", "02:00", "03:00")],
      ],
    ],
    // Without bounds every series has its own.
    [
      `${EVENTS} | make-series c = count() on t step 1h by k | sort by k asc`,
      [
        ["a", "[1,0,1]", hours("01:00", "02:00", "03:00")],
        ["b", "[1]", hours("02:00")],
      ],
    ],
    [
      `${EVENTS} | make-series c = count() on t from datetime(2026-01-01 01:30) step 1h by k | sort by k asc`,
      [
        ["a", "[1,0,1]", hours("01:30", "02:30", "03:30")],
        ["b", "[1,0]", hours("01:30", "02:30")],
      ],
    ],
    [`${ONE_TWO_THREE} | make-series p = percentile(n, 50) default = -1 on n from 1 to 5 step 2`, [["[1,3]", "[1,3]"]]],
    ["datatable(t:datetime)[] | make-series c = count() on t step 1h", []],
    [
      "datatable(t:datetime)[] | make-series kind=nonempty c = count() default = 7 on t from datetime(2026-01-01) to datetime(2026-01-01 02:00) step 1h",
      [["[7,7]", hours("00:00", "01:00")]],
    ],
  ],
  "evaluate bag_unpack": [
    [
      `${BAGS} | evaluate bag_unpack(d, columnsConflict='replace_source')`,
      [
        [20, "John"],
        [40, "old"],
      ],
    ],
    [
      `${BAGS} | evaluate bag_unpack(d, columnsConflict='keep_source')`,
      [
        [20, "old"],
        [40, "old"],
      ],
    ],
    [
      `${BAGS} | evaluate bag_unpack(d, 'p_', 'error', dynamic(['Age']))`,
      [
        ["old", "John"],
        ["old", ""],
      ],
    ],
    [`${BAGS} | project d | evaluate bag_unpack(d, ignoredProperties=dynamic(['Age'])) | where Name != ''`, [["John"]]],
  ],
  summarize: [
    // Aggregates that could give several columns, inside an expression.
    [
      `${ONE_TWO_THREE} | summarize round(percentile(n, 95) * 1.5, 1), strcat(take_any(s), '!'), take_anyif(n, n > 2), tostring(percentiles_array(n, 50, 100))`,
      [[4.5, "a!", 3, "[2,3]"]],
    ],
    ["datatable(d:dynamic)[dynamic(1), dynamic(null), dynamic(1)] | summarize dcount(d)", [[1]]],
  ],
  // A constant null is in nothing, and one row when it is expanded.
  "dynamic(null)": [
    ["print x = 20 | where x in (dynamic(null), 20)", [[20]]],
    ["print x = 'a' | where x in~ (dynamic(null))", []],
    ["print x = 'a' | where x !in (dynamic(null))", [["a"]]],
    ["print 'a' has_any (dynamic(null))", [[false]]],
    ["print x = 10 | mv-expand y = dynamic(null) to typeof(long)", [[10, null]]],
    [
      "print x = 10 | mv-apply y = dynamic(null) to typeof(long) on (summarize rows = count(), told = countif(isnotnull(y)))",
      [[10, 1, 0]],
    ],
  ],
  "top-hitters": [
    [
      "datatable(k:string, n:real)['a', 1.5, 'b', 9, 'a', 2, 'c', 1] | top-hitters 2 of k by n",
      [
        ["b", 9],
        ["a", 3.5],
      ],
    ],
  ],
  "top-nested": [
    [
      "datatable(k:string, n:long)['a', 1, 'b', 2, 'a', 3, 'c', 1] | top-nested 1 of k with others='rest' by sum(n)",
      [
        ["a", 4],
        ["rest", 3],
      ],
    ],
    [
      "datatable(k:string, j:string, n:long)['a', 'x', 1, 'b', 'x', 2, 'a', 'y', 3, 'c', 'y', 1] | top-nested 1 of k with others='rest' by sum(n), top-nested 1 of j by max(n)",
      [
        ["a", 4, "y", 3],
        ["rest", 3, "", null],
      ],
    ],
    [
      "datatable(k:string, j:string, n:long)['a', 'x', 1, 'b', 'x', 2, 'a', 'y', 3] | top-nested 1 of k by sum(n), top-nested 1 of j with others='rest' by max(n)",
      [
        ["a", 4, "y", 3],
        ["a", 4, "rest", 1],
      ],
    ],
    ["datatable(k:string)['a', 'a'] | top-nested 1 of k with others='rest' by count()", [["a", 2]]],
  ],
  "parse-kv": [
    [
      `print s="Thread Id:458, Machine : Node001, Text: The service is up, Machine:x" | parse-kv s as (Text:string, ['Thread Id']:long, Machine:string, None:long) with (pair_delimiter=',', kv_delimiter=':') | project-away s`,
      [["The service is up", 458, "Node001", null]],
    ],
    [
      `print s='src=10.1.1.123 failure=(connection aborted) (event time)=(2021-01-01 10:00:54) x' | parse-kv s as (src:string, failure:string, ['event time']:datetime) with (pair_delimiter=' ', kv_delimiter='=', quote='()') | project-away s`,
      [["10.1.1.123", "connection aborted", "2021-01-01T10:00:54Z"]],
    ],
    [
      `print s='f="the remote host sent \\\\"bye!\\\\"" t=1' | parse-kv s as (f:string, t:long) with (pair_delimiter=' ', kv_delimiter='=', quote='"', escape='\\\\') | project-away s`,
      [['the remote host sent "bye!"', 1]],
    ],
    [
      `print s='name=John Doe phone=555 5555 city=New York' | parse-kv s as (name:string, phone:string, city:string) with (pair_delimiter=' ', kv_delimiter='=', greedy=true) | project-away s`,
      [["John Doe", "555 5555", "New York"]],
    ],
    [
      `print s='name=John Doe phone=555 5555 city=New York' | parse-kv s as (name:string, phone:string) with (pair_delimiter=' ', kv_delimiter='=') | project-away s`,
      [["John", "555"]],
    ],
    // Without delimiters whatever is no letter and no digit parts.
    [
      `print s="10:00:34 [INFO] ThreadId:458, Machine:Node001, Text: 'The service \\\\' is up'" | parse-kv s as (Text:string, ThreadId:long, Machine:string) with (quote="'", escape='\\\\') | project-away s`,
      [["The service ' is up", 458, "Node001"]],
    ],
    [
      `print s="[INFO] ThreadId:458, Text: Started now" | parse-kv s as (Text:string, ThreadId:long)`,
      [["[INFO] ThreadId:458, Text: Started now", "Started", 458]],
    ],
    [
      `print s=@'["referer url: https://a.b/?h=1", "id: 24fefbca-cf27-4d62-a623-249c2ad30c73"]' | parse-kv s as (['referer url']:string, id:guid, x:string) with (regex=@'"([\\w ]+)\\s*:\\s*([^"]*)"') | project-away s`,
      [["https://a.b/?h=1", "24fefbca-cf27-4d62-a623-249c2ad30c73", ""]],
    ],
  ],
  union: [
    // The name given with `as` is the source's.
    [
      "print x = 1 | as T1 | union withsource=src (print x = 2 | as T2), (print x = 3)",
      [
        ["T1", 1],
        ["T2", 2],
        ["union_arg2", 3],
      ],
    ],
    [
      "union kind=inner withsource=src (print a = 1, b = 2, s = 'x'), (print s = 5, a = 3, c = 4) | extend d = a * 2",
      [
        ["union_arg0", 1, 2],
        ["union_arg1", 3, 6],
      ],
    ],
    ["let A = view () { print x = 1, y = 2 }; print x = 3 | union kind=inner A, (print z = 1, x = 5)", [[3], [1], [5]]],
  ],
  "mv-expand": [
    // The old spelling has a limit of its own.
    ["print a = range(1, 200) | mvexpand a | count", [[128]]],
    ["print a = range(1, 200) | mv-expand a | count", [[200]]],
    ["print a = range(1, 200) | mvexpand a limit 150 | count", [[150]]],
    // Under a sort the elements of one row stay together, in their order.
    [
      "datatable(k:long, d:dynamic)[1, dynamic([3, 1, 2]), 2, dynamic([9]), 2, dynamic([8, 7])] | sort by k | mv-expand d to typeof(long) | where k != 2 or d != 9 | project d",
      [[8], [7], [3], [1], [2]],
    ],
  ],
  // Every step works within its group.
  partition: [
    [`${PAIRS} | partition by k (count) | sort by Count asc`, [[1], [2]]],
    [`${PAIRS} | partition by k (sample 1) | count`, [[2]]],
    [`${PAIRS} | partition by k (sample-distinct 1 of v) | count`, [[2]]],
    [`${PAIRS} | partition by k (top-hitters 1 of v) | count`, [[2]]],
  ],
  "mv-apply": [
    ["print a = dynamic([1, 2]) | mv-apply x = a on (count) | project Count", [[2]]],
    [
      "datatable(k:string, d:dynamic)['p', dynamic([3, 1]), 'q', dynamic([9])] | mv-apply d on (count) | project k, Count",
      [
        ["p", 2],
        ["q", 1],
      ],
    ],
    [
      "datatable(k:long, d:dynamic)[0, dynamic([7]), 1, dynamic([6, 11, 7, 5])] | mv-apply with_itemindex=i e=d to typeof(long) on (where e != 11 | take 3) | project k, e, i",
      [
        [0, 7, 0],
        [1, 6, 0],
        [1, 7, 2],
        [1, 5, 3],
      ],
    ],
    [
      "datatable(k:long, d:dynamic)[1, dynamic([3, 1]), 2, dynamic([9, 8])] | sort by k | mv-apply e=d to typeof(long) on (take 2) | project k, e",
      [
        [2, 9],
        [2, 8],
        [1, 3],
        [1, 1],
      ],
    ],
    ["print a = dynamic([3, 1, 2]) | mv-apply a to typeof(long) on (top 2 by a)", [[3], [2]]],
    [
      "datatable(k:string, d:dynamic)['p', dynamic([3, 1]), 'q', dynamic([9, 7])] | mv-apply a = d to typeof(long) on (order by a asc) | project k, a",
      [
        ["p", 1],
        ["p", 3],
        ["q", 7],
        ["q", 9],
      ],
    ],
  ],
  sort: [
    [`${REALS} | sort by x asc`, [[null], ["NaN"], [-1], [1], ["Infinity"]]],
    [`${REALS} | sort by x`, [["Infinity"], [1], [-1], ["NaN"], [null]]],
    [`${REALS} | sort by x asc nulls last`, [[-1], [1], ["Infinity"], ["NaN"], [null]]],
    [`${REALS} | sort by x desc nulls first`, [[null], ["NaN"], ["Infinity"], [1], [-1]]],
  ],
  let: [
    ["let T = view () { datatable(a:long)[1, 2] }; T | count", [[2]]],
    ["let f = (x:real) { x / 2 }; print f(5)", [[2.5]]],
    ["let f = (n:int) { range i from 1 to n step 1 | take n }; f(3) | count", [[3]]],
  ],
  comparison: [
    // A dynamic beside a whole number keeps its fraction.
    [
      "print dynamic({'a':1.5}).a > 1, dynamic(1.5) == 1, dynamic(1) == 1, dynamic(1.5) in (1, 2), dynamic(1.5) between (1 .. 2)",
      [[true, false, true, false, true]],
    ],
    [
      "print dynamic(9007199254740993) == 9007199254740993, dynamic(9007199254740993) == 9007199254740992",
      [[true, false]],
    ],
    ["datatable(a:string)['foo bar', 'x'] | where a has_any ((datatable(b:string)['BAR']))", [["foo bar"]]],
    ["datatable(a:string)['foo bar', 'foo'] | where a has_all ((datatable(b:string)['BAR', 'foo']))", [["foo bar"]]],
  ],
  // A value with a type stands in a dynamic as tostring writes it.
  "typed values in dynamic()": [
    [
      "print dynamic({'t': datetime(1970-05-11), 'd': [1h, timespan(1d), real(1.5), datetime(2020-01-01 10:00:00.1234567), datetime(null)]}), dynamic(4h), dynamic(datetime(1960-01-01))",
      [
        [
          '{"t":"1970-05-11T00:00:00.0000000Z","d":["01:00:00","1.00:00:00",1.5,"2020-01-01T10:00:00.1234567Z",null]}',
          "04:00:00",
          "1960-01-01T00:00:00.0000000Z",
        ],
      ],
    ],
  ],
  "dynamic paths": [[`print dynamic({"":5})[''], parse_json('{"":6}')['']`, [["5", "6"]]]],
};

describe.each(Object.entries(OPTIONS))("%s", (_operator, cases) => {
  test.each(cases)("%s", async (query, rows) => {
    expect(await kql.rows(query)).toEqual(rows);
  });
});

describe("what is refused, never guessed", () => {
  test.each([
    ["sum of date-times", "datatable(t:datetime)[] | summarize sum(t)", /'sum' adds numbers and timespans/],
    ["a percentage of 101", "range x from 1 to 2 step 1 | summarize percentile(x, 101)", /between 0 and 100/],
    [
      "arguments that do not fit",
      "let f = (n:long) { range i from 1 to n step 1 }; f(datetime(null))",
      /stands where long is declared/,
    ],
    ["a value where an aggregate belongs", "datatable(a:string, n:long)[] | evaluate pivot(a, long(n))", /aggregation/],
    ["a step over all groups at once", `${PAIRS} | partition by k (top-nested 1 of v by max(v))`, /inside mv-apply/],
    ["a name for one group's rows", `${PAIRS} | partition by k (as P | extend s = toscalar(P | count))`, /'as' inside/],
    ["other rows under those of a group", `${PAIRS} | partition by k (union (print k = 'z'))`, /A union with other/],
    ["a wildcard over views", "let V_1 = view () { print x = 1 }; union V_*", /reaches the view 'V_1'/],
    [
      "a column that is there already",
      `${BAGS} | evaluate bag_unpack(d)`,
      /gives a column 'Name' that is there already/,
    ],
    ["a summarize of nothing", `${BAGS} | summarize | count`, /'?summarize'? needs an aggregate/],
    // What is wrong before the step is not asked of the data.
    [
      "a comma missing before a bag_unpack",
      `${BAGS} | summarize count() 'a' Name | extend d = pack_all() | evaluate bag_unpack(d)`,
      /Expected: ,/,
    ],
    ["an unknown name before a bag_unpack", `${BAGS} | where Nmae == 'a' | evaluate bag_unpack(d, 'p_')`, /'Nmae'/],
    ["an unknown name after a bag_unpack", `${BAGS} | evaluate bag_unpack(d, 'p_') | where p_Nmae == 'a'`, /'p_Nmae'/],
  ])("%s", async (_name, query, message) => {
    expect(await kql.refusal(query)).toMatch(message);
  });
});
