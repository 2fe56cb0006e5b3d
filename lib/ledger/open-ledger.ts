import type { DuckDBConnection } from "@duckdb/node-api";
import { HOUR_MS, type Instant, MINUTE_MS, type Period, toInstant } from "../time/instant.ts";
import { UTC, type ZoneId } from "../time/zone.ts";
import type { Identity, IdentityId } from "../usage/usage-fact.ts";
import { afterClose, closedPeriods, setClosed } from "./after-close.ts";
import { changes } from "./changes.ts";
import type { ChargeQuery } from "./charge-query.ts";
import { SETTLING_FOR_MS } from "./closable-month.ts";
import { coverage, listDeployments } from "./coverage.ts";
import { dataFaults } from "./data-faults.ts";
import { knownAccounts, quartersOfUnknownHosts } from "./known-accounts.ts";
import type {
  BucketOrigin,
  BucketState,
  BucketStretch,
  Ledger,
  LedgerStats,
  ReadBackProgress,
  SourceClock,
} from "./ledger.ts";
import { type LedgerDatabase, openLedgerDatabase } from "./ledger-database.ts";
import { openLedgerKeys } from "./ledger-keys.ts";
import { heldMonths, ledgerMonths, saveHeldMonth } from "./ledger-months.ts";
import { monthProgress } from "./month-progress.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { quartersOfCallers } from "./quarters-of-callers.ts";
import { readMonthFile } from "./read-month-file.ts";
import { receipt } from "./receipt.ts";
import { bucketReplacer } from "./replace-buckets.ts";
import { replaceDays } from "./replace-days.ts";
import { repriceCharges, repricedSums } from "./reprice-charges.ts";
import { origins, sourceReach } from "./source-reach.ts";
import { dataReach, sourceStandings } from "./source-standing.ts";
import { standingKeys } from "./standing-keys.ts";
import { sumCharges, toBigInt } from "./sum-charges.ts";
import { sumMetrics } from "./sum-metrics.ts";
import { sumRequests } from "./sum-requests.ts";
import { writeMonthFile } from "./write-month-file.ts";

export type OpenLedgerOptions = {
  /** `DATA_DIR/ledger.duckdb`, or ":memory:". */
  readonly path: string;
  readonly memoryLimitMb?: number;
  readonly threads?: number;
  readonly tempDir?: string;
  /** The zones that daily sums are kept for, besides UTC: the reporting zone and those of budgets. */
  readonly zones: readonly ZoneId[];
  /** The KQL that anyone can run again for the figures of a period; receipts show it. */
  readonly questions: (
    within: Period,
    origin: BucketOrigin,
  ) => readonly { readonly name: string; readonly kql: string }[];
};

/** A ledger and the way to add a zone while it is open. */
export type OpenedLedger = Ledger & { readonly addZone: (zone: ZoneId) => Promise<void> };

const MINUTES_KEPT_MS = 35 * 24 * HOUR_MS;
const OPEN_FOR_MS = HOUR_MS;

/** Opens the ledger; daily sums of zones that it did not keep before are made from the quarter hours. */
export async function openLedger(options: OpenLedgerOptions): Promise<OpenedLedger> {
  const database = await openLedgerDatabase({
    path: options.path,
    memoryLimitMb: options.memoryLimitMb ?? 384,
    threads: options.threads ?? 2,
    tempDir: options.tempDir,
  });
  const zones = [...new Set<ZoneId>([UTC, ...options.zones])];
  await adoptZones(database, zones);
  const keys = await openLedgerKeys(database);
  const replaceBuckets = bucketReplacer(database, keys, () => zones);
  const sum = (query: ChargeQuery) => sumCharges(database, query, zones);

  return {
    sumCharges: sum,
    sumRequests: (query) => sumRequests(database, query, zones),
    sumMetrics: (query) => sumMetrics(database, query),
    standingKeys: (within) => standingKeys(database, within),
    repricedSums: (changes, stretches) => repricedSums(database, changes, stretches),
    repriceCharges: (changes, within, bookVersion) =>
      repriceCharges(database, keys, zones, changes, within, bookVersion),
    setClosed: (periods) => setClosed(database, periods),
    writeMonthFile: (within, path) => writeMonthFile(database, within, path),
    readMonthFile: (within, path, how = "replace") => readMonthFile(database, keys, zones, within, path, how),
    heldMonths: () => heldMonths(database),
    saveHeldMonth: (held) => saveHeldMonth(database, held),
    months: (startDay) => ledgerMonths(database, startDay),
    closedPeriods: () => closedPeriods(database),
    afterClose: () => afterClose(database),
    coverage: (query) => coverage(database, query),
    dataFaults: (query) => dataFaults(database, query),
    async listValues(query) {
      const sums = await sum({ ...query, zone: UTC, grain: "total", groupBy: [query.dimension], filter: {} });
      return sums.map((row) => ({
        value: row.keys[query.dimension] ?? "",
        contractedCost: row.contractedCost,
        tokens: row.inputTokens + row.cachedInputTokens + row.cacheWriteTokens + row.outputTokens,
      }));
    },
    listDeployments: (query) => listDeployments(database, query),
    sourceClocks: () => sourceClocks(database),
    bucketStates: (within, now) => bucketStates(database, within, now),
    readBack: () => readBack(database),
    reach: () => sourceReach(database),
    async receipt(query) {
      const [clocks, states, byOrigin] = await Promise.all([
        sourceClocks(database),
        bucketStates(database, query.period, query.period.end),
        origins(database, query.period),
      ]);
      return receipt(database, query, zones, {
        questions: options.questions,
        byOrigin,
        dataTo: dataToOf(clocks),
        isComplete: states.every((stretch) => stretch.state !== "unread"),
      });
    },
    monthProgress: (query) => monthProgress(sum, query),
    changes: (query) => changes(database, query),
    identities: (ids) => identities(database, ids),
    stats: () => stats(database, zones),
    replaceBuckets,
    async replaceMetricMinutes(within, accounts, minutes) {
      await database.write(async (connection) => {
        if (accounts.length > 0) {
          await connection.run(
            `DELETE FROM metric_minute WHERE minute >= ${within.start / MINUTE_MS} AND minute < ${within.end / MINUTE_MS}
             AND account IN (${accounts.map(() => "?").join(", ")})`,
            [...accounts],
          );
        }
        const appender = await connection.createAppender("metric_minute");
        for (const row of minutes) {
          appender.appendInteger(Math.floor(row.minute / MINUTE_MS));
          appender.appendVarchar(row.account);
          appender.appendVarchar(row.deployment);
          appender.appendVarchar(row.series);
          appender.appendVarchar(row.label);
          appender.appendDouble(row.value);
          appender.endRow();
        }
        appender.closeSync();
      });
    },
    async saveSourceClocks(clocks) {
      await database.write(async (connection) => {
        for (const clock of clocks) {
          await connection.run("INSERT OR REPLACE INTO source_clock VALUES (?, ?, ?, ?)", [
            clock.source,
            clock.workspace,
            clock.resource,
            JSON.stringify(clock),
          ]);
        }
      });
    },
    async dropSourceClock({ source, workspace, resource }) {
      await database.write((connection) =>
        connection.run("DELETE FROM source_clock WHERE source = ? AND workspace = ? AND resource = ?", [
          source,
          workspace,
          resource,
        ]),
      );
    },
    async watermark(workspace) {
      const text = await fact(database, `watermark:${workspace}`);
      return text === undefined ? null : toInstant(Number(text));
    },
    saveWatermark: (workspace, at) => saveFact(database, `watermark:${workspace}`, String(at)),
    saveReadBack: (progress) => saveFact(database, "read-back", JSON.stringify(progress)),
    async gatewayCallers() {
      const text = await fact(database, "gateway-callers");
      return new Set(text === undefined ? [] : (JSON.parse(text) as string[]));
    },
    knownAccounts: () => knownAccounts(database),
    quarterHoursOfUnknownHosts: (from) => quartersOfUnknownHosts(database, from),
    quarterHoursOfCallers: (from, callerHashes) => quartersOfCallers(database, from, callerHashes),
    async addGatewayCallers(hashes) {
      const known = JSON.parse((await fact(database, "gateway-callers")) ?? "[]") as string[];
      await saveFact(database, "gateway-callers", JSON.stringify([...new Set([...known, ...hashes])].toSorted()));
    },
    async prune(now) {
      const before = Math.floor((now - MINUTES_KEPT_MS) / MINUTE_MS);
      await database.write(async (connection) => {
        await connection.run(`DELETE FROM minute_request WHERE minute < ${before}`);
        await connection.run(`DELETE FROM minute_team WHERE minute < ${before}`);
      });
    },
    async addZone(zone) {
      if (zones.includes(zone)) return;
      await adoptZones(database, [...zones, zone]);
      zones.push(zone);
    },
    close: () => database.close(),
  };
}

/** The data clock as it stood when the sources were last asked. */
function dataToOf(clocks: readonly SourceClock[]): Instant | null {
  const askedAt = clocks.reduce((newest, { checkedAt }) => Math.max(newest, checkedAt), 0);
  return dataReach(sourceStandings(clocks, toInstant(askedAt))).dataTo;
}

async function adoptZones(database: LedgerDatabase, zones: readonly ZoneId[]): Promise<void> {
  const stored = new Set(JSON.parse((await fact(database, "zones")) ?? "[]") as string[]);
  const missing = zones.filter((zone) => !stored.has(zone));
  const dropped = [...stored].filter((zone) => !(zones as readonly string[]).includes(zone));
  if (missing.length === 0 && dropped.length === 0) return;
  const quarters = (await database.rows("SELECT qh FROM bucket ORDER BY qh")).map(([quarter]) => Number(quarter));
  await database.write(async (connection) => {
    for (const zone of dropped) {
      for (const table of ["charge_day", "request_day", "latency_day"]) {
        await connection.run(`DELETE FROM ${table} WHERE zone = ?`, [zone]);
      }
    }
    for (const zone of missing) await replaceDays(connection, zone, quarters);
    await putFact(connection, "zones", JSON.stringify(zones));
  });
}

async function fact(database: LedgerDatabase, name: string): Promise<string | undefined> {
  const [row] = await database.rows("SELECT text FROM fact WHERE name = ?", [name]);
  return row ? String(row[0]) : undefined;
}

async function saveFact(database: LedgerDatabase, name: string, text: string): Promise<void> {
  await database.write((connection) => putFact(connection, name, text));
}

async function putFact(connection: DuckDBConnection, name: string, text: string): Promise<void> {
  await connection.run("INSERT OR REPLACE INTO fact VALUES (?, ?)", [name, text]);
}

async function sourceClocks(database: LedgerDatabase): Promise<SourceClock[]> {
  const rows = await database.rows("SELECT text FROM source_clock ORDER BY source, workspace, resource");
  // Only `saveSourceClocks` writes these texts.
  return rows.map(([text]) => JSON.parse(String(text)) as SourceClock);
}

async function readBack(database: LedgerDatabase): Promise<ReadBackProgress> {
  const text = await fact(database, "read-back");
  return text === undefined
    ? { state: "none", from: null, readDownTo: null, daysDone: 0, daysTotal: 0, etaMs: null }
    : (JSON.parse(text) as ReadBackProgress);
}

async function identities(database: LedgerDatabase, ids: readonly IdentityId[]): Promise<Identity[]> {
  if (ids.length === 0) return [];
  const rows = await database.rows(
    `SELECT text FROM identity WHERE id IN (${ids.map(() => "?").join(", ")}) ORDER BY id`,
    [...ids],
  );
  return rows.map(([text]) => JSON.parse(String(text)) as Identity);
}

async function bucketStates(database: LedgerDatabase, within: Period, now: Instant): Promise<BucketStretch[]> {
  const [from, to] = [floorQuarter(within.start), ceilQuarter(within.end)];
  const rows = await database.rows(`SELECT qh FROM bucket WHERE qh >= ${from} AND qh < ${to}`);
  const read = new Set(rows.map(([quarter]) => Number(quarter)));
  const stretches: { start: Instant; end: Instant; state: BucketState }[] = [];
  for (let quarter = from; quarter < to; quarter += 1) {
    const [start, end] = [quarterInstant(quarter), quarterInstant(quarter + 1)];
    const state: BucketState = !read.has(quarter)
      ? "unread"
      : now < end + OPEN_FOR_MS
        ? "open"
        : now < end + SETTLING_FOR_MS
          ? "settling"
          : "final";
    const last = stretches.at(-1);
    if (last?.state === state) last.end = end;
    else stretches.push({ start, end, state });
  }
  return stretches;
}

async function stats(database: LedgerDatabase, zones: readonly ZoneId[]): Promise<LedgerStats> {
  const [counts] = await database.rows(
    `SELECT (SELECT count(*) FROM charge), (SELECT count(*) FROM charge_day), (SELECT coalesce(sum(requests), 0) FROM request),
       (SELECT count(*) FROM minute_request), (SELECT min(qh) FROM bucket), (SELECT max(qh) FROM bucket),
       (SELECT min(qh) FROM bucket WHERE NOT isFromArchive)`,
  );
  const at = (quarter: unknown) => (quarter === null || quarter === undefined ? null : quarterInstant(Number(quarter)));
  const [size] = await database.rows("SELECT sum(total_blocks * block_size)::BIGINT FROM pragma_database_size()");
  return {
    charges: toBigInt(counts?.[0]),
    dailyRows: toBigInt(counts?.[1]),
    requests: toBigInt(counts?.[2]),
    minutes: toBigInt(counts?.[3]),
    bytes: toBigInt(size?.[0]),
    zones,
    firstQuarterHour: at(counts?.[4]),
    lastQuarterHour: at(counts?.[5]),
    firstReadQuarterHour: at(counts?.[6]),
  };
}
