import type { DuckDBConnection } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import { createTables } from "../store/create-tables.ts";
import { appendWindow } from "./append-window.ts";
import { DAY_MS } from "./calendar.ts";
import { type DemoState, readDemoState, writeDemoState } from "./demo-state.ts";
import { appendAs, readTelemetryVariant, type TelemetryVariant, writeTelemetryVariant } from "./telemetry-variant.ts";
import { DEMO_DAYS, DEMO_REQUESTS_PER_DAY, DEMO_SEED, demoTenant } from "./tenant.ts";

export type CreateDemoOptions = {
  readonly database: EmbeddedDatabase;
  /** Epoch milliseconds; incidents sit at offsets before it. */
  readonly createdAt: number;
  /** Epoch milliseconds up to which records have arrived; left out, `createdAt`. */
  readonly until?: number;
  readonly seed?: number;
  readonly days?: number;
  readonly requestsPerDay?: number;
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
    });
    if (options.variant) await writeTelemetryVariant(connection, options.variant);
    const { seed, createdAt, days, requestsPerDay } = tenant;
    const state = { seed, createdAt, days, requestsPerDay, until: tenant.start };
    return continueDemo(connection, state, options.until ?? createdAt, options.onProgress);
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
  return options.database.withConnection(async (connection) => {
    await createTables(connection);
    const state = await readDemoState(connection);
    return state && continueDemo(connection, state, options.until, options.onProgress);
  });
}

/** Calls per transaction: two row groups of DuckDB, so that two threads have one each, and few enough for a small memory. */
const CALLS_PER_WINDOW = 240_000;

async function continueDemo(
  connection: DuckDBConnection,
  before: DemoState,
  until: number,
  onProgress: ((share: number) => void) | undefined,
): Promise<DemoState> {
  const tenant = demoTenant(before);
  const variant = await readTelemetryVariant(connection);
  const windowMs = (CALLS_PER_WINDOW / tenant.requestsPerDay) * DAY_MS;
  let state = before;
  while (state.until < until) {
    const to = Math.min(until, state.until + Math.ceil(windowMs));
    const next = { ...state, until: to };
    await connection.run("BEGIN TRANSACTION");
    try {
      const { until: from } = state;
      await appendAs(connection, variant, to, () => appendWindow(connection, tenant, { from, to }));
      await writeDemoState(connection, next);
      await connection.run("COMMIT");
    } catch (error) {
      await connection.run("ROLLBACK");
      throw error;
    }
    state = next;
    onProgress?.((to - before.until) / (until - before.until));
  }
  return state;
}

async function hasRecords(connection: DuckDBConnection): Promise<boolean> {
  const reader = await connection.runAndReadAll(`SELECT EXISTS (SELECT 1 FROM "AzureDiagnostics")`);
  return reader.getRows()[0]?.[0] === true;
}
