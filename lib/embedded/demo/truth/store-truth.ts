import { BIGINT, type DuckDBConnection, DuckDBDataChunk, VARCHAR } from "@duckdb/node-api";
import { QUARTER_MS } from "../calendar.ts";
import type { DemoState } from "../demo-state.ts";
import { LONGEST_LAG_MS } from "../generate-quarter.ts";
import { demoTenant, historyStartOf } from "../tenant.ts";
import { countTruth, type TruthRow } from "./count-truth.ts";
import { TALLY_FIELDS } from "./tally.ts";

/** The temporary table that `openTruth` leaves: the stored truth and what happened since, up to the state's `until`. */
export const TRUTH_TABLE = "temp.main.truth";

/** Up to when the truth can no longer change, because no record of an earlier quarter hour is still under way (epoch ms). */
export function settledUntil(state: DemoState): number {
  return Math.floor((state.until - LONGEST_LAG_MS) / QUARTER_MS) * QUARTER_MS;
}

/**
 * Brings the stored truth up to the settled end, so that it is counted only once, and makes `TRUTH_TABLE` on this
 * connection with the unsettled hours added. A quarter hour that is not over counts as far as it came.
 */
export async function openTruth(connection: DuckDBConnection, state: DemoState): Promise<void> {
  const tenant = demoTenant(state);
  await connection.run(CREATE_STORED);
  const reader = await connection.runAndReadAll("SELECT counted_to FROM internal.demo_truth_state");
  const counted = Number(reader.getRows()[0]?.[0] ?? historyStartOf(tenant) / QUARTER_MS);
  const settled = Math.max(counted, settledUntil(state) / QUARTER_MS);
  if (settled > counted) {
    await connection.run("BEGIN TRANSACTION");
    try {
      await append(connection, "demo_truth", "internal", countTruth(tenant, counted, settled, state.until));
      await connection.run("DELETE FROM internal.demo_truth_state");
      await connection.run(`INSERT INTO internal.demo_truth_state VALUES (${settled})`);
      await connection.run("COMMIT");
    } catch (error) {
      await connection.run("ROLLBACK");
      throw error;
    }
  }
  await connection.run(`CREATE OR REPLACE TEMP TABLE truth AS SELECT * FROM internal.demo_truth`);
  const end = Math.ceil(state.until / QUARTER_MS);
  if (end > settled) await append(connection, "truth", "main", countTruth(tenant, settled, end, state.until), "temp");
}

const TEXTS = ["zone", "day", "source", "account", "deployment", "model", "team"] as const;

const CREATE_STORED = `
  CREATE TABLE IF NOT EXISTS internal.demo_truth_state (counted_to BIGINT);
  CREATE TABLE IF NOT EXISTS internal.demo_truth (
    ${TEXTS.map((column) => `${column} VARCHAR`).join(", ")}, ${TALLY_FIELDS.map((column) => `${column} BIGINT`).join(", ")})`;

async function append(
  connection: DuckDBConnection,
  table: string,
  schema: string,
  rows: readonly TruthRow[],
  catalog?: string,
): Promise<void> {
  const appender = await connection.createAppender(table, schema, catalog);
  for (let from = 0; from < rows.length; from += 2_048) {
    const part = rows.slice(from, from + 2_048);
    const chunk = DuckDBDataChunk.create([...TEXTS.map(() => VARCHAR), ...TALLY_FIELDS.map(() => BIGINT)], part.length);
    const texts = part.map((row) => [row.zone, row.day, ...row.key.split("|")]);
    TEXTS.forEach((_, index) => {
      chunk.setColumnValues(
        index,
        texts.map((text) => text[index] ?? ""),
      );
    });
    TALLY_FIELDS.forEach((field, index) => {
      chunk.setColumnValues(
        TEXTS.length + index,
        part.map((row) => BigInt(row.tally[field])),
      );
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
