import { openDatabase } from "./duckdb/database.ts";
import { createQueryEngine, type QueryEngine, type QueryEngineOptions } from "./query-engine.ts";

/** 2026-03-10T12:34:56.789Z, the `now` of tests. */
export const TEST_NOW = Date.UTC(2026, 2, 10, 12, 34, 56, 789);

export type TestEngine = {
  readonly engine: QueryEngine;
  /** Rows of a query as parsed JSON cells; throws with the body when the answer is not 200. */
  readonly rows: (text: string) => Promise<unknown[][]>;
  /** Value of one scalar expression. */
  readonly value: (expression: string) => Promise<unknown>;
  /** The message of the innermost error of an answer that is not 200. */
  readonly refusal: (text: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** An engine over an empty in-memory workspace, for tests. Faults of ours are thrown with their SQL. */
export async function testEngine(options: Partial<QueryEngineOptions> = {}): Promise<TestEngine> {
  const database = options.database ?? (await openDatabase({ path: ":memory:", memoryLimitMb: 512, threads: 2 }));
  let fault = "";
  const engine = createQueryEngine({
    database,
    tables: [],
    now: () => TEST_NOW,
    onFault: ({ sql, error }) => {
      fault = `${error instanceof Error ? error.message : String(error)}\n${sql}`;
    },
    ...options,
  });
  const rows = async (text: string): Promise<unknown[][]> => {
    const { status, body } = await engine.query({ text });
    if (status !== 200) throw new Error(`${status} ${body}${status === 500 ? `\n${fault}` : ""}`);
    const [table] = (JSON.parse(body) as { tables: [{ rows: unknown[][] }] }).tables;
    return table.rows;
  };
  return {
    engine,
    rows,
    value: async (expression) => (await rows(`print x = ${expression}`))[0]?.[0],
    refusal: async (text) => {
      const { status, body } = await engine.query({ text });
      if (status === 200) throw new Error(`expected a refusal, got ${body}`);
      let error = (JSON.parse(body) as { error: InnerError }).error;
      while (error.innererror !== undefined) error = error.innererror;
      return error.message;
    },
    close: () => database.close(),
  };
}

type InnerError = { readonly message: string; readonly innererror?: InnerError };
