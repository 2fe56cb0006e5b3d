import { mkdirSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { attributionRuleSchema } from "../attribution/attribution-rule.ts";
import { listAttributionRules } from "../db/attribution-rules.ts";
import { listBudgets } from "../db/budgets.ts";
import { readExchangeRateFile } from "../db/exchange-rate-file.ts";
import { loadPriceBook } from "../db/load-price-book.ts";
import { readReservations } from "../db/reservation-files.ts";
import { callerHashKey } from "../db/secrets.ts";
import { readSettings, type Settings } from "../db/settings.ts";
import { openState, type State } from "../db/state.ts";
import { type Env, isConnected } from "../env.ts";
import { createIngestion } from "../ingestion/ingestion.ts";
import { questionsOf } from "../ingestion/questions.ts";
import { complete, diagnose } from "../kql/assist.ts";
import { tablesForTypedKql } from "../kql/deny-list.ts";
import { LOG_ANALYTICS_TABLES } from "../kql/tables/log-analytics-tables.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { reportingIn } from "../money/exchange-rates.ts";
import type { Runtime } from "../runtime.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { dayOf, parseZone, UTC, type ZoneId } from "../time/zone.ts";
import { readInventory } from "../usage/inventory-file.ts";
import { openArchive } from "./archive.ts";
import { connectAzure } from "./azure-clients.ts";
import { type FolderMode, lockFolder, readFolder, settleFolder } from "./data-folder.ts";
import { DEMO_ZONES, type DemoVariant, parseDemoVariant, prepareDemo } from "./demo-folder.ts";
import { openEmbedded } from "./embedded-clients.ts";
import { createLog } from "./log.ts";

export type OpenRuntimeOptions = {
  /** Names the holder of the folder for whoever is refused. */
  readonly what: string;
  /** What a new folder becomes when no workspace of Azure is configured. */
  readonly onMissingFolder: "demo" | "empty";
  /** Which demo tenant to make, as `--demo` names it. */
  readonly demoVariant?: string;
  /** Told in words what takes long. */
  readonly onProgress: (text: string) => void;
};

const LEDGER_MEMORY_MB = 384;

/**
 * Locks the data folder and opens everything in it, making the demo tenant first where that is wanted.
 * Throws a FolderHeldError or a ConfigurationError with one sentence; whatever was opened is closed again.
 */
export async function openRuntime(env: Env, options: OpenRuntimeOptions): Promise<Runtime> {
  const variant = parseDemoVariant(options.demoVariant);
  const existing = readFolder(env.dataDir);
  const lock = lockFolder(env.dataDir, options.what);
  const closers: (() => unknown)[] = [lock.release];
  try {
    const mode = modeOf(env, existing?.mode, options);
    settleFolder(env.dataDir, mode);
    return await open(env, mode, variant, options, closers);
  } catch (error) {
    for (const close of closers.toReversed()) await close();
    throw error;
  }
}

function modeOf(env: Env, existing: FolderMode | undefined, options: OpenRuntimeOptions): FolderMode {
  if (isConnected(env)) return "connected";
  if (existing === "demo" || existing === "imported") return existing;
  return options.onMissingFolder === "demo" ? "demo" : "imported";
}

async function open(
  env: Env,
  mode: FolderMode,
  variant: DemoVariant,
  options: OpenRuntimeOptions,
  closers: (() => unknown)[],
): Promise<Runtime> {
  const { dataDir } = env;
  const log = createLog();
  const now = clockOf(env, mode);
  const tempDir = join(dataDir, "temp");
  rmSync(tempDir, { recursive: true, force: true });
  mkdirSync(tempDir, { recursive: true });

  const state = await openState(
    env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : { sqlitePath: join(dataDir, "state.sqlite") },
  );
  closers.push(state.close);
  const hmacKey = await callerHashKey(state, toInstant(Date.now()));

  const inProcess = mode === "connected" ? undefined : await openEmbedded({ dataDir, tempDir, now, log });
  const clients = inProcess ?? connectAzure(env, now);
  const embedded = inProcess?.embedded;
  if (embedded) closers.push(embedded.close);
  if (mode === "demo" && embedded) {
    await prepareDemo({
      dataDir,
      embedded,
      state,
      variant,
      defaults: defaultsOf(env),
      currency: (await loadPriceBook(state.db, dataDir)).book.currency,
      now: now(),
      onProgress: options.onProgress,
    });
  }

  const typedTables = tablesForTypedKql(LOG_ANALYTICS_TABLES);
  const priceBook = async () => (await loadPriceBook(state.db, dataDir)).book;
  const inventory = () => readInventory(dataDir);
  const reservations = async () => readReservations(dataDir, (await priceBook()).currency);
  const zones = await zonesOf(env, mode, state);
  const ledger = await openLedger({
    path: join(dataDir, "ledger.duckdb"),
    memoryLimitMb: LEDGER_MEMORY_MB,
    threads: Math.min(4, cpus().length),
    tempDir,
    zones,
    questions: questionsOf,
  });
  closers.push(ledger.close);
  rmSync(join(dataDir, "staging"), { recursive: true, force: true });
  const archive = openArchive({ state, ledger, dataDir });
  for (const failure of await archive.load()) log.error(failure);

  const ingestion = createIngestion({
    logs: clients.logs,
    metrics: clients.metrics,
    ledger,
    priceBook,
    rules: async () =>
      (await listAttributionRules(state.db)).map((stored) => attributionRuleSchema.parse(stored.definition)),
    inventory,
    reservations,
    hmacKey,
    accounts: env.AZURE_OPENAI_RESOURCE_IDS,
    workspace: clients.name,
  });

  return {
    env,
    dataDir,
    mode,
    now,
    logs: clients.logs,
    metrics: clients.metrics,
    ledger,
    state,
    ingestion,
    priceBook,
    reservations,
    reporting: async (asked) => {
      const { currency } = await readSettings(state.db, defaultsOf(env));
      const wanted = asked ?? currency ?? env.REPORTING_CURRENCY ?? null;
      const book = (await priceBook()).currency;
      if (wanted === null || wanted === book) return reportingIn(null, book, [], null);
      const [{ from }, { firstQuarterHour }] = [await ledger.readBack(), await ledger.stats()];
      // The archive may reach further back than the workspace.
      const oldest = [from, firstQuarterHour].filter((at) => at !== null).toSorted((a, b) => a - b)[0];
      return reportingIn(
        wanted,
        book,
        await readExchangeRateFile(dataDir),
        oldest === undefined ? null : dayOf(oldest, UTC),
      );
    },
    zones: () => zones,
    askKql: clients.askKql,
    kqlAssist: {
      diagnose: (text) => diagnose(text, typedTables),
      complete: (text, position) => complete(text, position, typedTables),
    },
    embedded,
    archive,
    log,
    close: async () => {
      for (const close of closers.splice(0).toReversed()) await close();
    },
  };
}

function defaultsOf(env: Env): Settings {
  return { zone: env.REPORT_TIME_ZONE, fiscalStart: env.FISCAL_YEAR_START, theme: "system" };
}

/** The demo's clock stands still when `DEMO_NOW` says so; every other clock is the machine's. */
function clockOf(env: Env, mode: FolderMode): () => Instant {
  const fixed = mode === "demo" && env.DEMO_NOW ? toInstant(env.DEMO_NOW) : undefined;
  return () => fixed ?? toInstant(Date.now());
}

/** The zones with daily sums: the reporting zone first, then those of budgets and, in the demo, those of its story. */
async function zonesOf(env: Env, mode: FolderMode, state: State): Promise<readonly ZoneId[]> {
  const settings = await readSettings(state.db, defaultsOf(env));
  const ofBudgets = (await listBudgets(state.db)).map((budget) => budget.zone);
  const ofDemo = mode === "demo" ? DEMO_ZONES.flatMap((name) => parseZone(name) ?? []) : [];
  return [...new Set([settings.zone, env.REPORT_TIME_ZONE, ...ofBudgets, ...ofDemo])];
}
