/** KQL's rules as DuckDB macros, created at every open; DuckDB inlines them into the query. */
export const MACROS: readonly string[] = [];
