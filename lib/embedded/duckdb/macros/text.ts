/** How KQL writes values as text. */
export const textMacros: readonly string[] = [
  "CREATE OR REPLACE MACRO kql_bool_text(b) AS CASE b WHEN true THEN 'True' WHEN false THEN 'False' ELSE '' END",
  "CREATE OR REPLACE MACRO kql_datetime_text(ts) AS strftime(ts, '%Y-%m-%dT%H:%M:%S.%f') || '0Z'",
  // [-][d.]hh:mm:ss[.fffffff]
  `CREATE OR REPLACE MACRO kql_timespan_text(t) AS
     CASE WHEN t < 0 THEN '-' ELSE '' END
     || CASE WHEN abs(t) >= 864000000000 THEN (abs(t) // 864000000000)::VARCHAR || '.' ELSE '' END
     || lpad((abs(t) // 36000000000 % 24)::VARCHAR, 2, '0') || ':' || lpad((abs(t) // 600000000 % 60)::VARCHAR, 2, '0')
     || ':' || lpad((abs(t) // 10000000 % 60)::VARCHAR, 2, '0')
     || CASE WHEN abs(t) % 10000000 <> 0 THEN '.' || lpad((abs(t) % 10000000)::VARCHAR, 7, '0') ELSE '' END`,
  // The digits of a number with sixteen places before the point; DuckDB writes an exponent from the next place on.
  `CREATE OR REPLACE MACRO kql_exponent_text(digits, negative) AS
     CASE WHEN negative THEN '-' ELSE '' END || digits[1] || CASE WHEN length(digits) > 1 THEN '.' || digits[2:] ELSE '' END || 'E+15'`,
  // A whole number without its ".0"; NaN and the infinities as the service spells them.
  `CREATE OR REPLACE MACRO kql_real_text(x) AS
     CASE WHEN isnan(x) THEN 'NaN' WHEN x = 'inf'::DOUBLE THEN 'Infinity' WHEN x = '-inf'::DOUBLE THEN '-Infinity'
          WHEN abs(x) >= 1e15 AND abs(x) < 1e16 THEN kql_exponent_text(rtrim(abs(x)::DECIMAL(16,0)::VARCHAR, '0'), x < 0)
          ELSE regexp_replace(regexp_replace(x::VARCHAR, '\\.0$', ''), '(\\.0)?e', 'E') END`,
  `CREATE OR REPLACE MACRO kql_decimal_text(x) AS
     regexp_replace(regexp_replace(x::VARCHAR, '(\\.\\d*?)0+$', '\\1'), '\\.$', '')`,
  // A term stands alone where it begins or ends with a letter or digit.
  `CREATE OR REPLACE MACRO kql_term_pattern(n, starts, ends) AS
     CASE WHEN starts AND regexp_matches(n, '^[\\pL\\pN]') THEN '(?:^|[^\\pL\\pN])' ELSE '' END || regexp_escape(n)
     || CASE WHEN ends AND regexp_matches(n, '[\\pL\\pN]$') THEN '(?:$|[^\\pL\\pN])' ELSE '' END`,
];
