import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { PriceLine } from "../pricing/priced-usage.ts";
import { MINUTE_MS, QUARTER_HOUR_MS } from "../time/instant.ts";
import { chargeKeyColumns, chargeRow, deploymentKey, identifyingValues, lineText, shortName } from "./charge-rows.ts";
import { keepFullerReadings } from "./keep-fuller-readings.ts";
import { keepStandingPrices } from "./keep-standing-prices.ts";
import type { KeyValue } from "./key-registry.ts";
import type { BucketBatch, MinuteRequests, OwnedRequests } from "./ledger.ts";
import type { LedgerKeys } from "./ledger-keys.ts";
import { floorQuarter } from "./period-buckets.ts";
import { stageRows } from "./stage-rows.ts";

/**
 * Writes a batch to temporary tables of the connection, adds up there what stands under one key, and leaves the hash of
 * every quarter hour of the batch in `new_bucket`: a sum over the hashes of its rows, so that their order means nothing.
 * Charges of quarter hours that are stored already keep the prices that stand there.
 * Part of the caller's transaction, which also gets the new keys. Refuses rows of quarter hours that the batch does not name.
 */
export async function stageBatch(connection: DuckDBConnection, keys: LedgerKeys, batch: BucketBatch): Promise<void> {
  for (const statement of TEMPORARY_TABLES) await connection.run(statement);
  const quarters = new Set(batch.quarterHours.map(floorQuarter));
  const within = (quarter: number): number => {
    if (!quarters.has(quarter))
      throw new RangeError(`A batch holds rows of quarter hour ${quarter}, which it does not replace.`);
    return quarter;
  };
  await stageRows(connection, "new_quarter", [{ kind: "integer", values: [...quarters] }]);
  await stageCharges(connection, keys, batch, within);
  await stageRequests(connection, keys, batch, within);
  await stageMinutes(connection, keys, batch, within);
  const { rowCounts } = batch;
  await stageRows(connection, "new_rows", [
    { kind: "integer", values: rowCounts.map((row) => within(floorQuarter(row.quarterHour))) },
    { kind: "text", values: rowCounts.map((row) => row.account) },
    { kind: "text", values: rowCounts.map((row) => row.deployment) },
    { kind: "text", values: rowCounts.map((row) => row.source) },
    { kind: "bigint", values: rowCounts.map((row) => row.rows) },
    { kind: "bigint", values: rowCounts.map((row) => row.duplicates) },
    { kind: "bigint", values: rowCounts.map((row) => row.requests) },
  ]);
  const { rowFaults } = batch;
  await stageRows(connection, "new_faults", [
    { kind: "integer", values: rowFaults.map((row) => within(floorQuarter(row.quarterHour))) },
    { kind: "text", values: rowFaults.map((row) => row.account) },
    { kind: "text", values: rowFaults.map((row) => row.deployment) },
    { kind: "text", values: rowFaults.map((row) => row.fault) },
    { kind: "bigint", values: rowFaults.map((row) => row.count) },
  ]);
  await keys.lines.flush(connection);
  await keys.charges.flush(connection);
  await keys.requests.flush(connection);
  await keepStandingPrices(connection, keys, [...quarters]);
  for (const statement of ADD_UP) await connection.run(statement);
  if (batch.isLacking) await keepFullerReadings(connection);
  await connection.run(HASH);
}

type Within = (quarter: number) => number;

async function stageCharges(
  connection: DuckDBConnection,
  keys: LedgerKeys,
  batch: BucketBatch,
  within: Within,
): Promise<void> {
  const lineId = (line: PriceLine | null): number =>
    line ? keys.lines.idOfValues([lineText(line)], () => ({ text: lineText(line), meter: line.meterName })) : 0;
  for (const charges of slicesOf(batch.charges)) {
    const rows = charges.map(chargeRow);
    const ids = charges.map((charge, index) => {
      const row = rows[index];
      const identifying = identifyingValues(charge, lineId(row?.line ?? null), lineId(row?.upperLine ?? null));
      return keys.charges.idOfValues(identifying, () => chargeKeyColumns(identifying, charge.pricing));
    });
    await stageRows(connection, "new_charge", [
      { kind: "integer", values: rows.map((row) => within(row.qh)) },
      { kind: "integer", values: ids },
      { kind: "bigint", values: rows.map((row) => row.quantity) },
      { kind: "bigint", values: rows.map((row) => row.listCost) },
      { kind: "bigint", values: rows.map((row) => row.contractedCost) },
      { kind: "bigint", values: rows.map((row) => row.contractedCostUpper) },
    ]);
    await nextTurn();
  }
}

/** Slices small enough that a server answers between two of them. */
function slicesOf<T>(rows: readonly T[]): T[][] {
  const slices: T[][] = [];
  for (let start = 0; start < rows.length; start += SLICE_ROWS) slices.push(rows.slice(start, start + SLICE_ROWS));
  return slices;
}

const SLICE_ROWS = 4_096;

async function stageRequests(
  connection: DuckDBConnection,
  keys: LedgerKeys,
  batch: BucketBatch,
  within: Within,
): Promise<void> {
  for (const requests of slicesOf(batch.requests)) {
    const quarters = requests.map((row) => within(floorQuarter(row.quarterHour)));
    const ids = requests.map((row) => requestKeyOf(row, keys));
    await stageRows(connection, "new_request_part", [
      { kind: "integer", values: quarters },
      { kind: "integer", values: ids },
      { kind: "bigint", values: requests.map((row) => row.requests) },
      { kind: "bigint", values: requests.map((row) => row.attempts) },
      { kind: "bigint", values: requests.map((row) => row.withTokens) },
    ]);
    const latency = latencyColumns(requests.reduce((sum, row) => sum + row.latency.buckets.length + 1, 0));
    for (const [index, row] of requests.entries()) {
      const { buckets, counts, unmeasured } = row.latency;
      const [at, key] = [quarters[index] ?? 0, ids[index] ?? 0];
      for (let place = 0; place < buckets.length; place += 1)
        latency.push(at, key, buckets[place] ?? UNMEASURED, counts[place] ?? 0);
      if (unmeasured > 0) latency.push(at, key, UNMEASURED, unmeasured);
    }
    await stageLatency(connection, "new_latency_part", latency);
    await nextTurn();
  }
}

async function stageMinutes(
  connection: DuckDBConnection,
  keys: LedgerKeys,
  batch: BucketBatch,
  within: Within,
): Promise<void> {
  const perQuarter = QUARTER_HOUR_MS / MINUTE_MS;
  const columnsOf = (rows: readonly (RequestSeries & { readonly buckets?: readonly number[] })[]): LatencyColumns => {
    const columns = latencyColumns(rows.reduce((sum, row) => sum + row.minutes.length, 0));
    for (const row of rows) {
      const key = requestKeyOf({ ...NO_DETAIL, ...row }, keys);
      for (let place = 0; place < row.minutes.length; place += 1) {
        const minute = row.minutes[place] ?? 0;
        within(Math.floor(minute / perQuarter));
        columns.push(minute, key, row.buckets?.[place] ?? UNMEASURED, row.counts[place] ?? 0);
      }
    }
    return columns;
  };
  for (const rows of slicesOf(batch.minutes)) {
    await stageLatency(connection, "new_minute_part", columnsOf(rows));
    await nextTurn();
  }
  for (const rows of slicesOf(batch.teamMinutes)) {
    await stageLatency(connection, "new_team_part", columnsOf(rows));
    await nextTurn();
  }
}

type RequestSeries = BucketBatch["teamMinutes"][number] | BucketBatch["minutes"][number];

/** Rows of one count each, column by column; a bucket below zero stands for requests without a latency. */
type LatencyColumns = {
  readonly push: (at: number, key: number, bucket: number, n: number) => void;
  /** When, key, bucket and count of the rows so far. */
  readonly written: () => readonly Float64Array[];
};

const UNMEASURED = -1;

/** Room for at most so many rows. Not Int32Array, which would wrap a count that is too large instead of having it refused. */
function latencyColumns(room: number): LatencyColumns {
  const ats = new Float64Array(room);
  const keys = new Float64Array(room);
  const buckets = new Float64Array(room);
  const counts = new Float64Array(room);
  let rows = 0;
  return {
    push(at, key, bucket, n) {
      ats[rows] = at;
      keys[rows] = key;
      buckets[rows] = bucket;
      counts[rows] = n;
      rows += 1;
    },
    written: () => [ats, keys, buckets, counts].map((column) => column.subarray(0, rows)),
  };
}

async function stageLatency(connection: DuckDBConnection, table: string, columns: LatencyColumns): Promise<void> {
  await stageRows(
    connection,
    table,
    columns.written().map((values) => ({ kind: "integer", values })),
  );
}

const NO_DETAIL = {
  model: "",
  operation: "",
  apiVersion: "",
  streamType: "",
  isSpillover: false,
  team: "",
  application: "",
  identityId: "",
  isInference: true,
};

type RequestKey = Pick<
  OwnedRequests,
  | "model"
  | "apiVersion"
  | "isSpillover"
  | "team"
  | "application"
  | keyof Omit<MinuteRequests, "minutes" | "buckets" | "counts">
> & { readonly identityId: string };

/** Requests of one identity refer to the key of the same requests whoever made them: days are kept under that one. */
function requestKeyOf(row: RequestKey, keys: LedgerKeys): number {
  const identifying = (identityId: string): readonly KeyValue[] => [
    row.account,
    row.deployment,
    row.model,
    row.operation,
    row.apiVersion,
    row.streamType,
    row.isSpillover ? "yes" : "no",
    row.status,
    row.cause,
    row.team,
    row.application,
    identityId,
    row.isInference,
  ];
  const columns = (identityId: string, dayKey: number) => ({
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
    identityId,
    dayKey,
  });
  const ofAnyone = () => keys.requests.idOfValues(identifying(""), () => columns("", 0));
  if (row.identityId === "") return ofAnyone();
  return keys.requests.idOfValues(identifying(row.identityId), () => columns(row.identityId, ofAnyone()));
}

const LATENCY_PART = "key INTEGER, bucket INTEGER, n INTEGER";

const TEMPORARY_TABLES: readonly string[] = [
  "CREATE TEMP TABLE new_quarter (qh INTEGER)",
  `CREATE TEMP TABLE new_charge (qh INTEGER, key INTEGER, quantity BIGINT, listCost BIGINT, contractedCost BIGINT,
    contractedCostUpper BIGINT)`,
  "CREATE TEMP TABLE new_request_part (qh INTEGER, key INTEGER, requests BIGINT, attempts BIGINT, withTokens BIGINT)",
  `CREATE TEMP TABLE new_latency_part (qh INTEGER, ${LATENCY_PART})`,
  `CREATE TEMP TABLE new_minute_part (minute INTEGER, ${LATENCY_PART})`,
  `CREATE TEMP TABLE new_team_part (minute INTEGER, ${LATENCY_PART})`,
  `CREATE TEMP TABLE new_rows (qh INTEGER, account VARCHAR, deployment VARCHAR, source VARCHAR, rows BIGINT,
    duplicates BIGINT, requests BIGINT)`,
  "CREATE TEMP TABLE new_faults (qh INTEGER, account VARCHAR, deployment VARCHAR, fault VARCHAR, count BIGINT)",
];

/**
 * Counts per bucket as two parallel lists in the order of the buckets, and what has no latency apart. A bucket and its
 * count are sorted as one number, bucket × 2^32 + count: a third of the time of two ordered aggregates.
 */
function histograms(table: string, at: "qh" | "minute"): string {
  return `SELECT ${at}, key, requests, unmeasured,
      list_transform(pairs, lambda pair: (pair >> 32)::INTEGER) AS buckets,
      list_transform(pairs, lambda pair: (pair & 4294967295)::INTEGER) AS counts
    FROM (SELECT ${at}, key, sum(n)::BIGINT AS requests, coalesce(sum(n) FILTER (WHERE bucket < 0), 0)::BIGINT AS unmeasured,
        list_sort(coalesce(list(bucket * 4294967296 + n) FILTER (WHERE bucket >= 0), [])) AS pairs
      FROM (SELECT ${at}, key, bucket, sum(n)::INTEGER AS n FROM ${table} GROUP BY ALL) GROUP BY ${at}, key)`;
}

const ADD_UP: readonly string[] = [
  `CREATE TEMP TABLE new_request AS
    SELECT part.qh, part.key, part.requests, part.attempts, part.withTokens, coalesce(latency.unmeasured, 0) AS unmeasured,
      coalesce(latency.buckets, []) AS buckets, coalesce(latency.counts, []) AS counts
    FROM (SELECT qh, key, sum(requests)::BIGINT AS requests, sum(attempts)::BIGINT AS attempts,
        sum(withTokens)::BIGINT AS withTokens FROM new_request_part GROUP BY qh, key) part
      LEFT JOIN (${histograms("new_latency_part", "qh")}) latency ON latency.qh = part.qh AND latency.key = part.key`,
  `CREATE TEMP TABLE new_minute AS ${histograms("new_minute_part", "minute")}`,
  "CREATE TEMP TABLE new_team AS SELECT minute, key, sum(n)::BIGINT AS requests FROM new_team_part GROUP BY minute, key",
];

const HASH = `CREATE TEMP TABLE new_bucket AS
    SELECT new_quarter.qh, concat(coalesce(sum(row_hash), 0), '-', count(row_hash)) AS hash
    FROM new_quarter LEFT JOIN (
      SELECT qh, hash('c', key, quantity, listCost, contractedCost, contractedCostUpper)::HUGEINT AS row_hash FROM new_charge
      UNION ALL SELECT qh, hash('r', key, requests, attempts, withTokens, unmeasured, buckets, counts) FROM new_request
      UNION ALL SELECT minute // 15, hash('m', minute, key, requests, unmeasured, buckets, counts) FROM new_minute
      UNION ALL SELECT minute // 15, hash('t', minute, key, requests) FROM new_team
      UNION ALL SELECT qh, hash('n', account, deployment, source, rows, duplicates, requests) FROM new_rows
      UNION ALL SELECT qh, hash('f', account, deployment, fault, "count") FROM new_faults
    ) content ON content.qh = new_quarter.qh GROUP BY new_quarter.qh`;
