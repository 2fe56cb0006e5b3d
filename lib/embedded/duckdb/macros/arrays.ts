/** Dynamic arrays as DuckDB lists and back; an element that is null is SQL NULL inside the list. */
export const arrayMacros: readonly string[] = [
  // NULL unless the value is an array.
  "CREATE OR REPLACE MACRO kql_items(j) AS TRY_CAST(j AS JSON[])",
  "CREATE OR REPLACE MACRO kql_texts(j) AS list_transform(kql_items(j), lambda e_texts: coalesce(e_texts ->> '$', ''))",
  // An element that is no number is NULL; a text is none even when its characters are digits, except for NaN and the infinities.
  `CREATE OR REPLACE MACRO kql_number(e) AS
     CASE WHEN json_type(e) IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT') THEN e::DOUBLE
          WHEN e IN ('"NaN"'::JSON, '"Infinity"'::JSON, '"-Infinity"'::JSON) THEN (e ->> '$')::DOUBLE END`,
  "CREATE OR REPLACE MACRO kql_numbers(j) AS list_transform(kql_items(j), lambda e_numbers: kql_number(e_numbers))",
  "CREATE OR REPLACE MACRO kql_whole_numbers(j) AS TRY_CAST(j AS BIGINT[])",
  "CREATE OR REPLACE MACRO kql_is_whole(e) AS json_type(e) IN ('BIGINT', 'UBIGINT')",
  // An array of one number, as token counts are logged, is read without a list.
  `CREATE OR REPLACE MACRO kql_sum_of_numbers(j) AS
     CASE WHEN starts_with(j, '[') THEN coalesce(
       CASE WHEN NOT contains(j, ',') THEN TRY_CAST(substring(j, 2, strlen(j) - 2) AS DOUBLE) END,
       CASE WHEN len(list_filter(kql_numbers(j), lambda n_sum: n_sum IS NULL)) = 0 THEN coalesce(list_sum(kql_numbers(j)), 0) END) END`,
  // Keeps whole numbers without a point where every number given was whole.
  `CREATE OR REPLACE MACRO kql_numbers_to_dyn(l, whole) AS
     CASE WHEN whole THEN to_json(list_transform(l, lambda n_whole: TRY_CAST(round(n_whole) AS BIGINT)))
          ELSE to_json(list_transform(l, lambda n_real: kql_real_to_dyn(n_real))) END`,
  "CREATE OR REPLACE MACRO kql_all_whole(j) AS len(list_filter(kql_items(j), lambda e_all: e_all IS NOT NULL AND NOT kql_is_whole(e_all))) = 0",
  // A place that may be counted from the end, brought into 0 .. size.
  "CREATE OR REPLACE MACRO kql_place(i, size) AS greatest(least(CASE WHEN i < 0 THEN size + i ELSE i END, size), 0)",
  `CREATE OR REPLACE MACRO kql_list_part(l, first, past) AS
     CASE WHEN past <= first THEN list_slice(l, 1, 0) ELSE list_slice(l, first + 1, past) END`,
  `CREATE OR REPLACE MACRO kql_array_slice(l, first, last) AS
     kql_list_part(l, kql_place(first, len(l)), CASE WHEN last < 0 THEN len(l) + last + 1 ELSE least(last + 1, len(l)) END)`,
  `CREATE OR REPLACE MACRO kql_rotate_left(l, n) AS
     CASE WHEN len(l) = 0 THEN l
          ELSE list_concat(list_slice(l, kql_mod(n, len(l)) + 1, len(l)), kql_list_part(l, 0, kql_mod(n, len(l)))) END`,
  `CREATE OR REPLACE MACRO kql_shift_left(l, n, fill) AS
     list_transform(range(len(l)), lambda i_shift: CASE WHEN i_shift + n < 0 OR i_shift + n >= len(l) THEN fill ELSE l[i_shift + n + 1] END)`,
  `CREATE OR REPLACE MACRO kql_split_at(l, places) AS
     list_transform(range(1, len(places)), lambda i_split: kql_list_part(l, places[i_split], places[i_split + 1]))`,
  // Numbers before texts; the place of the element keeps equal ones in their order.
  `CREATE OR REPLACE MACRO kql_sort_keys(l, sign) AS
     list_transform(l, lambda e_sort, i_sort: CASE WHEN e_sort IS NULL THEN NULL
       ELSE {'n': kql_number(e_sort), 's': CASE WHEN kql_number(e_sort) IS NULL THEN e_sort ->> '$' ELSE '' END, 'i': sign * i_sort} END)`,
  `CREATE OR REPLACE MACRO kql_sorted(l, descending) AS
     list_transform(CASE WHEN descending THEN list_reverse_sort(list_filter(kql_sort_keys(l, -1), lambda k_desc: k_desc IS NOT NULL))
       ELSE list_sort(list_filter(kql_sort_keys(l, 1), lambda k_asc: k_asc IS NOT NULL)) END, lambda k_place: abs(k_place.i))`,
  "CREATE OR REPLACE MACRO kql_null_places(l) AS list_filter(range(1, len(l) + 1), lambda i_null: l[i_null] IS NULL)",
  `CREATE OR REPLACE MACRO kql_sorted_places(l, descending, nulls_last) AS
     CASE WHEN nulls_last THEN list_concat(kql_sorted(l, descending), kql_null_places(l)) ELSE list_concat(kql_null_places(l), kql_sorted(l, descending)) END`,
  // What a dynamic adds to a set: an array its elements but nulls, anything else itself.
  `CREATE OR REPLACE MACRO kql_set_elements(j) AS
     CASE json_type(j) WHEN 'ARRAY' THEN list_filter(j::JSON[], lambda e_set: e_set IS NOT NULL AND json_type(e_set) <> 'NULL') ELSE [j] END`,
  // Distinct elements in the order of their first occurrence; very long lists are sorted instead, which the service leaves open.
  `CREATE OR REPLACE MACRO kql_distinct(l) AS
     CASE WHEN len(l) <= 4096 THEN list_filter(l, lambda e_distinct, i_distinct: list_position(l, e_distinct) = i_distinct)
          ELSE list_sort(list_distinct(l)) END`,
  `CREATE OR REPLACE MACRO kql_choose(condition) AS
     CASE json_type(condition) WHEN 'BOOLEAN' THEN condition::BOOLEAN ELSE kql_number(condition) <> 0 END`,
  // A null bound gives no length and so no array; least and greatest would leave it out.
  `CREATE OR REPLACE MACRO kql_range_size(first, last, step) AS
     CASE WHEN first IS NOT NULL AND last IS NOT NULL THEN greatest(0, least(1048576, floor((last - first) / step) + 1))::BIGINT END`,
];
