import type { DuckDBConnection } from "@duckdb/node-api";

/**
 * A transaction over several batches: DuckDB writes a row group of 122,880 rows once when it is full and twice when it was
 * committed before (measured: a commit per 32,768 rows costs more than all the rest of the import).
 */
export type LongTransaction = {
  readonly around: <Value>(work: () => Promise<Value>) => Promise<Value>;
  /** Commits and begins anew once enough rows are waiting; a killed import loses no more than these. */
  readonly took: (rows: number) => Promise<void>;
};

const ROWS_PER_COMMIT = 500_000;

/** Commits what was taken also when the work is given up halfway; rolls back when a statement failed. */
export function createTransaction(connection: DuckDBConnection): LongTransaction {
  let waiting = 0;
  return {
    around: async (work) => {
      await connection.run("BEGIN");
      try {
        const value = await work();
        await connection.run("COMMIT");
        return value;
      } catch (error) {
        const isGivenUp = error instanceof Error && error.name === "AbortError";
        await connection.run(isGivenUp ? "COMMIT" : "ROLLBACK");
        throw error;
      }
    },
    took: async (rows) => {
      waiting += rows;
      if (waiting < ROWS_PER_COMMIT) return;
      waiting = 0;
      await connection.run("COMMIT");
      await connection.run("BEGIN");
    },
  };
}
