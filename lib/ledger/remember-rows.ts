import type { DuckDBValue } from "@duckdb/node-api";

/** Rows as arrays, in column order; shared by all who asked, so nobody changes them. */
export type Rows = readonly (readonly DuckDBValue[])[];
export type ReadRows = (sql: string, values?: readonly DuckDBValue[]) => Promise<Rows>;

/** Some megabytes: Overview over 90 days asks for about 20,000 cells. */
const CELLS_KEPT = 400_000;

/**
 * Reads that remember their answers until `forget`, which every write calls when it has ended: between two writes the same
 * question has the same answer, however many people look. Equal questions at the same time are one read. A read that was
 * under way when a write ended answers its own callers and nobody after them. The answer asked for longest ago leaves
 * first, above `cellsKept` cells.
 */
export function rememberRows(
  read: ReadRows,
  cellsKept: number = CELLS_KEPT,
): { readonly rows: ReadRows; readonly forget: () => void } {
  let kept = new Map<string, { readonly rows: Promise<Rows>; cells: number }>();
  let cells = 0;

  async function ask(key: string, sql: string, values: readonly DuckDBValue[]): Promise<Rows> {
    const asked = kept;
    const rows = read(sql, values);
    const entry = { rows, cells: 0 };
    asked.set(key, entry);
    try {
      const answer = await rows;
      if (asked === kept) {
        entry.cells = answer.length * (answer[0]?.length ?? 0) + 1;
        cells += entry.cells;
        dropOldest();
      }
      return answer;
    } catch (error) {
      asked.delete(key);
      throw error;
    }
  }

  function dropOldest(): void {
    for (const [key, entry] of kept) {
      if (cells <= cellsKept) return;
      if (entry.cells === 0) continue;
      kept.delete(key);
      cells -= entry.cells;
    }
  }

  return {
    async rows(sql, values = []) {
      const key = JSON.stringify([sql, ...values.map((value) => `${typeof value} ${String(value)}`)]);
      const known = kept.get(key);
      if (!known) return ask(key, sql, values);
      kept.delete(key);
      kept.set(key, known);
      return known.rows;
    },
    forget() {
      kept = new Map();
      cells = 0;
    },
  };
}
