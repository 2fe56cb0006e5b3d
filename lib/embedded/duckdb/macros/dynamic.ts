/** Dynamic values are JSON; JSON's own null is turned into SQL NULL on every read. */
export const dynamicMacros: readonly string[] = [
  // Not nullif, which would write its argument twice: a path of n steps would be 2^n expressions long.
  "CREATE OR REPLACE MACRO kql_dyn(j) AS list_filter([j], lambda v_dyn: v_dyn <> 'null'::JSON)[1]",
  // The text of a dynamic: of a string without its quotes, of anything else as JSON; null stays NULL.
  "CREATE OR REPLACE MACRO kql_dyn_text(j) AS j ->> '$'",
  "CREATE OR REPLACE MACRO kql_scalar_to_dyn(v) AS to_json(v)",
  `CREATE OR REPLACE MACRO kql_real_to_dyn(x) AS
     CASE WHEN isfinite(x) THEN to_json(x) WHEN x IS NOT NULL THEN to_json(kql_real_text(x)) END`,
  "CREATE OR REPLACE MACRO kql_array_length(j) AS CASE WHEN starts_with(j, '[') THEN json_array_length(j)::BIGINT END",
  "CREATE OR REPLACE MACRO kql_list_to_dyn(l) AS to_json(l)",
  // What mv-expand makes rows of: an array's elements, a bag's one-key bags (or [key, value] pairs), else the value itself.
  // (The cast is for a constant null, for which DuckDB forgets that the path makes a list.)
  `CREATE OR REPLACE MACRO kql_dyn_elements(j, as_pairs) AS
     CASE json_type(j)
       WHEN 'ARRAY' THEN CAST(json_extract(j, '$[*]') AS JSON[])
       WHEN 'OBJECT' THEN list_transform(json_keys(j), lambda k:
         CASE WHEN as_pairs THEN json_array(k, json_extract(j, '$."' || replace(k, '"', '\\"') || '"'))
              ELSE json_object(k, json_extract(j, '$."' || replace(k, '"', '\\"') || '"')) END)
       ELSE [j] END`,
];
