/** Mathematics where DuckDB would end the query, and whole numbers as bits. */
export const mathMacros: readonly string[] = [
  "CREATE OR REPLACE MACRO kql_ln(x) AS CASE WHEN x > 0 THEN ln(x) WHEN x = 0 THEN '-inf'::DOUBLE WHEN isnan(x) THEN x END",
  "CREATE OR REPLACE MACRO kql_log2(x) AS CASE WHEN x > 0 THEN log2(x) WHEN x = 0 THEN '-inf'::DOUBLE WHEN isnan(x) THEN x END",
  "CREATE OR REPLACE MACRO kql_log10(x) AS CASE WHEN x > 0 THEN log10(x) WHEN x = 0 THEN '-inf'::DOUBLE WHEN isnan(x) THEN x END",
  "CREATE OR REPLACE MACRO kql_of_finite(x, y) AS CASE WHEN isfinite(x) THEN y WHEN x IS NOT NULL THEN 'nan'::DOUBLE END",
  "CREATE OR REPLACE MACRO kql_bin_decimal(x, size) AS CASE WHEN size > 0 THEN x - ((x % size) + size) % size END",
  `CREATE OR REPLACE MACRO kql_beta_pdf(x, a, b) AS
     CASE WHEN x < 0 OR x > 1 OR a <= 0 OR b <= 0 THEN 'nan'::DOUBLE
          ELSE pow(x, a - 1) * pow(1 - x, b - 1) * exp(lgamma(a + b) - lgamma(a) - lgamma(b)) END`,
  // Bits that leave at the top are lost, and the highest one that stays is the sign.
  "CREATE OR REPLACE MACRO kql_signed_bits(u) AS (CASE WHEN u >= 9223372036854775808 THEN u - 18446744073709551616 ELSE u END)::BIGINT",
  `CREATE OR REPLACE MACRO kql_bits_left(a, n) AS
     CASE WHEN n >= 0 THEN kql_signed_bits(kql_mod(a::HUGEINT, 1::HUGEINT << (64 - n % 64)) * (1::HUGEINT << (n % 64))) END`,
  "CREATE OR REPLACE MACRO kql_bits_right(a, n) AS CASE WHEN n >= 0 THEN kql_floor_div(a::HUGEINT, 1::HUGEINT << (n % 64))::BIGINT END",
];
