import { specify } from "./specify.testing.ts";

specify({
  pack_array: [['pack_array(1, "a", 1.5, long(null), 1h)', '[1,"a",1.5,null,"01:00:00"]']],
  array_length: [
    ['array_length(dynamic([1,2,3,"four"]))', 4],
    ["array_length(parse_json('{\"a\":1}'))", null],
  ],
  arraylength: [["arraylength(dynamic([]))", 0]],
  array_concat: [["array_concat(dynamic([1,2]), dynamic([3]))", "[1,2,3]"]],
  array_slice: [
    ["array_slice(dynamic([1,2,3]), 1, 2)", "[2,3]"],
    ["array_slice(dynamic([1,2,3,4,5]), 2, -1)", "[3,4,5]"],
    ["array_slice(dynamic([1,2,3,4,5]), -3, -2)", "[3,4]"],
    ["array_slice(dynamic([1,2,3]), 5, 6)", "[]"],
  ],
  array_split: [
    ["array_split(dynamic([1,2,3,4,5]), 2)", "[[1,2],[3,4,5]]"],
    ["array_split(dynamic([1,2,3,4,5]), dynamic([1,3]))", "[[1],[2,3],[4,5]]"],
    ["array_split(dynamic([1,2,3,4,5]), -2)", "[[1,2,3],[4,5]]"],
  ],
  array_index_of: [
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an")', 2],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]),"example",1,3)', 3],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]),"example",1,2)', -1],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]),"is",2,4)', -1],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]),"example",2,-1)', 3],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an", 1, -1, 2)', 4],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an", 1, -1, 3)', -1],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an", -3)', 4],
    ['array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "is", -4)', -1],
  ],
  array_reverse: [['array_reverse(dynamic(["this", "is"]))', '["is","this"]']],
  array_rotate_left: [
    ["array_rotate_left(dynamic([1,2,3,4,5]), 2)", "[3,4,5,1,2]"],
    ["array_rotate_left(dynamic([1,2,3,4,5]), -2)", "[4,5,1,2,3]"],
    ["array_rotate_left(dynamic([]), 2)", "[]"],
  ],
  array_rotate_right: [["array_rotate_right(dynamic([1,2,3,4,5]), 2)", "[4,5,1,2,3]"]],
  array_shift_left: [["array_shift_left(dynamic([1,2,3,4,5]), 2)", "[3,4,5,null,null]"]],
  array_shift_right: [
    ["array_shift_right(dynamic([1,2,3,4,5]), 2, -1)", "[-1,-1,1,2,3]"],
    ["array_shift_right(dynamic([1,2,3,4,5]), -2, -1)", "[3,4,5,-1,-1]"],
  ],
  array_iff: [
    ["array_iff(dynamic([true,false,true]), dynamic([1,2,3]), dynamic([4,5,6]))", "[1,5,3]"],
    ['array_iff(dynamic([1,0,50]), "yes", "no")', '["yes","no","yes"]'],
    ['array_iff(dynamic(["x", null]), 1, 0)', "[null,null]"],
    ["array_iff(dynamic([true,true,true]), dynamic([1,2]), dynamic([3,4]))", "[1,2,null]"],
  ],
  array_iif: [["array_iif(dynamic([true]), 1, 2)", "[1]"]],
  array_sum: [
    ["array_sum(dynamic([1,2,3,4]))", 10],
    ['array_sum(dynamic([1,"a"]))', null],
  ],
  zip: [
    ["zip(dynamic([1,3,5]), dynamic([2,4,6]))", "[[1,2],[3,4],[5,6]]"],
    ['zip(dynamic(["A", 1, 1.5]), dynamic([{}, "B"]))', '[["A",{}],[1,"B"],[1.5,null]]'],
  ],
  repeat: [
    ["repeat(1, 3)", "[1,1,1]"],
    ['repeat("a", 0)', "[]"],
    ['repeat("a", -1)', null],
  ],
  range: [
    ["range(4, 8, 2)", "[4,6,8]"],
    ["range(long(null), 2)", null],
    ["range(4, 1, -1)", "[4,3,2,1]"],
    ["range(1.0, 2.0, 0.5)", "[1.0,1.5,2.0]"],
    [
      "range(datetime(2020-01-01), datetime(2020-01-02), 1d)",
      '["2020-01-01T00:00:00.0000000Z","2020-01-02T00:00:00.0000000Z"]',
    ],
    ["range(1h, 3h)", '["01:00:00","02:00:00","03:00:00"]'],
  ],
  array_sort_asc: [
    ["array_sort_asc(dynamic([1,3,4,5,2]))", "[1,2,3,4,5]"],
    ['array_sort_asc(dynamic([null,"blue","yellow","green",null]), false)', '[null,null,"blue","green","yellow"]'],
    ['array_sort_asc(dynamic([3,1,2]), dynamic(["c","a","b"]))[1]', '["a","b","c"]'],
  ],
  array_sort_desc: [
    ["array_sort_desc(dynamic([10,9,null,2]))", "[10,9,2,null]"],
    ['array_sort_desc(dynamic([null,"blue","yellow","green",null]))', '["yellow","green","blue",null,null]'],
    ['array_sort_desc(dynamic([1,3,2]), dynamic(["a","b"]))[1]', null],
  ],
  set_union: [["set_union(dynamic([1,2,3]), dynamic([3,4]))", "[1,2,3,4]"]],
  set_intersect: [["set_intersect(dynamic([1,2,3,2]), dynamic([3,2]), dynamic([2]))", "[2]"]],
  set_difference: [
    ["set_difference(dynamic([1,2,3]), dynamic([1,2,3]))", "[]"],
    ["set_difference(dynamic([4,1,2,4]), dynamic([1]), dynamic([2]))", "[4]"],
  ],
  set_has_element: [
    ['set_has_element(dynamic(["this","is"]), "is")', true],
    ["set_has_element(dynamic([1,2]), 3)", false],
  ],
  set_equals: [["set_equals(dynamic([1,2,2]), dynamic([2,1]))", true]],
  jaccard_index: [["jaccard_index(dynamic([1,2,3]), dynamic([1,2,3,4,4,4]))", 0.75]],
  bag_pack: [
    [
      'bag_pack("Level", "Information", "ProcessID", 1234, "Data", bag_pack("url", "www.bing.com"))',
      '{"Level":"Information","ProcessID":1234,"Data":{"url":"www.bing.com"}}',
    ],
  ],
  pack: [['pack("a", 1)', '{"a":1}']],
  pack_dictionary: [['pack_dictionary("a", long(null))', '{"a":null}']],
  bag_pack_columns: [['toscalar(print a = 1, b = "x" | project bag_pack_columns(a, b))', '{"a":1,"b":"x"}']],
  bag_keys: [
    ['bag_keys(dynamic({"a":1,"b":2}))', '["a","b"]'],
    ['bag_keys(parse_json("[1]"))', null],
  ],
  bag_merge: [["bag_merge(dynamic({'A1':12, 'B1':2}), dynamic({'A2':81, 'A1':1}))", '{"A1":12,"B1":2,"A2":81}']],
  bag_has_key: [
    ["bag_has_key(dynamic({'key1':{'prop1':1}, 'n':null}), '$.key1.prop1')", true],
    ["bag_has_key(dynamic({'n':null}), 'n')", true],
    ["bag_has_key(dynamic({'n':null}), 'x')", false],
  ],
  bag_remove_keys: [
    [
      "bag_remove_keys(dynamic({'key1': 123, 'key2': {'prop1': 'abc', 'prop2': 'xyz'}, 'key3': [100, 200]}), dynamic(['$.key2.prop1', 'key3']))",
      '{"key1":123,"key2":{"prop2":"xyz"}}',
    ],
  ],
  bag_set_key: [
    ["bag_set_key(dynamic({'key1': 123}), '$.key2.prop1', 'abc')", '{"key1":123,"key2":{"prop1":"abc"}}'],
    ["bag_set_key(dynamic({'key1': 1, 'key3':'abc'}), 'key3', 3)", '{"key1":1,"key3":3}'],
  ],
  bag_zip: [['bag_zip(dynamic(["a","b",3]), dynamic([1]))', '{"a":1,"b":null}']],
  treepath: [
    [
      'treepath(parse_json(\'{"prop1":[1,{"a":2}], "prop2":"x"}\'))',
      "[\"['prop1']\",\"['prop1'][0]\",\"['prop1'][1]\",\"['prop1'][1]['a']\",\"['prop2']\"]",
    ],
  ],
  dynamic_to_json: [
    [
      "dynamic_to_json(dynamic({'Y10':dynamic({}), 'A14':[15, 13.0], 'B':{'d':1,'c':2}}))",
      '{"A14":[15,13.0],"B":{"c":2,"d":1},"Y10":{}}',
    ],
  ],
});
