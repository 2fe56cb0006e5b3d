import type { QueryContext } from "./scope.ts";

/** Writes out each table scan with the columns that the rest of the SQL names; wide tables are costly to plan with. */
export function withScans(sql: string, query: QueryContext): string {
  return query.scans.reduce((text, { mark, items }) => {
    const read = items.filter(({ name }) => sql.includes(name));
    return text.replace(mark, () =>
      read.length === 0 ? "1 AS nothing" : read.map((item) => `${item.sql} AS ${item.name}`).join(", "),
    );
  }, sql);
}
