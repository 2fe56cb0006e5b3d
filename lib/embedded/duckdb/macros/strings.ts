/** KQL's functions over text; positions count from 0 there and from 1 in DuckDB. */
export const stringMacros: readonly string[] = [
  `CREATE OR REPLACE MACRO kql_substring(s, start, n) AS
     coalesce(substr(s, (CASE WHEN start < 0 THEN greatest(length(s) + start, 0) ELSE least(start, 2000000000) END + 1)::BIGINT,
       greatest(least(n, 2000000000), 0)::BIGINT), '')`,
  // Where the searched stretch begins; a negative start counts from the end.
  "CREATE OR REPLACE MACRO kql_search_start(s, start) AS CASE WHEN start < 0 THEN greatest(length(s) + start, 0) ELSE start END",
  "CREATE OR REPLACE MACRO kql_search_part(s, start, n) AS kql_substring(s, start, CASE WHEN n = -1 THEN 2000000000 ELSE n END)",
  `CREATE OR REPLACE MACRO kql_index_of(s, needle, start, n) AS
     CASE WHEN n < -1 THEN NULL
          WHEN strpos(kql_search_part(s, start, n), needle) = 0 THEN -1
          ELSE kql_search_start(s, start) + strpos(kql_search_part(s, start, n), needle) - 1 END`,
  // The stretches between the matches and the matches themselves add up to the position of the wanted one.
  `CREATE OR REPLACE MACRO kql_regex_position(s, pattern, occurrence) AS
     CASE WHEN len(regexp_extract_all(s, pattern)) < occurrence THEN -1
          ELSE (length(array_to_string(list_slice(regexp_split_to_array(s, pattern), 1, occurrence), ''))
             + length(array_to_string(list_slice(regexp_extract_all(s, pattern), 1, occurrence - 1), '')))::BIGINT END`,
  `CREATE OR REPLACE MACRO kql_index_of_regex(s, pattern, start, n, occurrence) AS
     CASE WHEN n < -1 OR occurrence < 1 OR start < 0 THEN NULL
          WHEN kql_regex_position(kql_search_part(s, start, n), pattern, occurrence) = -1 THEN -1
          ELSE kql_search_start(s, start) + kql_regex_position(kql_search_part(s, start, n), pattern, occurrence) END`,
  `CREATE OR REPLACE MACRO kql_count_of(s, needle) AS
     CASE WHEN needle = '' THEN 0 ELSE (length(s) - length(replace(s, needle, ''))) // length(needle) END`,
  `CREATE OR REPLACE MACRO kql_count_of_overlapping(s, needle) AS
     CASE WHEN needle = '' THEN 0
          ELSE len(list_filter(range(1, length(s) - length(needle) + 2), lambda i_count: substr(s, i_count, length(needle)) = needle)) END`,
  `CREATE OR REPLACE MACRO kql_repeat_text(s, n, delimiter) AS
     CASE WHEN n > 0 THEN repeat(s || delimiter, (least(n, 1024) - 1)::BIGINT) || s ELSE '' END`,
  "CREATE OR REPLACE MACRO kql_compare_text(a, b) AS CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END",
  `CREATE OR REPLACE MACRO kql_translate(from_list, to_list, s) AS
     CASE WHEN from_list = '' THEN s
          ELSE translate(s, from_list, CASE WHEN to_list = '' THEN '' ELSE rpad(to_list, length(from_list)::INTEGER, right(to_list, 1)) END) END`,
  `CREATE OR REPLACE MACRO kql_split(s, delimiter) AS
     CASE WHEN delimiter = '' THEN [s] ELSE string_split(s, delimiter) END`,
  `CREATE OR REPLACE MACRO kql_code_points(s) AS
     CASE WHEN s = '' THEN [] ELSE list_transform(string_split(s, ''), lambda c_points: unicode(c_points)) END`,
  `CREATE OR REPLACE MACRO kql_text_of_points(l) AS
     coalesce(TRY(array_to_string(list_transform(l, lambda p_points: chr(p_points::INTEGER)), '')), '')`,
  // One record of CSV: quotes hold commas and line ends, a doubled quote is a quote.
  `CREATE OR REPLACE MACRO kql_csv_fields(s) AS
     list_transform(
       regexp_extract_all(',' || regexp_extract(s, '^(?:"(?:[^"]|"")*"|[^"\\r\\n])*'), ',("(?:[^"]|"")*"|[^,]*)', 1),
       lambda f_csv: CASE WHEN f_csv[1] = '"' THEN replace(f_csv[2:-2], '""', '"') ELSE f_csv END)`,
];
