import type { SavedQueryView } from "#lib/reports/load-query.ts";

/** What our own route answers to a change of the saved queries: all that the person now sees. */
export function readSaved(body: unknown): readonly SavedQueryView[] {
  return Array.isArray(body) ? (body as readonly SavedQueryView[]) : [];
}

/** True of a query that the person may change. */
export function isMine(query: SavedQueryView): boolean {
  return query.sharedBy === null;
}
