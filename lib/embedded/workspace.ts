import type { HttpClient } from "@azure/core-rest-pipeline";
import { LOG_ANALYTICS_TABLES } from "../kql/tables/log-analytics-tables.ts";
import type { Instant } from "../time/instant.ts";
import { readDemoInvoice } from "./demo/invoice/demo-invoice.ts";
import type { InvoiceFormat } from "./demo/invoice/write-invoice.ts";
import { withTenantRefusals } from "./demo/tenant-refusals.ts";
import { type DemoTruth, readDemoTruth, type TruthQuestion } from "./demo/truth/demo-truth.ts";
import { type EmbeddedDatabase, openDatabase } from "./duckdb/database.ts";
import { importFiles } from "./import/import-files.ts";
import type { ImportHooks, ImportRequest, ImportSummary } from "./import/import-summary.ts";
import { createLogsHttpClient } from "./logs-transport.ts";
import { createMetricsHttpClient } from "./metrics-transport.ts";
import { createQueryEngine, type QueryEngine, type QueryEngineOptions } from "./query-engine.ts";
import { createTables } from "./store/create-tables.ts";

/** A Log Analytics workspace inside the process, with the HTTP clients that answer the Azure SDKs from it. */
export type EmbeddedWorkspace = {
  readonly database: EmbeddedDatabase;
  readonly engine: QueryEngine;
  readonly logsHttpClient: HttpClient;
  readonly metricsHttpClient: HttpClient;
  /** Loads exported logs and request traces; importing again changes nothing. */
  readonly importFiles: (request: ImportRequest, hooks: ImportHooks) => Promise<ImportSummary>;
  /** What really happened in the demo tenant; undefined when the workspace holds none. */
  readonly demoTruth: (question?: TruthQuestion) => Promise<DemoTruth | undefined>;
  /** The demo's own invoice of a UTC month as CSV lines; undefined when there is no demo or nothing to bill. */
  readonly demoInvoice: (month: string, format: InvoiceFormat) => Promise<Iterable<string> | undefined>;
  readonly close: () => Promise<void>;
};

export type OpenWorkspaceOptions = {
  /** A file, or ":memory:". */
  readonly path: string;
  readonly tempDir?: string;
  readonly now: () => Instant;
  readonly onFault?: QueryEngineOptions["onFault"];
};

/** Memory that queries over the embedded workspace may use; what does not fit spills to the data folder. */
const MEMORY_LIMIT_MB = 768;
const THREADS = 2;

/** Opens the workspace's file, creating its tables when it is new. Throws when another version of the product made it. */
export async function openEmbeddedWorkspace(options: OpenWorkspaceOptions): Promise<EmbeddedWorkspace> {
  const database = await openDatabase({
    path: options.path,
    memoryLimitMb: MEMORY_LIMIT_MB,
    threads: THREADS,
    tempDir: options.tempDir,
  });
  try {
    await database.withConnection(createTables);
  } catch (error) {
    await database.close();
    throw error;
  }
  const { engine, metricsHttpClient } = withTenantRefusals(
    database,
    createQueryEngine({ database, tables: LOG_ANALYTICS_TABLES, now: options.now, onFault: options.onFault }),
    createMetricsHttpClient(database, options.now),
  );
  return {
    database,
    engine,
    logsHttpClient: createLogsHttpClient(engine, options.now),
    metricsHttpClient,
    importFiles: (request, hooks) => importFiles(database, request, hooks),
    demoTruth: (question) => readDemoTruth(database, question),
    demoInvoice: (month, format) => readDemoInvoice(database, month, format),
    close: database.close,
  };
}
