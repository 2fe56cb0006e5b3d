/** Dynamic property bags as lists of (k, v) and back; v is JSON, its null is JSON's own. */
export const bagMacros: readonly string[] = [
  `CREATE OR REPLACE MACRO kql_entries(j) AS
     CASE WHEN json_type(j) = 'OBJECT' THEN
       list_transform(range(1, len(json_keys(j)) + 1), lambda i_entry: {'k': json_keys(j)[i_entry], 'v': json_extract(j, '$.*')[i_entry]}) END`,
  `CREATE OR REPLACE MACRO kql_bag_of(l) AS
     ('{' || coalesce(array_to_string(list_transform(l, lambda e_bag: to_json(e_bag.k)::VARCHAR || ':' || coalesce(e_bag.v::VARCHAR, 'null')), ','), '') || '}')::JSON`,
  // The first of several entries with one key stays.
  `CREATE OR REPLACE MACRO kql_first_of_key(l) AS
     list_filter(l, lambda e_key, i_key: list_position(list_transform(l, lambda e_name: e_name.k), e_key.k) = i_key)`,
  "CREATE OR REPLACE MACRO kql_without_keys(l, ks) AS list_filter(l, lambda e_without: NOT list_contains(ks, e_without.k))",
  `CREATE OR REPLACE MACRO kql_put(l, key, value) AS
     CASE WHEN list_contains(list_transform(l, lambda e_has: e_has.k), key)
          THEN list_transform(l, lambda e_put: CASE WHEN e_put.k = key THEN {'k': e_put.k, 'v': value} ELSE e_put END)
          ELSE list_append(coalesce(l, []), {'k': key, 'v': value}) END`,
];
