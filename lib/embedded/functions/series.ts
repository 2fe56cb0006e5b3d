import type { ScalarFunction } from "./function-types.ts";
import { script } from "./script-rows.ts";

const PAIR =
  "Element by element, of two series or of a series and a number; what is no number on either side gives null.";
const SCORE =
  "How many interquartile ranges a value lies outside; the scaling of the default kind is fitted to its one published example.";
const PERIOD =
  "Give the period to be certain: the service's own detection is not published, here the best correlation with the shifted series decides.";

/** Functions over numeric arrays such as make-series returns; DuckDB calls JavaScript where SQL has no words for it. */
export const seriesFunctions: readonly ScalarFunction[] = [
  ...["add", "subtract", "multiply", "divide", "pow"].map((name) => script(`series_${name}`, [2, 2], PAIR)),
  ...["greater", "greater_equals", "less", "less_equals", "equals", "not_equals"].map((name) =>
    script(`series_${name}`, [2, 2], `${PAIR} True or false.`),
  ),
  ...["abs", "sign", "floor", "ceiling", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"].map((name) =>
    script(`series_${name}`, [1, 1], "Element by element; what is no number gives null."),
  ),
  script(
    "series_fill_const",
    [1, 3],
    "Fills nulls, or the elements equal to the placeholder, with the constant, 0 unless given.",
  ),
  script("series_fill_forward", [1, 2], "Missing elements before the first known one stay."),
  script("series_fill_backward", [1, 2], "Missing elements after the last known one stay."),
  script(
    "series_fill_linear",
    [1, 4],
    "Between whole numbers the fraction is cut; the edges take the nearest value unless `false` is given.",
  ),
  script(
    "series_stats",
    [1, 2],
    "Several columns. Null when an element is no finite number, unless those are to be ignored.",
  ),
  script("series_stats_dynamic", [1, 2], "The figures of `series_stats` with sum and len as one bag."),
  script("series_sum", [1, 1], "Null when an element is no number."),
  script("series_product", [1, 1], "Null when an element is no number."),
  script("series_magnitude", [1, 1], "The root of the sum of squares."),
  script("series_dot_product", [2, 2], "Null unless both are numbers throughout and of equal length."),
  script("series_cosine_similarity", [2, 2], "Without the magnitudes as further arguments."),
  script("series_pearson_correlation", [2, 2], "Null unless both are numbers throughout and of equal length."),
  script("series_fit_line", [1, 1], "Several columns. x counts from 1; variances are those of a sample."),
  script("series_fit_line_dynamic", [1, 1], "The figures of `series_fit_line` as one bag."),
  script("series_fir", [2, 4], "What lies before the beginning counts as 0."),
  script("series_iir", [3, 3], "What lies before the beginning counts as 0."),
  script("series_outliers", [1, 5], SCORE),
  script("series_seasonal", [1, 2], PERIOD),
  script("series_decompose", [1, 5], `Several columns. ${PERIOD}`),
  script("series_decompose_forecast", [2, 5], `Several columns. ${PERIOD}`),
  script("series_decompose_anomalies", [1, 7], `Several columns. ${SCORE} ${PERIOD}`),
];
