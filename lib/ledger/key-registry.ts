import { BOOLEAN, type DuckDBConnection, INTEGER, VARCHAR } from "@duckdb/node-api";
import type { LedgerDatabase } from "./ledger-database.ts";

/** Numbers for rows of a key table: the same columns always have the same number. */
export type KeyRegistry<Columns extends readonly string[]> = {
  readonly idOf: (row: KeyRow<Columns>) => number;
  /** Writes the keys that are new since the last call; part of the caller's transaction. */
  readonly flush: (connection: DuckDBConnection) => Promise<void>;
  /** The transaction ended: the numbers that were given in it stand, or are forgotten, written or not. */
  readonly end: (isCommitted: boolean) => void;
};

export type KeyRow<Columns extends readonly string[]> = Readonly<Record<Columns[number], string | number | boolean>>;

/** Loads a key table. `id` is its first column; `columns` are the others in the order of the table. */
export async function openKeyRegistry<const Columns extends readonly string[]>(
  database: LedgerDatabase,
  table: string,
  columns: Columns,
): Promise<KeyRegistry<Columns>> {
  const rows = await database.rows(`SELECT id, ${columns.map(quoted).join(", ")} FROM ${table}`);
  const ids = new Map<string, number>();
  for (const [id, ...values] of rows) ids.set(JSON.stringify(values), Number(id));
  let next = rows.reduce((highest, [id]) => Math.max(highest, Number(id)), 0) + 1;
  const written: string[] = [];
  const fresh: { id: number; text: string; values: (string | number | boolean)[] }[] = [];

  return {
    idOf(row) {
      const values = columns.map((column) => row[column as Columns[number]]);
      const text = JSON.stringify(values);
      const known = ids.get(text);
      if (known !== undefined) return known;
      const id = next;
      next += 1;
      ids.set(text, id);
      fresh.push({ id, text, values });
      return id;
    },
    async flush(connection) {
      if (fresh.length === 0) return;
      const appender = await connection.createAppender(table);
      for (const { id, values } of fresh) {
        appender.appendValue(id, INTEGER);
        for (const value of values) {
          if (typeof value === "string") appender.appendValue(value, VARCHAR);
          else if (typeof value === "number") appender.appendValue(value, INTEGER);
          else appender.appendValue(value, BOOLEAN);
        }
        appender.endRow();
      }
      appender.closeSync();
      for (const { text } of fresh.splice(0)) written.push(text);
    },
    end(isCommitted) {
      const unwritten = fresh.splice(0).map(({ text }) => text);
      const given = [...written.splice(0), ...unwritten];
      for (const text of isCommitted ? unwritten : given) ids.delete(text);
    },
  };
}

function quoted(column: string): string {
  return `"${column}"`;
}
