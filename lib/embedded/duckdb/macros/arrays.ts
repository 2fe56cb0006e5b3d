/** Dynamic arrays as DuckDB lists and back; an element that is null is SQL NULL inside the list. */
export const arrayMacros: readonly string[] = [
  // NULL unless the value is an array.
  "CREATE OR REPLACE MACRO kql_items(j) AS TRY_CAST(j AS JSON[])",
  "CREATE OR REPLACE MACRO kql_texts(j) AS list_transform(kql_items(j), lambda e_texts: coalesce(e_texts ->> '$', ''))",
  "CREATE OR REPLACE MACRO kql_numbers(j) AS TRY_CAST(j AS DOUBLE[])",
  "CREATE OR REPLACE MACRO kql_whole_numbers(j) AS TRY_CAST(j AS BIGINT[])",
];
