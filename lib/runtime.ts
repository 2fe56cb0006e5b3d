import type { Logger } from "pino";
import type { ArchivedMonth } from "./db/archived-months.ts";
import type { State, StateTransaction } from "./db/state.ts";
import type { Env } from "./env.ts";
import type { Ingestion } from "./ingestion/ingestion.ts";
import type { Completions } from "./kql/assist.ts";
import type { Diagnostic } from "./kql/bind.ts";
import type { Ledger, MonthContents } from "./ledger/ledger.ts";
import type { LogAnalytics } from "./log-analytics/log-analytics.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Reporting } from "./money/exchange-rates.ts";
import type { PriceBook } from "./pricing/price-book.ts";
import type { Reservation } from "./pricing/provisioned/reservations.ts";
import type { Instant, Period } from "./time/instant.ts";
import type { ZoneId } from "./time/zone.ts";

/** Everything that the process has open for one data folder: stores, clients and the clock. */
export type Runtime = {
  readonly env: Env;
  readonly dataDir: string;
  /** `demo` and `imported` are answered by the embedded workspace, `connected` by Azure. */
  readonly mode: "demo" | "imported" | "connected";
  /** The clock; `DEMO_NOW` fixes it in a demo data folder. */
  readonly now: () => Instant;
  readonly logs: LogAnalytics;
  readonly metrics: Metrics;
  readonly ledger: Ledger;
  readonly state: State;
  readonly ingestion: Ingestion;
  readonly priceBook: () => Promise<PriceBook>;
  /** In which currency totals are stated, by which dated rates; `wanted` asks for one instead of what people chose. */
  readonly reporting: (wanted?: string) => Promise<Reporting>;
  /** What was reserved of provisioned capacity, from the files of the data folder. */
  readonly reservations: () => Promise<readonly Reservation[]>;
  /** The zones that the ledger keeps daily sums for; the reporting zone is the first. */
  readonly zones: () => readonly ZoneId[];
  /** KQL that a person typed: the HTTP status and exactly the body of the Logs Query API, for success and error alike. */
  readonly askKql: LogAnalytics["askTyped"];
  /** What the editor of typed KQL asks of the binder, over the tables that typed KQL may see. */
  readonly kqlAssist: {
    readonly diagnose: (text: string) => readonly Diagnostic[];
    readonly complete: (text: string, position: number) => Completions;
  };
  /** The embedded workspace; undefined when connected to Azure. */
  readonly embedded: EmbeddedWorkspacePort | undefined;
  /** Months that were closed or that the workspace forgets. */
  readonly archive: Archive;
  readonly log: Logger;
  readonly close: () => Promise<void>;
};

/** Months of the ledger as files with a hash, from which a new ledger gets what the workspace no longer tells. */
export type Archive = {
  /**
   * Writes a month of the ledger to the archive, in place of what the archive held of it. `record` is part of the transaction
   * that notes it: when that fails, nothing was archived.
   */
  readonly store: (
    month: string,
    within: Period,
    record?: (tx: StateTransaction, archived: ArchivedMonth, contents: MonthContents) => Promise<void>,
  ) => Promise<ArchivedMonth>;
  /**
   * Closes in the ledger what state says is closed, and takes in the archived months that the ledger does not hold. Returns one
   * sentence for each that cannot be used: of those nothing is in the ledger.
   */
  readonly load: () => Promise<readonly string[]>;
  /** Reads every file and compares its hash; `problem` says which file and what is wrong, null for nothing. */
  readonly verify: () => Promise<readonly { readonly month: ArchivedMonth; readonly problem: string | null }[]>;
  readonly list: () => Promise<readonly ArchivedMonth[]>;
  /** How people find the file of a month. */
  readonly nameOf: (month: Pick<ArchivedMonth, "month" | "hash">) => string;
};

/** What only the embedded workspace offers: its files, and making, growing and describing the demo tenant. */
export type EmbeddedWorkspacePort = import("./embedded/workspace.ts").EmbeddedWorkspace;

const KEY = Symbol.for("token-ledger.runtime");

/** Makes the opened runtime known to the pages and routes of this process. */
export function publishRuntime(runtime: Runtime): void {
  Reflect.set(globalThis, KEY, runtime);
}

/** The runtime of this process. Throws when the process was not started by `npm start` or a command of the product. */
export async function getRuntime(): Promise<Runtime> {
  const runtime: unknown = Reflect.get(globalThis, KEY);
  if (runtime === undefined) {
    throw new Error("No data folder is open in this process. Start the product with npm start.");
  }
  // Only `publishRuntime` writes this key.
  return runtime as Runtime;
}
