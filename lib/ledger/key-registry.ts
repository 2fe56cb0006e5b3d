import type { DuckDBConnection } from "@duckdb/node-api";
import type { LedgerDatabase } from "./ledger-database.ts";
import { type StagedColumn, stageRows } from "./stage-rows.ts";

/** Numbers for rows of a key table: the same columns always have the same number. */
export type KeyRegistry<Columns extends readonly string[]> = {
  readonly idOf: (row: KeyRow<Columns>) => number;
  /** The same from the values of the identifying columns in their order; `row` is asked only for a key that is new. */
  readonly idOfValues: (identifying: readonly KeyValue[], row: () => KeyRow<Columns>) => number;
  /** Writes the keys that are new since the last call; part of the caller's transaction. */
  readonly flush: (connection: DuckDBConnection) => Promise<void>;
  /** The transaction ended: the numbers that were given in it stand, or are forgotten, written or not. */
  readonly end: (isCommitted: boolean) => void;
};

export type KeyValue = string | number | boolean;
export type KeyRow<Columns extends readonly string[]> = Readonly<Record<Columns[number], KeyValue>>;

/**
 * Loads a key table. `id` is its first column; `columns` are the others in the order of the table. `following` are columns
 * that follow from the others and so tell no keys apart.
 */
export async function openKeyRegistry<const Columns extends readonly string[]>(
  database: LedgerDatabase,
  table: string,
  columns: Columns,
  following: readonly Columns[number][] = [],
): Promise<KeyRegistry<Columns>> {
  const identifying = columns.filter((column): column is Columns[number] => !following.includes(column));
  const rows = await database.rows(`SELECT id, ${identifying.map(quoted).join(", ")} FROM ${table}`);
  const ids = new Map<string, number>();
  // Only this registry writes the table, so its columns hold what `KeyValue` names.
  for (const [id, ...values] of rows) ids.set(textOf(values as KeyValue[]), Number(id));
  let next = rows.reduce((highest, [id]) => Math.max(highest, Number(id)), 0) + 1;
  const written: string[] = [];
  const fresh: { readonly id: number; readonly text: string; readonly row: KeyRow<Columns> }[] = [];

  function idOfValues(values: readonly KeyValue[], row: () => KeyRow<Columns>): number {
    const text = textOf(values);
    const known = ids.get(text);
    if (known !== undefined) return known;
    const id = next;
    next += 1;
    ids.set(text, id);
    fresh.push({ id, text, row: row() });
    return id;
  }

  return {
    idOf: (row) =>
      idOfValues(
        identifying.map((column) => row[column]),
        () => row,
      ),
    idOfValues,
    async flush(connection) {
      const kindOf = (value: KeyValue | undefined): StagedColumn["kind"] =>
        typeof value === "number" ? "integer" : typeof value === "boolean" ? "boolean" : "text";
      await stageRows(connection, table, [
        { kind: "integer", values: fresh.map(({ id }) => id) },
        ...columns.map((name: Columns[number]) => ({
          kind: kindOf(fresh[0]?.row[name]),
          values: fresh.map(({ row }) => row[name]),
        })),
      ]);
      for (const { text } of fresh.splice(0)) written.push(text);
    },
    end(isCommitted) {
      const unwritten = fresh.splice(0).map(({ text }) => text);
      const given = [...written.splice(0), ...unwritten];
      for (const text of isCommitted ? unwritten : given) ids.delete(text);
    },
  };
}

/** The values as one text; values that hold the separator themselves (no name should) are written out. */
function textOf(values: readonly KeyValue[]): string {
  const text = values.join(SEPARATOR);
  let separators = 0;
  for (let at = text.indexOf(SEPARATOR); at >= 0; at = text.indexOf(SEPARATOR, at + 1)) separators += 1;
  return separators === values.length - 1 ? text : JSON.stringify(values);
}

const SEPARATOR = "\u0001";

function quoted(column: string): string {
  return `"${column}"`;
}
