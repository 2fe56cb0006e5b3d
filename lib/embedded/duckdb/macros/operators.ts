/** What the tabular operators need beside the functions. */
export const operatorMacros: readonly string[] = [
  "CREATE OR REPLACE MACRO kql_ticks(ts) AS epoch_us(ts) * 10 + 621355968000000000",
  "CREATE OR REPLACE MACRO kql_from_ticks(t) AS make_timestamp(((t) - 621355968000000000) // 10)",
  `CREATE OR REPLACE MACRO kql_series_length(n) AS
     CASE WHEN n > 1048576 THEN error('A series has more than 1,048,576 points: choose a longer step.')::BIGINT
          ELSE greatest(0, coalesce(n, 0))::BIGINT END`,
  `CREATE OR REPLACE MACRO kql_bin_datetime_from(ts, size, start) AS
     kql_from_ticks(kql_ticks(start) + kql_floor_div(kql_ticks(ts) - kql_ticks(start), size) * size)`,
  // pack_all(true) leaves out what holds nothing.
  `CREATE OR REPLACE MACRO kql_bag_without_empty(j) AS
     coalesce((SELECT json_group_object(e.key, e.value) FROM json_each(j) AS e WHERE e.value::VARCHAR NOT IN ('null', '""', '[]', '{}')), '{}'::JSON)`,
  // The elements of an array as texts, as `in` and `has_any` compare them; a value that is no array is its own only element.
  // (The cast is for a constant null, for which DuckDB forgets that the path makes a list.)
  `CREATE OR REPLACE MACRO kql_dyn_texts(j) AS
     CASE WHEN json_type(j) = 'ARRAY' THEN list_filter(json_extract_string(j, '$[*]')::VARCHAR[], lambda x: x IS NOT NULL)
          WHEN j IS NULL THEN []::VARCHAR[] ELSE [j ->> '$'] END`,
  // A bag's member by a name, and an array's element by a number, that are known only in the row.
  `CREATE OR REPLACE MACRO kql_dyn_member(j, name) AS
     CASE WHEN json_type(j) = 'OBJECT' THEN kql_dyn(json_extract(j, CASE WHEN name = '' THEN '/' ELSE '$."' || replace(name, '"', '\\"') || '"' END)) END`,
  `CREATE OR REPLACE MACRO kql_dyn_at(j, i) AS
     CASE WHEN json_type(j) = 'ARRAY' THEN
       CASE WHEN i < 0 THEN kql_dyn(json_extract(j, '$[#-' || (-(i))::VARCHAR || ']')) ELSE kql_dyn(json_extract(j, '$[' || (i)::VARCHAR || ']')) END
     END`,
];
