import type { DuckDBConnection } from "@duckdb/node-api";

const BY_QUARTER = { new_charge: "charge", new_request: "request" } as const;
const BY_MINUTE = { new_minute: "minute_request", new_team: "minute_team" } as const;
const BY_ACCOUNT = { new_rows: "row_count", new_faults: "row_fault" } as const;

/**
 * For a batch that some workspace did not answer for: an account of which a quarter hour holds more rows than the batch brings
 * keeps all that it holds there, so that a workspace that refuses never looks like a saving. Copies of a row are no more rows, and
 * what stands under a mere host is not kept beside the account that the host turned out to be.
 * Runs on the staged tables of a batch, before their hashes are taken.
 */
export async function keepFullerReadings(connection: DuckDBConnection): Promise<void> {
  const told = (table: string) =>
    `SELECT qh, account, sum(rows - duplicates) AS n FROM ${table} WHERE qh IN (SELECT qh FROM new_quarter) GROUP BY ALL`;
  await connection.run(`CREATE TEMP TABLE fuller AS
    SELECT held.qh, held.account FROM (${told("row_count")}) held
      LEFT JOIN (${told("new_rows")}) told ON told.qh = held.qh AND told.account = held.account
    WHERE held.n > coalesce(told.n, 0) AND NOT EXISTS (
      SELECT 1 FROM new_rows n WHERE n.qh = held.qh AND NOT starts_with(held.account, '/') AND ends_with(n.account, '/' || held.account))`);
  const isKept = (quarter: string, account: string) => `(${quarter}, ${account}) IN (SELECT (qh, account) FROM fuller)`;
  const move = async (staged: string, table: string, quarter: string, keys: string) => {
    const ofKept = `JOIN ${keys} k ON k.id = t.key WHERE ${isKept(quarter, "k.account")}`;
    await connection.run(`DELETE FROM ${staged} WHERE rowid IN (SELECT t.rowid FROM ${staged} t ${ofKept})`);
    await connection.run(`INSERT INTO ${staged} SELECT t.* FROM ${table} t ${ofKept}`);
  };
  for (const [staged, table] of Object.entries(BY_QUARTER))
    await move(staged, table, "t.qh", table === "charge" ? "charge_key" : "request_key");
  for (const [staged, table] of Object.entries(BY_MINUTE)) await move(staged, table, "t.minute // 15", "request_key");
  for (const [staged, table] of Object.entries(BY_ACCOUNT)) {
    await connection.run(`DELETE FROM ${staged} WHERE ${isKept("qh", "account")}`);
    await connection.run(`INSERT INTO ${staged} SELECT * FROM ${table} WHERE ${isKept("qh", "account")}`);
  }
}
