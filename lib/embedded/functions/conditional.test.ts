import { specify } from "./specify.testing.ts";

specify({
  iff: [["iff(bool(null), 1, 2)", 2]],
  iif: [['iif(true, "yes", "no")', "yes"]],
  case: [['case(1 == 2, "a", 2 == 2, "b", "c")', "b"]],
  coalesce: [
    ['coalesce(tolong("not a number"), tolong("42"), 33)', 42],
    ['coalesce("", "x")', "x"],
  ],
  isnull: [
    ["isnull(long(null))", true],
    ['isnull("")', false],
  ],
  isnotnull: [
    ["isnotnull(long(null))", false],
    ['isnotnull("")', true],
  ],
  notnull: [["notnull(1)", true]],
  isempty: [
    ['isempty("")', true],
    ["isempty(dynamic(null))", true],
  ],
  isnotempty: [['isnotempty("a")', true]],
  notempty: [['notempty("")', false]],
  max_of: [
    ["max_of(10, 1, -3, 17)", 17],
    ["max_of(1, 2.5)", 2.5],
  ],
  min_of: [["min_of(10, long(null), -3, 17)", -3]],
});
