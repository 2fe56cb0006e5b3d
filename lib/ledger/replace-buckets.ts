import { BIGINT, type DuckDBConnection, INTEGER, LIST, listValue, VARCHAR } from "@duckdb/node-api";
import { MINUTE_MS } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { type ChargeRow, chargeRow, contentHash, deploymentKey, lineText, shortName } from "./charge-rows.ts";
import type { LatencyHistogram } from "./latency-histogram.ts";
import { mergeHistograms } from "./latency-histogram.ts";
import type { BucketBatch, LedgerWrites, OwnedRequests } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { type LedgerKeys, writeWithKeys } from "./ledger-keys.ts";
import { daysTouched, floorQuarter } from "./period-buckets.ts";
import { replaceChargeDays } from "./replace-charge-days.ts";

/**
 * Replaces whole quarter hours, their minutes and the daily sums of every zone in one transaction. Quarter hours whose
 * content has the hash that is stored already are left alone.
 */
export function bucketReplacer(
  database: LedgerDatabase,
  keys: LedgerKeys,
  zones: () => readonly ZoneId[],
): LedgerWrites["replaceBuckets"] {
  return async (batch) => {
    const content = contentByQuarter(batch);
    const stored = await storedHashes(database, [...content.keys()]);
    const changed = [...content].filter(([quarter, part]) => stored.get(quarter) !== part.hash);
    await writeWithKeys(database, keys, async (connection) => {
      if (changed.length > 0) {
        await replaceQuarters(connection, keys, new Map(changed));
        for (const zone of zones())
          await replaceDays(
            connection,
            zone,
            changed.map(([quarter]) => quarter),
          );
      }
      await storeIdentities(connection, batch);
      await storeHashes(connection, content, batch);
    });
    return { changed: changed.length, unchanged: content.size - changed.length };
  };
}

/** Fills the daily sums of zones that have none, from the quarter hours. */
export async function fillZone(connection: DuckDBConnection, zone: ZoneId, quarters: readonly number[]): Promise<void> {
  await replaceDays(connection, zone, quarters);
}

type Content = {
  readonly charges: ChargeRow[];
  readonly requests: OwnedRequests[];
  readonly minutes: { minute: number; key: MinuteKey; requests: bigint; latency: LatencyHistogram }[];
  readonly teamMinutes: { minute: number; key: MinuteKey; requests: bigint }[];
  readonly rowCounts: BucketBatch["rowCounts"][number][];
  readonly rowFaults: BucketBatch["rowFaults"][number][];
  hash: string;
};

type MinuteKey = Omit<OwnedRequests, "quarterHour" | "requests" | "attempts" | "withTokens" | "latency">;

function contentByQuarter(batch: BucketBatch): Map<number, Content> {
  const content = new Map<number, Content>();
  const texts = new Map<number, string[]>();
  for (const quarterHour of batch.quarterHours) {
    content.set(floorQuarter(quarterHour), {
      charges: [],
      requests: [],
      minutes: [],
      teamMinutes: [],
      rowCounts: [],
      rowFaults: [],
      hash: "",
    });
    texts.set(floorQuarter(quarterHour), []);
  }
  const at = (quarter: number, text: string): Content => {
    const found = content.get(quarter);
    if (!found) throw new RangeError(`A batch holds rows of quarter hour ${quarter}, which it does not replace.`);
    texts.get(quarter)?.push(text);
    return found;
  };
  for (const charge of batch.charges) {
    const row = chargeRow(charge);
    const line = row.line ? lineText(row.line) : "";
    const upper = row.upperLine ? lineText(row.upperLine) : "";
    at(
      row.qh,
      textOf([
        "c",
        ...Object.values(row.key),
        line,
        upper,
        row.quantity,
        row.listCost,
        row.contractedCost,
        row.contractedCostUpper,
      ]),
    ).charges.push(row);
  }
  for (const row of batch.requests) {
    at(floorQuarter(row.quarterHour), textOf(["r", row])).requests.push(row);
  }
  for (const row of batch.minutes) {
    const key: MinuteKey = { ...NO_DETAIL, ...row, cause: row.cause };
    const minute = row.minute / MINUTE_MS;
    at(Math.floor(minute / 15), textOf(["m", row])).minutes.push({
      minute,
      key: minuteKey(key),
      requests: row.requests,
      latency: row.latency,
    });
  }
  for (const row of batch.teamMinutes) {
    const minute = row.minute / MINUTE_MS;
    const key = minuteKey({ ...NO_DETAIL, ...row });
    at(Math.floor(minute / 15), textOf(["t", row])).teamMinutes.push({ minute, key, requests: row.requests });
  }
  for (const row of batch.rowCounts) at(floorQuarter(row.quarterHour), textOf(["n", row])).rowCounts.push(row);
  for (const row of batch.rowFaults) at(floorQuarter(row.quarterHour), textOf(["f", row])).rowFaults.push(row);
  for (const [quarter, part] of content) part.hash = contentHash(texts.get(quarter) ?? []);
  return content;
}

const NO_DETAIL = {
  model: "",
  operation: "",
  apiVersion: "",
  streamType: "",
  isSpillover: false,
  team: "",
  application: "",
  identityId: "" as OwnedRequests["identityId"],
  isInference: true,
};

function minuteKey(key: MinuteKey): MinuteKey {
  const {
    account,
    deployment,
    model,
    operation,
    apiVersion,
    streamType,
    isSpillover,
    status,
    cause,
    team,
    application,
    identityId,
    isInference,
  } = key;
  return {
    account,
    deployment,
    model,
    operation,
    apiVersion,
    streamType,
    isSpillover,
    status,
    cause,
    team,
    application,
    identityId,
    isInference,
  };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === "bigint" ? `${part}` : part));
}

async function storedHashes(database: LedgerDatabase, quarters: readonly number[]): Promise<Map<number, string>> {
  if (quarters.length === 0) return new Map();
  const rows = await database.rows("SELECT qh, hash FROM bucket WHERE qh BETWEEN ? AND ?", [
    Math.min(...quarters),
    Math.max(...quarters),
  ]);
  return new Map(rows.map(([quarter, hash]) => [Number(quarter), String(hash)]));
}

async function replaceQuarters(
  connection: DuckDBConnection,
  keys: LedgerKeys,
  content: ReadonlyMap<number, Content>,
): Promise<void> {
  const chargeRows: { qh: number; key: number; row: ChargeRow }[] = [];
  for (const part of content.values()) {
    for (const row of part.charges) {
      const lineId = row.line ? keys.lines.idOf({ text: lineText(row.line), meter: row.line.meterName }) : 0;
      const upperLineId = row.upperLine
        ? keys.lines.idOf({ text: lineText(row.upperLine), meter: row.upperLine.meterName })
        : 0;
      chargeRows.push({ qh: row.qh, key: keys.charges.idOf({ ...row.key, lineId, upperLineId }), row });
    }
  }
  const requestRows = mergedRequests(
    [...content.values()].flatMap((part) => part.requests),
    keys,
  );
  const minuteRows = [...content.values()].flatMap((part) =>
    part.minutes.map((row) => ({ ...row, id: requestKeyOf(row.key, keys) })),
  );
  const teamRows = [...content.values()].flatMap((part) =>
    part.teamMinutes.map((row) => ({ ...row, id: requestKeyOf(row.key, keys) })),
  );
  await keys.lines.flush(connection);
  await keys.charges.flush(connection);
  await keys.requests.flush(connection);
  await deleteQuarters(connection, [...content.keys()]);

  await append(connection, "charge", chargeRows, (appender, { qh, key, row }) => {
    appender.appendInteger(qh);
    appender.appendInteger(key);
    appender.appendBigInt(row.quantity);
    appender.appendBigInt(row.listCost);
    appender.appendBigInt(row.contractedCost);
    appender.appendBigInt(row.contractedCostUpper);
  });
  await append(connection, "request", requestRows, (appender, row) => {
    appender.appendInteger(row.qh);
    appender.appendInteger(row.key);
    appender.appendBigInt(row.requests);
    appender.appendBigInt(row.attempts);
    appender.appendBigInt(row.withTokens);
    appendHistogram(appender, row.latency);
  });
  await append(connection, "minute_request", minuteRows, (appender, row) => {
    appender.appendInteger(row.minute);
    appender.appendInteger(row.id);
    appender.appendBigInt(row.requests);
    appendHistogram(appender, row.latency);
  });
  await append(connection, "minute_team", teamRows, (appender, row) => {
    appender.appendInteger(row.minute);
    appender.appendInteger(row.id);
    appender.appendBigInt(row.requests);
  });
  await append(
    connection,
    "row_count",
    [...content.values()].flatMap((part) => part.rowCounts),
    (appender, row) => {
      appender.appendInteger(floorQuarter(row.quarterHour));
      appender.appendVarchar(row.account);
      appender.appendVarchar(row.deployment);
      appender.appendVarchar(row.source);
      appender.appendBigInt(row.rows);
      appender.appendBigInt(row.duplicates);
      appender.appendBigInt(row.requests);
    },
  );
  await append(
    connection,
    "row_fault",
    [...content.values()].flatMap((part) => part.rowFaults),
    (appender, row) => {
      appender.appendInteger(floorQuarter(row.quarterHour));
      appender.appendVarchar(row.account);
      appender.appendVarchar(row.deployment);
      appender.appendVarchar(row.fault);
      appender.appendBigInt(row.count);
    },
  );
}

type Appender = Awaited<ReturnType<DuckDBConnection["createAppender"]>>;

async function append<Row>(
  connection: DuckDBConnection,
  table: string,
  rows: readonly Row[],
  write: (appender: Appender, row: Row) => void,
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(table);
  for (const row of rows) {
    write(appender, row);
    appender.endRow();
  }
  appender.closeSync();
}

function appendHistogram(appender: Appender, latency: LatencyHistogram): void {
  appender.appendBigInt(BigInt(latency.unmeasured));
  appender.appendList(listValue([...latency.buckets]), LIST(INTEGER));
  appender.appendList(listValue([...latency.counts]), LIST(INTEGER));
}

/** Ranges of consecutive quarter hours, so that a day is one condition and not 96. */
async function deleteQuarters(connection: DuckDBConnection, quarters: readonly number[]): Promise<void> {
  for (const { from, to } of ranges(quarters)) {
    for (const table of ["charge", "request", "row_count", "row_fault"]) {
      await connection.run(`DELETE FROM ${table} WHERE qh >= ${from} AND qh < ${to}`);
    }
    for (const table of ["minute_request", "minute_team"]) {
      await connection.run(`DELETE FROM ${table} WHERE minute >= ${from * 15} AND minute < ${to * 15}`);
    }
  }
}

function ranges(quarters: readonly number[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const quarter of quarters.toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last.to === quarter) last.to = quarter + 1;
    else found.push({ from: quarter, to: quarter + 1 });
  }
  return found;
}

type RequestRow = {
  readonly qh: number;
  readonly key: number;
  readonly requests: bigint;
  readonly attempts: bigint;
  readonly withTokens: bigint;
  readonly latency: LatencyHistogram;
};

function mergedRequests(rows: readonly OwnedRequests[], keys: LedgerKeys): RequestRow[] {
  const merged = new Map<string, RequestRow>();
  for (const row of rows) {
    const [qh, key] = [floorQuarter(row.quarterHour), requestKeyOf(row, keys)];
    const known = merged.get(`${qh}/${key}`);
    merged.set(`${qh}/${key}`, {
      qh,
      key,
      requests: row.requests + (known?.requests ?? 0n),
      attempts: row.attempts + (known?.attempts ?? 0n),
      withTokens: row.withTokens + (known?.withTokens ?? 0n),
      latency: known ? mergeHistograms([known.latency, row.latency]) : row.latency,
    });
  }
  return [...merged.values()];
}

function requestKeyOf(row: MinuteKey, keys: LedgerKeys): number {
  const columns = {
    account: row.account,
    accountName: shortName(row.account),
    deploymentName: row.deployment,
    deployment: deploymentKey(row.account, row.deployment),
    model: row.model,
    operation: row.operation,
    apiVersion: row.apiVersion,
    streamType: row.streamType,
    spillover: row.isSpillover ? "yes" : "no",
    status: row.status,
    cause: row.cause,
    team: row.team,
    application: row.application,
    isInference: row.isInference,
  };
  const dayKey = keys.requests.idOf({ ...columns, identityId: "", dayKey: 0 });
  return row.identityId === "" ? dayKey : keys.requests.idOf({ ...columns, identityId: row.identityId, dayKey });
}

/** Daily sums of every local day that the quarter hours touch, made again from the quarter hours. */
async function replaceDays(connection: DuckDBConnection, zone: ZoneId, quarters: readonly number[]): Promise<void> {
  const days = daysTouched(quarters, zone);
  if (days.length === 0) return;
  const list = days.map(({ day }) => day).join(", ");
  const cuts = `(VALUES ${days.map(({ day, from, to }) => `(${day}, ${from}, ${to})`).join(", ")}) cut(day, lo, hi)`;
  await replaceChargeDays(connection, zone, quarters);
  for (const table of ["request_day", "latency_day"]) {
    await connection.run(`DELETE FROM ${table} WHERE zone = ? AND day IN (${list})`, [zone]);
  }
  const requests = `request r JOIN ${cuts} ON r.qh >= cut.lo AND r.qh < cut.hi JOIN request_key k ON k.id = r.key`;
  const dayKey = "CASE WHEN k.dayKey = 0 THEN k.id ELSE k.dayKey END";
  await connection.run(
    `INSERT INTO request_day
     SELECT ?, cut.day, ${dayKey}, sum(r.requests)::BIGINT, sum(r.attempts)::BIGINT, sum(r.withTokens)::BIGINT, sum(r.unmeasured)::BIGINT
     FROM ${requests} GROUP BY 1, 2, 3 ORDER BY 2, 3`,
    [zone],
  );
  await connection.run(
    `INSERT INTO latency_day
     SELECT zone, day, key, bucket, sum(n)::BIGINT FROM (
       SELECT ? AS zone, cut.day AS day, ${dayKey} AS key, unnest(r.buckets) AS bucket, unnest(r.counts) AS n FROM ${requests})
     GROUP BY zone, day, key, bucket ORDER BY day, key, bucket`,
    [zone],
  );
}

async function storeIdentities(connection: DuckDBConnection, batch: BucketBatch): Promise<void> {
  if (batch.identities.length === 0) return;
  await connection.run("CREATE OR REPLACE TEMP TABLE new_identity (id VARCHAR, text VARCHAR)");
  await append(connection, "new_identity", batch.identities, (appender, identity) => {
    appender.appendVarchar(identity.identityId);
    appender.appendVarchar(JSON.stringify(identity));
  });
  await connection.run("INSERT OR IGNORE INTO identity SELECT DISTINCT ON (id) id, text FROM new_identity");
}

async function storeHashes(
  connection: DuckDBConnection,
  content: ReadonlyMap<number, Content>,
  { readAt, origin = "logs" }: BucketBatch,
): Promise<void> {
  await connection.run(
    "CREATE OR REPLACE TEMP TABLE new_bucket (qh INTEGER, hash VARCHAR, readAt BIGINT, origin VARCHAR)",
  );
  await append(connection, "new_bucket", [...content], (appender, [quarter, part]) => {
    appender.appendValue(quarter, INTEGER);
    appender.appendValue(part.hash, VARCHAR);
    appender.appendValue(BigInt(readAt), BIGINT);
    appender.appendValue(origin, VARCHAR);
  });
  await connection.run("INSERT OR REPLACE INTO bucket BY NAME SELECT qh, hash, readAt, origin FROM new_bucket");
}
