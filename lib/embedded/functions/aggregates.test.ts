import { specifyQueries } from "./specify.testing.ts";

const NUMBERS = "datatable(x: long, p: bool)[1, true, 2, false, long(null), true]";
const NOTHING = "datatable(x: long, d: dynamic, p: bool)[]";
const REALS = "datatable(x: real, y: real)[1.0, 14.0, 2.0, 10.0, 3.0, 17.0, 4.0, 20.0, 5.0, 50.0]";
const TEXTS = 'datatable(s: string, n: int)["b", 2, "a", 1, "b", int(null), "", 3]';
const BAGS =
  "datatable(d: dynamic, p: bool)[dynamic({'a': 1}), true, dynamic({'b': 2, 'a': 3}), false, dynamic([1]), true, dynamic(null), true]";

specifyQueries({
  count: [
    [`${NUMBERS} | summarize count()`, [3]],
    [`${NOTHING} | summarize count()`, [0]],
  ],
  countif: [[`${NUMBERS} | summarize countif(p), countif(x > 1), countif(bool(null))`, [2, 1, 0]]],
  sum: [
    [`${NUMBERS} | summarize sum(x), sum(x * 1h), sum(x * 0.5)`, [3, "03:00:00", 1.5]],
    [`${NOTHING} | summarize sum(x)`, [0]],
  ],
  sumif: [[`${NUMBERS} | summarize sumif(x, p), sumif(x, x > 5)`, [1, 0]]],
  avg: [
    [
      `${NUMBERS} | summarize avg(x), avg(x * 1h), avg(datetime(2020-01-01) + x * 1d)`,
      [1.5, "01:30:00", "2020-01-02T12:00:00Z"],
    ],
    [`${NOTHING} | summarize avg(x)`, ["NaN"]],
    ["datatable(m: decimal)[2.25, 1.0] | summarize avg(m)", ["1.625"]],
  ],
  avgif: [[`${NUMBERS} | summarize avgif(x, not(p))`, [2]]],
  min: [
    [`${NUMBERS} | summarize min(x)`, [1]],
    [`${TEXTS} | summarize min(s), min(n)`, ["", 1]],
    [`${NOTHING} | summarize min(x)`, [null]],
  ],
  minif: [[`${NUMBERS} | summarize minif(x, x > 1), minif(x, x > 5)`, [2, null]]],
  max: [[`${TEXTS} | summarize max(s), max(n)`, ["b", 3]]],
  maxif: [[`${NUMBERS} | summarize maxif(x, p)`, [1]]],
  stdev: [
    ["range x from 1 to 5 step 1 | summarize stdev(x)", [1.5811388300841898]],
    ["print x = 1 | summarize stdev(x)", [0]],
    [`${NOTHING} | summarize stdev(x)`, [0]],
  ],
  stdevif: [["range x from 1 to 100 step 1 | summarize stdevif(x, x % 2 == 0)", [29.154759474226502]]],
  stdevp: [["range x from 1 to 5 step 1 | summarize stdevp(x)", [1.4142135623730951]]],
  variance: [["range x from 1 to 5 step 1 | summarize variance(x)", [2.5]]],
  varianceif: [["range x from 1 to 100 step 1 | summarize varianceif(x, x % 2 == 0)", [850]]],
  variancep: [["range x from 1 to 5 step 1 | summarize variancep(x)", [2]]],
  variancepif: [["range x from 1 to 100 step 1 | summarize variancepif(x, x % 2 == 0)", [833]]],
  covariance: [[`${REALS} | summarize covariance(x, y)`, [20.5]]],
  covarianceif: [[`${REALS} | summarize covarianceif(x, y, x < 3)`, [-2]]],
  covariancep: [[`${REALS} | summarize covariancep(x, y)`, [16.4]]],
  covariancepif: [[`${REALS} | summarize covariancepif(x, y, x < 3)`, [-1]]],
  count_distinct: [[`${TEXTS} | summarize count_distinct(s), count_distinct(n)`, [3, 3]]],
  count_distinctif: [[`${TEXTS} | summarize count_distinctif(s, n > 1)`, [2]]],
  dcount: [[`${TEXTS} | summarize dcount(s), dcount(n, 2)`, [3, 3]]],
  dcountif: [[`${TEXTS} | summarize dcountif(s, n > 1), dcountif(s, n > 9)`, [2, 0]]],
  make_list: [
    [`${TEXTS} | summarize make_list(s), make_list(n), make_list(s, 2)`, ['["b","a","b",""]', "[2,1,3]", '["b","a"]']],
    [`${NOTHING} | summarize make_list(x)`, ["[]"]],
    [`let most = 2; ${TEXTS} | summarize make_list(s, most)`, ['["b","a"]']],
    ["datatable(t: timespan, r: real)[1h, 1.0] | summarize make_list(t), make_list(r)", ['["01:00:00"]', "[1.0]"]],
  ],
  make_list_if: [[`${TEXTS} | summarize make_list_if(s, n > 1), make_list_if(s, n > 0, 1)`, ['["b",""]', '["b"]']]],
  makelist: [
    [
      "range x from 1 to 200 step 1 | summarize array_length(makelist(x)), array_length(makeset(x)), array_length(make_list(x)), array_length(makelist(x, 150)), array_length(make_set(x))",
      [128, 128, 200, 150, 200],
    ],
    [`${TEXTS} | summarize makelist(n)`, ["[2,1,3]"]],
  ],
  make_list_with_nulls: [[`${TEXTS} | summarize make_list_with_nulls(n)`, ["[2,1,null,3]"]]],
  make_set: [
    [`${TEXTS} | summarize make_set(s), make_set(n), make_set(s, 2)`, ['["","a","b"]', "[1,2,3]", '["","a"]']],
    [`${NOTHING} | summarize make_set(x)`, ["[]"]],
    // Of arrays the set holds the elements.
    [
      "datatable(d: dynamic)[dynamic(['A1', 'A2', null]), dynamic(['A2', 'C1']), dynamic('A2'), dynamic(null), dynamic({'k': [1]}), dynamic([10, 9])] | summarize make_set(d), make_set(d, 3), make_set_if(d, false)",
      ['["A1","A2","C1",{"k":[1]},10,9]', '["A1","A2","C1"]', "[]"],
    ],
    ["datatable(r: real)[10.0, 9.5, 10.0] | summarize make_set(r)", ["[9.5,10.0]"]],
  ],
  make_set_if: [[`${TEXTS} | summarize make_set_if(s, n > 1)`, ['["","b"]']]],
  makeset: [[`${TEXTS} | summarize makeset(n)`, ["[1,2,3]"]]],
  make_bag: [
    [`${BAGS} | summarize make_bag(d)`, ['{"a":1,"b":2}']],
    [`${NOTHING} | summarize make_bag(d)`, ["{}"]],
  ],
  make_bag_if: [[`${BAGS} | summarize make_bag_if(d, not(p))`, ['{"b":2,"a":3}']]],
  make_dictionary: [[`${BAGS} | summarize make_dictionary(d)`, ['{"a":1,"b":2}']]],
  percentile: [["range x from 1 to 4 step 1 | summarize percentile(x, 50) + 1", [3]]],
  percentiles_array: [["range x from 1 to 4 step 1 | summarize percentiles_array(x, 50, 100)[1]", ["4"]]],
  take_any: [["print a = 'x' | summarize strcat(take_any(a), '!')", ["x!"]]],
  take_anyif: [["range x from 1 to 4 step 1 | summarize take_anyif(x, x == 3), take_anyif(x, x > 9)", [3, null]]],
  binary_all_and: [["datatable(n: long)[0xFF, 0x0F, long(null)] | summarize binary_all_and(n)", [15]]],
  binary_all_or: [["datatable(n: long)[0xF0, 0x0F] | summarize binary_all_or(n)", [255]]],
  binary_all_xor: [["datatable(n: long)[0xFF, 0x0F] | summarize binary_all_xor(n)", [240]]],
});
