import type { EmbeddedWorkspace } from "../workspace.ts";
import type { DashboardQuestion } from "./dashboard-questions.ts";

/** Medians in milliseconds. `outsideMs` is what a repeated query spends outside DuckDB. */
export type Comparison = {
  readonly resultRows: number;
  readonly engineMs: number;
  readonly outsideMs: number;
  readonly sqlMs: number;
  readonly ratio: number;
};

/** Asks the engine and hand-written SQL the same question in turn, after one unmeasured round of both. */
export async function compareQuestion(
  question: DashboardQuestion,
  workspace: EmbeddedWorkspace,
  repeats: number,
): Promise<Comparison> {
  const engine: number[] = [];
  const sql: number[] = [];
  let resultRows = 0;
  for (let round = 0; round <= repeats; round += 1) {
    const [engineMs, body] = await timed(() => workspace.engine.query({ text: question.kql }));
    const [sqlMs] = await timed(() =>
      workspace.database.query(question.sql, { timeoutMs: 600_000, read: (result) => result.getRowsJson() }),
    );
    if (body.status !== 200) throw new Error(`${question.name}: ${body.status} ${body.body}`);
    if (round === 0) resultRows = countRows(body.body);
    else {
      engine.push(engineMs);
      sql.push(sqlMs);
    }
  }
  const outsideMs = outsideDuckDb(question, workspace);
  return { resultRows, engineMs: median(engine), outsideMs, sqlMs: median(sql), ratio: median(engine) / median(sql) };
}

/** What stands between a repeated query's text and its SQL: the look-up of its compiled form and the run's instants. */
function outsideDuckDb(question: DashboardQuestion, workspace: EmbeddedWorkspace): number {
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    workspace.engine.sqlOf({ text: question.kql });
    return performance.now() - started;
  });
  return median(times);
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const started = performance.now();
  const value = await work();
  return [performance.now() - started, value];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function countRows(body: string): number {
  const { tables } = JSON.parse(body) as { tables: readonly { rows: readonly unknown[] }[] };
  return tables[0]?.rows.length ?? 0;
}
