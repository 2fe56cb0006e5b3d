import { randomUUID } from "node:crypto";
import type { QueryContext, Selection } from "./scope.ts";

/** Puts a list of columns into the SQL as a mark, to be written out with those that the rest of the SQL names. */
export function selection(query: QueryContext, list: Omit<Selection, "mark">): string {
  const mark = `columns_${randomUUID()}`;
  query.selections.push({ ...list, mark });
  return mark;
}

/**
 * Writes out the marked lists. A wide table or a parsed document that nobody reads would be planned for all the same; later
 * lists go first, because what they drop may be all that read an earlier one.
 */
export function withSelections(sql: string, query: QueryContext): string {
  return query.selections.reduceRight((text, { mark, items, lead, none }) => {
    if (!text.includes(mark)) return text;
    const read = items.filter(({ name }) => text.includes(name));
    const list =
      read.length === 0
        ? none
        : `${lead}${read.map((item) => `${typeof item.sql === "string" ? item.sql : item.sql(text)} AS ${item.name}`).join(", ")}`;
    return text.replaceAll(mark, () => list);
  }, sql);
}
