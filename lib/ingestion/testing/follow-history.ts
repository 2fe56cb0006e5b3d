import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { AttributionRule } from "../../attribution/attribution-rule.ts";
import { appendRecords } from "../../embedded/store/append-records.ts";
import { storedTable } from "../../embedded/store/create-tables.ts";
import { type EmbeddedWorkspace, openEmbeddedWorkspace } from "../../embedded/workspace.ts";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import { openLedger } from "../../ledger/open-ledger.ts";
import { createLogAnalytics } from "../../log-analytics/create-log-analytics.ts";
import { EMBEDDED_QUERY_LIMITS } from "../../log-analytics/query-limits.ts";
import { loadBundledCatalogue } from "../../pricing/catalogue.ts";
import { HOUR_MS, type Instant, toInstant } from "../../time/instant.ts";
import { UTC, type ZoneId } from "../../time/zone.ts";
import { createIngestion } from "../ingestion.ts";
import { Crashed, type Fate, fateOf, mortal } from "./crashing.ts";
import { differencesOf, ledgerContents } from "./ledger-contents.ts";
import { nothingConfigured } from "./nothing-configured.ts";
import type { Arrival, HistoryTable, RandomHistory } from "./random-history.ts";

const NAMES: readonly string[] = ["AzureDiagnostics", "ApiManagementGatewayLogs"] satisfies readonly HistoryTable[];
const TABLES = LOG_ANALYTICS_TABLES.filter(({ name }) => NAMES.includes(name));
const RULES: readonly AttributionRule[] = (["team-red", "team-blue"] as const).map((value) => ({
  id: value,
  kind: "apimSubscription",
  value,
  team: value,
  application: "",
  from: null,
  to: null,
}));
const HMAC_KEY = new Uint8Array(32).fill(7);

/** One workspace that histories happen in, one after the other, and a folder for their ledgers. */
export type HistoryRoom = {
  /** What the ledger that followed the history says otherwise than a recount; nothing when they are equal. */
  readonly differences: (
    history: RandomHistory,
  ) => Promise<{ readonly found: readonly string[]; readonly crashes: number }>;
  /** Looks once, at `at` with all that was visible by then, and reads back; the ledger is the file at `path`. */
  readonly lookOnce: (history: RandomHistory, at: Instant, path: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Opens the room; `folder` must exist. */
export async function openHistoryRoom(folder: string): Promise<HistoryRoom> {
  let clock = toInstant(0);
  const workspace = await openEmbeddedWorkspace({
    path: ":memory:",
    now: () => clock,
    onFault: ({ error, text }) => {
      throw new Error(`The engine failed at ${text.slice(0, 200)}`, { cause: error });
    },
  });
  await workspace.engine.warmUp();
  const book = loadBundledCatalogue();
  const logsOf = () =>
    createLogAnalytics({
      workspaces: [{ workspaceId: "00000000-0000-4000-8000-00000000e3bd", roles: ["logs", "gateway", "spans"] }],
      credential: { getToken: async () => ({ token: "embedded", expiresOnTimestamp: Date.now() + HOUR_MS }) },
      httpClient: workspace.logsHttpClient,
      now: () => clock,
      limits: EMBEDDED_QUERY_LIMITS,
    });

  /** One life of the process: opens the ledger's file, looks, reads back, and closes it; true when it did both to the end. */
  async function live(path: string, fate: Fate): Promise<boolean> {
    const ledger = await openLedger({
      path,
      zones: [UTC, "Asia/Kathmandu" as ZoneId],
      questions: () => [],
      threads: 1,
    });
    try {
      const ingestion = createIngestion({
        logs: mortal(logsOf(), fate, ["status"]),
        ...nothingConfigured(book),
        ledger: mortal(ledger, fate, []),
        rules: async () => RULES,
        hmacKey: HMAC_KEY,
      });
      const { failures } = await ingestion.runCycle(clock);
      if (fate.isDead()) return false;
      if (failures.length > 0) throw new Error(`The cycle could not read everything: ${failures.join(" ")}`);
      await ingestion.readBack(clock, () => {});
      return !fate.isDead();
    } catch (error) {
      if (fate.isDead() || error instanceof Crashed) return false;
      throw error;
    } finally {
      ledger.close();
    }
  }

  async function follow(history: RandomHistory, path: string): Promise<number> {
    const ends = [...history.crashes];
    let crashes = 0;
    const waiting = [...history.arrivals];
    for (const look of history.looks) {
      clock = look;
      await append(workspace, waiting.splice(0, countUntil(waiting, look)));
      while (!(await live(path, fateOf(ends.shift() ?? null)))) crashes += 1;
    }
    return crashes;
  }

  return {
    async differences(history) {
      const [followed, recounted] = [join(folder, "followed.duckdb"), join(folder, "recounted.duckdb")];
      await empty(workspace);
      try {
        const crashes = await follow(history, followed);
        await live(recounted, fateOf(null));
        const expected = await ledgerContents(recounted);
        const found = differencesOf(await ledgerContents(followed), expected);
        const [calls, counted] = [callsOf(history), requestsIn(expected)];
        const miscounted = calls === counted ? [] : [`the recount has ${counted} of ${calls} calls`];
        return { found: [...found, ...miscounted], crashes };
      } finally {
        for (const path of [followed, recounted]) await rm(path, { force: true });
      }
    },
    async lookOnce({ arrivals }, at, path) {
      await empty(workspace);
      await append(workspace, arrivals.slice(0, countUntil(arrivals, at)));
      clock = at;
      await live(path, fateOf(null));
    },
    close: () => workspace.close(),
  };
}

async function append(workspace: EmbeddedWorkspace, arrivals: readonly Arrival[]): Promise<void> {
  await workspace.database.withConnection(async (connection) => {
    for (const table of TABLES)
      await appendRecords(
        connection,
        table,
        arrivals.filter((arrival) => arrival.table === table.name).map(({ record }) => record),
      );
  });
}

async function empty(workspace: EmbeddedWorkspace): Promise<void> {
  await workspace.database.withConnection(async (connection) => {
    for (const table of TABLES) await connection.run(`DELETE FROM ${storedTable(table)}`);
  });
}

function countUntil(arrivals: readonly Arrival[], until: Instant): number {
  const index = arrivals.findIndex(({ visibleAt }) => visibleAt > until);
  return index < 0 ? arrivals.length : index;
}

/** Distinct calls of the accounts' own logs. */
function callsOf({ arrivals }: RandomHistory): number {
  const logged = arrivals.filter(({ table }) => table === "AzureDiagnostics");
  return new Set(logged.map(({ record }) => `${record._ResourceId} ${record.CorrelationId}`)).size;
}

function requestsIn({ row_count: rows = [] }: Awaited<ReturnType<typeof ledgerContents>>): number {
  return rows
    .map((text) => JSON.parse(text) as { source: string; requests: number })
    .filter(({ source }) => source === "usage_log" || source === "request_response")
    .reduce((sum, { requests }) => sum + requests, 0);
}
