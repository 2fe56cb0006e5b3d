import type { DuckDBConnection } from "@duckdb/node-api";
import type { DemoOptions } from "./tenant.ts";

/** What a stored demo was made from, and up to when it has received records (epoch milliseconds). */
export type DemoState = DemoOptions & { readonly until: number };

/** The demo that this workspace holds, or undefined when it holds none. */
export async function readDemoState(connection: DuckDBConnection): Promise<DemoState | undefined> {
  for (const statement of CREATE) await connection.run(statement);
  const reader = await connection.runAndReadAll(
    "SELECT seed, created_at, days, requests_per_day, received_until, history_days FROM internal.demo",
  );
  const [seed, createdAt, days, requestsPerDay, until, historyDays] = (reader.getRows()[0] ?? []).map(Number);
  if (
    seed === undefined ||
    createdAt === undefined ||
    days === undefined ||
    requestsPerDay === undefined ||
    until === undefined
  ) {
    return undefined;
  }
  return { seed, createdAt, days, requestsPerDay, until, historyDays: historyDays ?? 0 };
}

/** Stores what the demo is made from and how far it is; runs in the caller's transaction. */
export async function writeDemoState(connection: DuckDBConnection, state: DemoState): Promise<void> {
  const { seed, createdAt, days, requestsPerDay, until, historyDays = 0 } = state;
  await connection.run("DELETE FROM internal.demo");
  await connection.run(
    `INSERT INTO internal.demo VALUES (${seed}, ${createdAt}, ${days}, ${requestsPerDay}, ${until}, ${historyDays})`,
  );
}

const CREATE = [
  `CREATE TABLE IF NOT EXISTS internal.demo
    (seed DOUBLE, created_at DOUBLE, days DOUBLE, requests_per_day DOUBLE, received_until DOUBLE, history_days DOUBLE)`,
  // Demos of before the history have none.
  "ALTER TABLE internal.demo ADD COLUMN IF NOT EXISTS history_days DOUBLE DEFAULT 0",
];
