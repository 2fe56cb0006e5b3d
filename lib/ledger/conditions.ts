import type { DuckDBValue } from "@duckdb/node-api";
import type { Visibility } from "../auth/principal.ts";

/** A condition in SQL with the values that it binds. */
export type Condition = { readonly sql: string; readonly values: readonly DuckDBValue[] };

type FilterEntry = { readonly include?: readonly string[]; readonly exclude?: readonly string[] };

/** What the asker may see, and the filters by column; columns come from constant lists, values are bound. */
export function keyConditions(
  sees: Visibility,
  filter: Readonly<Record<string, FilterEntry | undefined>>,
  columnOf: (dimension: string) => string,
): Condition {
  const parts: string[] = ["true"];
  const values: DuckDBValue[] = [];
  const oneOf = (column: string, wanted: readonly string[], isKept: boolean) => {
    if (wanted.length === 0) {
      if (isKept) parts.push("false");
      return;
    }
    parts.push(`${column} ${isKept ? "IN" : "NOT IN"} (${wanted.map(() => "?").join(", ")})`);
    values.push(...wanted);
  };
  if (sees.kind === "teams") oneOf("k.team", sees.teams, true);
  for (const [dimension, entry] of Object.entries(filter)) {
    if (entry?.include) oneOf(columnOf(dimension), entry.include, true);
    if (entry?.exclude) oneOf(columnOf(dimension), entry.exclude, false);
  }
  return { sql: parts.join(" AND "), values };
}

/** `VALUES` rows of labels and integers, as the text of a table with the given columns; an empty list is a table without rows. */
export function labelTable(
  name: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): Condition {
  if (rows.length === 0) {
    const nothing = columns.map((column, index) => `${index === 0 ? "NULL::VARCHAR" : "NULL::INTEGER"} AS ${column}`);
    return { sql: `(SELECT ${nothing.join(", ")} WHERE false) ${name}`, values: [] };
  }
  const text = rows.map(
    (row) => `(${row.map((value, index) => (index === 0 ? "?::VARCHAR" : Number(value))).join(", ")})`,
  );
  return {
    sql: `(VALUES ${text.join(", ")}) ${name}(${columns.join(", ")})`,
    values: rows.map((row) => row[0] ?? null),
  };
}
