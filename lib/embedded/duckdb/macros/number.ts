/** Arithmetic that DuckDB would answer with an error or with another rounding. */
export const numberMacros: readonly string[] = [
  "CREATE OR REPLACE MACRO kql_sqrt(x) AS CASE WHEN x < 0 THEN NULL ELSE sqrt(x) END",
  "CREATE OR REPLACE MACRO kql_bin_real(x, size) AS CASE WHEN size > 0 THEN floor(x / size) * size END",
  "CREATE OR REPLACE MACRO kql_bin_long(x, size) AS CASE WHEN size > 0 THEN kql_floor_div(x, size) * size END",
  "CREATE OR REPLACE MACRO kql_long_div(a, b) AS a // nullif(b, 0)",
  "CREATE OR REPLACE MACRO kql_real_mod(a, b) AS CASE WHEN b <> 0 THEN ((a % b) + abs(b)) % abs(b) ELSE 'nan'::DOUBLE END",
  // DECIMAL(38,18) squared has no room for its digits, so one factor gives up scale.
  "CREATE OR REPLACE MACRO kql_decimal_times(a, b) AS (a::DECIMAL(28,10) * b::DECIMAL(10,8))::DECIMAL(38,18)",
  "CREATE OR REPLACE MACRO kql_mod(a, b) AS CASE WHEN b <> 0 THEN ((a % b) + abs(b)) % abs(b) END",
  "CREATE OR REPLACE MACRO kql_real_to_long(x) AS TRY_CAST(trunc(x) AS BIGINT)",
  `CREATE OR REPLACE MACRO kql_odd_text_to_long(t) AS
     CASE WHEN regexp_full_match(trim(t), '[+-]?0[xX][0-9a-fA-F]+') THEN TRY_CAST(trim(t) AS BIGINT)
          ELSE coalesce(CASE WHEN regexp_full_match(trim(t), '[+-]?\\d+') THEN TRY_CAST(trim(t) AS BIGINT) END, TRY_CAST(trunc(TRY_CAST(trim(t) AS DOUBLE)) AS BIGINT)) END`,
  // Digits alone are the common case; a cast of text with a point would round, and one with _ would pass.
  `CREATE OR REPLACE MACRO kql_text_to_long(t) AS
     CASE WHEN contains(t, '.') OR contains(t, '_') THEN kql_odd_text_to_long(t)
          ELSE coalesce(TRY_CAST(t AS BIGINT), kql_odd_text_to_long(t)) END`,
  `CREATE OR REPLACE MACRO kql_text_to_bool(t) AS
     CASE lower(trim(t)) WHEN 'true' THEN true WHEN 'false' THEN false
          ELSE CASE WHEN TRY_CAST(t AS DOUBLE) IS NOT NULL THEN TRY_CAST(t AS DOUBLE) <> 0 END END`,
  // The first value at which the running weight reaches the share of the whole; `l` is sorted.
  `CREATE OR REPLACE MACRO kql_weighted_rank(l, share) AS
     list_filter(
       list_transform(l, lambda e, i: {v: e.v, s: list_sum(list_transform(l[1:i], lambda x: x.w))}),
       lambda e: e.s >= ceil(share * list_sum(list_transform(l, lambda x: x.w))))[1].v`,
];
