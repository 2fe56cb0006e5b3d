/** How KQL reads texts as values and numbers as texts. */
export const conversionMacros: readonly string[] = [
  // DuckDB also reads "infinity" and "nan" in every spelling, as KQL does; an empty text is no number.
  "CREATE OR REPLACE MACRO kql_text_to_real(t) AS CASE WHEN t = '' THEN NULL ELSE TRY_CAST(trim(t) AS DOUBLE) END",
  `CREATE OR REPLACE MACRO kql_text_to_guid(t) AS
     CASE WHEN regexp_full_match(trim(t), '\\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\\}?')
          THEN TRY_CAST(regexp_replace(trim(t), '[-{}]', '', 'g') AS UUID) END`,
  "CREATE OR REPLACE MACRO kql_parse_json(t) AS CASE WHEN t = '' THEN NULL WHEN json_valid(t) THEN nullif(json(t), 'null'::JSON) ELSE to_json(t) END",
  "CREATE OR REPLACE MACRO kql_hex(n) AS lower(to_hex(n))",
  "CREATE OR REPLACE MACRO kql_datetime_of_ticks(n) AS CASE WHEN n >= 0 AND n < 3155378976000000000 THEN make_timestamp(n // 10 - 62135596800000000) END",
  `CREATE OR REPLACE MACRO kql_parse_version(t) AS
     CASE WHEN regexp_full_match(t, '\\d{1,8}(\\.\\d{1,8}){0,3}') THEN
       split_part(t, '.', 1)::DECIMAL(38,0) * 1000000000000000000000000::DECIMAL(25,0)
       + coalesce(nullif(split_part(t, '.', 2), '')::DECIMAL(38,0), 0) * 10000000000000000::DECIMAL(17,0)
       + coalesce(nullif(split_part(t, '.', 3), '')::DECIMAL(38,0), 0) * 100000000::DECIMAL(9,0)
       + coalesce(nullif(split_part(t, '.', 4), '')::DECIMAL(38,0), 0) END`,
  "CREATE OR REPLACE MACRO kql_byte_power(x) AS CASE WHEN abs(x) < 1024 THEN 0 ELSE least(6, floor(log2(abs(x)) / 10))::INTEGER END",
  `CREATE OR REPLACE MACRO kql_dyn_type(j) AS
     CASE coalesce(json_type(j), 'NULL') WHEN 'NULL' THEN 'null' WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN 'dictionary'
       WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'bool' WHEN 'DOUBLE' THEN 'double'
       ELSE CASE WHEN TRY_CAST(j AS INTEGER) IS NULL THEN 'long' ELSE 'int' END END`,
  // RFC 822 and RFC 850: an optional weekday, the month by its name, a year of two or four digits, the time without seconds too.
  `CREATE OR REPLACE MACRO kql_named_date_parts(t) AS
     regexp_extract(trim(t), '(?i)^(?:[a-z]{3,9},?\\s+)?(\\d{1,2})[\\s-]([a-z]{3})[a-z]*[\\s-](\\d{4}|\\d{2})(?:\\s+(\\d{1,2}:\\d{2})(:\\d{2})?)?\\s*(?:GMT|UTC|Z)?$', ['d', 'm', 'y', 'c', 's'])`,
  `CREATE OR REPLACE MACRO kql_named_date(p) AS
     try_strptime(concat_ws(' ', p.d, p.m, CASE WHEN len(p.y) = 4 THEN p.y WHEN p.y < '50' THEN '20' || p.y ELSE '19' || p.y END,
       CASE p.c WHEN '' THEN '00:00' ELSE p.c END || CASE p.s WHEN '' THEN ':00' ELSE p.s END), '%d %b %Y %H:%M:%S')`,
  "CREATE OR REPLACE MACRO kql_zoned_text(t) AS regexp_replace(trim(t), '\\s*(GMT|UTC)$', 'Z', 'i')",
  `CREATE OR REPLACE MACRO kql_text_to_datetime(t) AS
     coalesce(
       CASE WHEN regexp_matches(trim(t), '^\\d{4}-\\d{1,2}-\\d{1,2}') THEN TRY_CAST(TRY_CAST(trim(t) AS TIMESTAMPTZ) AS TIMESTAMP) END,
       CASE WHEN regexp_matches(t, '[a-zA-Z]{3}') THEN kql_named_date(kql_named_date_parts(t)) END,
       try_strptime(kql_zoned_text(t), ['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M:%S.%f', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y',
         '%m-%d-%Y %H:%M:%S', '%m-%d-%Y', '%Y/%m/%d %H:%M:%S', '%Y/%m/%d', '%Y-%m-%dT%H:%MZ', '%Y-%m-%d %H:%MZ', '%Y-%m-%dT%H:%M', '%Y-%m-%d %H:%M', '%Y-%m',
         '%m/%d/%Y %I:%M %p', '%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p', '%Y%m%d', '%Y%m%dT%H%M%S', '%Y%m%d%H%M%S', '%Y']))`,
];
