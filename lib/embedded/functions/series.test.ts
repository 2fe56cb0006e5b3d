import { specify } from "./specify.testing.ts";

specify({
  series_add: [["series_add(dynamic([1,2,4]), dynamic([4,2,1]))", "[5,4,5]"]],
  series_subtract: [["series_subtract(dynamic([1,2]), 1.5)", "[-0.5,0.5]"]],
  series_multiply: [["series_multiply(10, dynamic([1,null,3]))", "[10,null,30]"]],
  series_divide: [
    ["series_divide(dynamic([1,2,4]), dynamic([4,2,1]))", "[0.25,1.0,4.0]"],
    ["series_divide(dynamic([1]), dynamic([0]))", '["Infinity"]'],
  ],
  series_pow: [["series_pow(dynamic([1,2,3]), 2)", "[1.0,4.0,9.0]"]],
  series_greater: [["series_greater(dynamic([1,2,4]), dynamic([4,2]))", "[false,false,null]"]],
  series_greater_equals: [["series_greater_equals(dynamic([1.5,-2]), 1.5)", "[true,false]"]],
  series_less: [["series_less(dynamic([1,2]), 2)", "[true,false]"]],
  series_less_equals: [["series_less_equals(dynamic([1,2]), 1)", "[true,false]"]],
  series_equals: [["series_equals(dynamic([1,2,4]), dynamic([4,2,1]))", "[false,true,false]"]],
  series_not_equals: [["series_not_equals(dynamic([1,2]), dynamic([1,3]))", "[false,true]"]],
  series_abs: [["series_abs(dynamic([-6.5,0,8]))", "[6.5,0.0,8.0]"]],
  series_sign: [["series_sign(dynamic([-6,0,8]))", "[-1,0,1]"]],
  series_floor: [["series_floor(dynamic([-1.5,2.5]))", "[-2.0,2.0]"]],
  series_ceiling: [["series_ceiling(dynamic([-1.5,2.5]))", "[-1.0,3.0]"]],
  series_exp: [["series_exp(dynamic([0]))", "[1.0]"]],
  series_log: [["series_log(dynamic([1,-1]))", "[0.0,null]"]],
  series_sin: [["series_sin(dynamic([0]))", "[0.0]"]],
  series_cos: [["series_cos(dynamic([0]))", "[1.0]"]],
  series_tan: [["series_tan(dynamic([0]))", "[0.0]"]],
  series_asin: [["series_asin(dynamic([0,2]))", "[0.0,null]"]],
  series_acos: [["series_acos(dynamic([1,2]))", "[0.0,null]"]],
  series_atan: [['series_atan(dynamic([0,"x"]))', "[0.0,null]"]],
  series_fill_const: [
    ["series_fill_const(dynamic([111,null,36]), 0.0)", "[111,0.0,36]"],
    ["series_fill_const(dynamic([111,null,36]), -1)", "[111,-1,36]"],
    ["series_fill_const(dynamic([0,1]), 5, 0)", "[5,1]"],
  ],
  series_fill_forward: [["series_fill_forward(dynamic([null,1,null,3,null]))", "[null,1,1,3,3]"]],
  series_fill_backward: [["series_fill_backward(dynamic([null,1,null,3,null]))", "[1,1,3,3,null]"]],
  series_fill_linear: [
    [
      "series_fill_linear(dynamic([null, 111, null, 36, 41, null, null, 16, 61, 33, null, null]))",
      "[111,111,73,36,41,32,24,16,61,33,33,33]",
    ],
    ["series_fill_linear(dynamic([null, 111.0, null, 36.0]), double(null), false)", "[null,111.0,73.5,36.0]"],
    ["series_fill_linear(dynamic([null, null]))", "[0.0,0.0]"],
    ["series_fill_linear(dynamic([null, null]), double(null), true, 3.14159)", "[3.14159,3.14159]"],
  ],
  series_stats: [
    ["series_stats(dynamic([23, 46, 23, 87, 4, 8, 3, 75, 2, 56, 13, 75, 32, 16, 29]))[1]", 8],
    ["series_stats(dynamic([2, 4]))[6]", 2],
    ["series_stats(dynamic([2, null, 4]))[0]", null],
    ["series_stats(dynamic([2, null, 4]), true)[2]", 4],
  ],
  series_stats_dynamic: [
    ["series_stats_dynamic(dynamic([23, 46, 23, 87, 4, 8, 3, 75, 2, 56, 13, 75, 32, 16, 29])).len", "15"],
  ],
  series_sum: [["series_sum(dynamic([1,2,3]))", 6]],
  series_product: [["series_product(dynamic([1,2,4]))", 8]],
  series_magnitude: [["series_magnitude(dynamic([3,4]))", 5]],
  series_dot_product: [["series_dot_product(dynamic([1,2]), dynamic([3,4]))", 11]],
  series_cosine_similarity: [["round(series_cosine_similarity(dynamic([-1,2]), dynamic([1,-2])), 9)", -1]],
  series_pearson_correlation: [["series_pearson_correlation(dynamic([1,2,3,4,5]), dynamic([2,4,6,8,10]))", 1]],
  series_fit_line: [
    ["series_fit_line(dynamic([2, 4, 6]))[1]", 2],
    ["series_fit_line(dynamic([2, 4, 6]))[4]", 0],
  ],
  series_fit_line_dynamic: [["series_fit_line_dynamic(dynamic([1,2,3])).slope", "1.0"]],
  series_fir: [
    ["series_fir(dynamic([0,0,10,0,0]), dynamic([1,1]))", "[0.0,0.0,5.0,5.0,0.0]"],
    ["series_fir(dynamic([0,2,3]), dynamic([1,-1]), false, false)", "[0.0,2.0,1.0]"],
    ["series_fir(dynamic([0,0,3,0,0]), dynamic([1,1,1]), true, true)", "[0.0,1.0,1.0,1.0,0.0]"],
  ],
  series_iir: [["series_iir(dynamic([1,1,1]), dynamic([1]), dynamic([1,-1]))", "[1.0,2.0,3.0]"]],
  series_outliers: [
    [
      "series_outliers(dynamic([30,28,5,27,31,38,29,80,25,37,30]))",
      "[0.0,0.0,-3.206896551724138,-0.1724137931034483,0.0,2.6666666666666665,0.0,16.666666666666668,-0.4482758620689655,2.3333333333333335,0.0]",
    ],
    [
      'series_outliers(dynamic([1,2,3,4,5,6,7,8,9,100]), "tukey")',
      "[-0.5,-0.2777777777777778,-0.05555555555555555,0.0,0.0,0.0,0.0,0.05555555555555555,0.2777777777777778,20.5]",
    ],
  ],
  series_seasonal: [
    [
      "series_seasonal(dynamic([2, 5, 3, 4, 3, 2, 1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 3, 2, 1]))",
      "[1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0]",
    ],
    [
      "series_seasonal(dynamic([8, 12, 14, 12, 10, 10, 12, 14, 12, 10, 10, 12, 14, 12, 10, 10, 12, 14, 12, 10]))",
      "[10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0]",
    ],
    [
      "series_seasonal(dynamic([1, 3, 5, 2, 4, 6, 1, 3, 5, 2, 4, 6]))",
      "[0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]",
    ],
    ["series_seasonal(dynamic([1,3,5,1,3,5,2,4,6]), 3)", "[1.0,3.0,5.0,1.0,3.0,5.0,1.0,3.0,5.0]"],
  ],
  series_decompose: [
    ['series_decompose(dynamic([1,2,3,4]), 0, "linefit")[0]', "[1.0,2.0,3.0,4.0]"],
    ['series_decompose(dynamic([1,2,1,2,1,2]), 2, "none")[1]', "[1.0,2.0,1.0,2.0,1.0,2.0]"],
  ],
  series_decompose_forecast: [["series_decompose_forecast(dynamic([1,2,3,0,0]), 2, 0)[0]", "[1.0,2.0,3.0,4.0,5.0]"]],
  series_decompose_anomalies: [
    ["series_decompose_anomalies(dynamic([10,11,10,12,11,10,50,11,10,12]), 1.5, 0)[0]", "[0,0,0,0,0,0,1,0,0,0]"],
    ["series_decompose_anomalies(dynamic([1,2,null]), 1.5, 0)[0]", null],
  ],
});
