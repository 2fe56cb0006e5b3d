/** A place in a query; both count from 1. */
export type Position = { readonly line: number; readonly column: number };

/** The line and column of an offset, counted in UTF-16 units; lines end with LF, CR LF or CR. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, Math.max(0, offset)).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
