/** A query kept in this browser. */
export type StoredQuery = { readonly name: string; readonly kql: string };

/** What was kept under a name; nothing when it cannot be read. */
export function readStored(shelf: "history" | "saved"): readonly StoredQuery[] {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(`query-${shelf}`) ?? "[]");
    return Array.isArray(parsed) ? parsed.filter(isStored) : [];
  } catch {
    return [];
  }
}

/** Keeps queries under a name; a browser that allows no storage keeps nothing. */
export function writeStored(shelf: "history" | "saved", queries: readonly StoredQuery[]): void {
  try {
    localStorage.setItem(`query-${shelf}`, JSON.stringify(queries));
  } catch {
    // Private windows may refuse storage; the page works without it.
  }
}

function isStored(value: unknown): value is StoredQuery {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "kql" in value &&
    typeof value.kql === "string"
  );
}
