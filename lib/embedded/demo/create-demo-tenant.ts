import type { DuckDBConnection } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import { createTables } from "../store/create-tables.ts";
import { appendStagedWindow, stageWindow } from "./append-window.ts";
import { DAY_MS } from "./calendar.ts";
import { type DemoState, readDemoState, writeDemoState } from "./demo-state.ts";
import type { ReceivedWindow } from "./expand/window.ts";
import { writeHistory } from "./history/write-history.ts";
import { appendAs, readTelemetryVariant, type TelemetryVariant, writeTelemetryVariant } from "./telemetry-variant.ts";
import { DEMO_DAYS, DEMO_REQUESTS_PER_DAY, DEMO_SEED, type DemoTenant, demoTenant } from "./tenant.ts";

export type CreateDemoOptions = {
  readonly database: EmbeddedDatabase;
  /** Epoch milliseconds; incidents sit at offsets before it. */
  readonly createdAt: number;
  /** Epoch milliseconds up to which records have arrived; left out, `createdAt`. */
  readonly until?: number;
  readonly seed?: number;
  readonly days?: number;
  readonly requestsPerDay?: number;
  /** Days of summary rows before the raw ones; left out, none. */
  readonly historyDays?: number;
  /** A poorer tenant; left out, all telemetry. */
  readonly variant?: TelemetryVariant;
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
};

/** The workspace already holds rows, so a demo would mix with them. */
export class WorkspaceNotEmpty extends Error {
  constructor() {
    super("The workspace already holds records. Start anew with `npm start -- --fresh`, or choose another DATA_DIR.");
    this.name = "WorkspaceNotEmpty";
  }
}

/**
 * Fills an empty workspace with the demo tenant, from `days` before its creation until `until`. A pure function of its
 * options: the same options give the same rows. Interrupted, it leaves a shorter demo that `growDemoTenant` continues.
 */
export async function createDemoTenant(options: CreateDemoOptions): Promise<DemoState> {
  return options.database.withConnection(async (connection) => {
    await createTables(connection);
    if ((await readDemoState(connection)) !== undefined || (await hasRecords(connection)))
      throw new WorkspaceNotEmpty();
    const tenant = demoTenant({
      seed: options.seed ?? DEMO_SEED,
      createdAt: options.createdAt,
      days: options.days ?? DEMO_DAYS,
      requestsPerDay: options.requestsPerDay ?? DEMO_REQUESTS_PER_DAY,
      historyDays: options.historyDays ?? 0,
    });
    if (options.variant) await writeTelemetryVariant(connection, options.variant);
    await writeHistory(connection, tenant);
    const { seed, createdAt, days, requestsPerDay, historyDays } = tenant;
    const state = { seed, createdAt, days, requestsPerDay, historyDays, until: tenant.start };
    return continueDemo(options.database, state, options.until ?? createdAt, options.onProgress);
  });
}

export type GrowDemoOptions = {
  readonly database: EmbeddedDatabase;
  /** Epoch milliseconds up to which records shall have arrived. */
  readonly until: number;
  readonly onProgress?: (share: number) => void;
};

/**
 * Adds the records that arrived since the stored demo last grew; called each minute by a running server and once at a
 * start for the gap. Returns the new state, or undefined when the workspace holds no demo.
 */
export async function growDemoTenant(options: GrowDemoOptions): Promise<DemoState | undefined> {
  const state = await options.database.withConnection(readDemoState);
  return state && continueDemo(options.database, state, options.until, options.onProgress);
}

/** Calls per transaction: a row group that an insertion does not fill is written twice, so few and long; the memory is the limit. */
const CALLS_PER_WINDOW = 540_000;

async function continueDemo(
  database: EmbeddedDatabase,
  before: DemoState,
  until: number,
  onProgress: ((share: number) => void) | undefined,
): Promise<DemoState> {
  const tenant = demoTenant(before);
  const windows = windowsBetween(before.until, until, (CALLS_PER_WINDOW / tenant.requestsPerDay) * DAY_MS);
  return database.withConnection(async (connection) => {
    const variant = await readTelemetryVariant(connection);
    let state = before;
    for (const window of windows) {
      state = { ...state, until: window.to };
      await stageWindow(connection, tenant, window);
      await writeWindow(connection, tenant, variant, window, state, (share) =>
        onProgress?.((window.from + share * (window.to - window.from) - before.until) / (until - before.until)),
      );
    }
    // A start after a kill replays what is not in the file: a day of growth at most.
    if (Math.floor(before.until / DAY_MS) < Math.floor(state.until / DAY_MS)) await connection.run("CHECKPOINT");
    return state;
  });
}

async function writeWindow(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  variant: TelemetryVariant | undefined,
  window: ReceivedWindow,
  next: DemoState,
  onProgress: (share: number) => void,
): Promise<void> {
  await connection.run("BEGIN TRANSACTION");
  try {
    await appendAs(connection, variant, window.to, () => appendStagedWindow(connection, tenant, window, onProgress));
    await writeDemoState(connection, next);
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK");
    throw error;
  }
}

function windowsBetween(from: number, until: number, lengthMs: number): ReceivedWindow[] {
  const windows: ReceivedWindow[] = [];
  for (let at = from; at < until; ) {
    const to = Math.min(until, at + Math.ceil(lengthMs));
    windows.push({ from: at, to });
    at = to;
  }
  return windows;
}

async function hasRecords(connection: DuckDBConnection): Promise<boolean> {
  const reader = await connection.runAndReadAll(`SELECT EXISTS (SELECT 1 FROM "AzureDiagnostics")`);
  return reader.getRows()[0]?.[0] === true;
}
