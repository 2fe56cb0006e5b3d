/** A query that was run in this browser. */
export type PastQuery = { readonly name: string; readonly kql: string };

const KEY = "query-history";

/** What was run before, newest first; nothing when it cannot be read. */
export function readHistory(): readonly PastQuery[] {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(parsed) ? parsed.filter(isPast) : [];
  } catch {
    return [];
  }
}

/** Keeps what was run; a browser that allows no storage keeps nothing. */
export function writeHistory(queries: readonly PastQuery[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(queries));
  } catch {
    // Private windows may refuse storage; the page works without it.
  }
}

function isPast(value: unknown): value is PastQuery {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "kql" in value &&
    typeof value.kql === "string"
  );
}
