import type { AccountId, DeploymentName, RequestCause } from "../usage/usage-fact.ts";
import type { DataFaults, DataFaultsQuery, RowFaultName, Source } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { toBigInt } from "./sum-charges.ts";

/** A hole is this many quarter hours with metered tokens in a row: fewer are the edges of single calls. */
const HOLE_QUARTERS = 3;
/** Rows of younger quarter hours may still be on their way. */
const SETTLED_QUARTERS = 16;
const NOTHING: DataFaults = {
  rows: [],
  faults: [],
  holes: [],
  otherOperations: [],
  withoutDeployment: [],
  callers: { requests: 0n, known: 0n },
  spans: { rows: 0n, requests: 0n },
};

/** Counts what is incomplete or odd in a period. Rows know no team, so an asker of single teams gets nothing. */
export async function dataFaults(database: LedgerDatabase, query: DataFaultsQuery): Promise<DataFaults> {
  if (query.sees.kind !== "everything") return NOTHING;
  const [from, to] = [floorQuarter(query.period.start), ceilQuarter(query.period.end)];
  const within = `qh >= ${from} AND qh < ${to}`;
  const requests = `FROM request r JOIN request_key k ON k.id = r.key WHERE r.qh >= ${from} AND r.qh < ${to}`;
  const [rows, faults, holes, operations, unnamed, callers, spans] = await Promise.all([
    database.rows(
      `SELECT account, source, sum(rows), sum(duplicates), sum(requests) FROM row_count WHERE ${within}
       GROUP BY account, source ORDER BY account, source`,
    ),
    database.rows(
      `SELECT account, deployment, fault, sum(n), min(qh), max(qh) FROM row_fault WHERE ${within}
       GROUP BY account, deployment, fault ORDER BY fault, account, deployment`,
    ),
    database.rows(holesSql(from, Math.min(to, floorQuarter(query.now) - SETTLED_QUARTERS))),
    database.rows(
      `SELECT k.account, k.operation, sum(r.requests) ${requests} AND NOT k.isInference
       GROUP BY k.account, k.operation ORDER BY 3 DESC, 1, 2`,
    ),
    database.rows(
      `SELECT k.cause, sum(r.requests) ${requests} AND k.isInference AND r.attempts > 0 AND k.deploymentName = ''
       GROUP BY k.cause ORDER BY 2 DESC, 1`,
    ),
    database.rows(
      `SELECT coalesce(sum(r.requests), 0), coalesce(sum(r.requests) FILTER (k.identityId <> ''), 0)
       ${requests} AND k.isInference AND r.attempts > 0`,
    ),
    database.rows(
      `SELECT coalesce(sum(rows - duplicates), 0), coalesce(sum(requests), 0) FROM row_count WHERE ${within} AND source = 'span'`,
    ),
  ]);
  return {
    rows: rows.map(([account, source, read, duplicates, told]) => ({
      account: String(account) as AccountId,
      source: String(source) as Source,
      rows: toBigInt(read),
      duplicates: toBigInt(duplicates),
      requests: toBigInt(told),
    })),
    faults: faults.map(([account, deployment, fault, count, first, last]) => ({
      account: String(account) as AccountId,
      deployment: String(deployment) as DeploymentName,
      fault: String(fault) as RowFaultName,
      count: toBigInt(count),
      first: quarterInstant(Number(first)),
      last: quarterInstant(Number(last) + 1),
    })),
    holes: holes.map(([account, first, last, tokens]) => ({
      account: String(account) as AccountId,
      start: quarterInstant(Number(first)),
      end: quarterInstant(Number(last) + 1),
      tokens: toBigInt(tokens),
    })),
    otherOperations: operations.map(([account, operation, count]) => ({
      account: String(account) as AccountId,
      operation: String(operation),
      requests: toBigInt(count),
    })),
    withoutDeployment: unnamed.map(([cause, count]) => ({
      cause: String(cause) as RequestCause,
      requests: toBigInt(count),
    })),
    callers: { requests: toBigInt(callers[0]?.[0]), known: toBigInt(callers[0]?.[1]) },
    spans: { rows: toBigInt(spans[0]?.[0]), requests: toBigInt(spans[0]?.[1]) },
  };
}

/** Runs of metered quarter hours without a log row, of accounts that have log rows elsewhere in the period. */
function holesSql(from: number, to: number): string {
  return `WITH logged AS (
      SELECT DISTINCT account, qh FROM row_count
      WHERE qh >= ${from} AND qh < ${to} AND source IN ('usage_log', 'request_response') AND rows > 0),
    metered AS (
      SELECT account, minute // 15 AS qh, sum(value) AS tokens FROM metric_minute
      WHERE minute >= ${from * 15} AND minute < ${to * 15} AND series IN ('promptTokens', 'generatedTokens')
      GROUP BY ALL HAVING sum(value) > 0),
    compared AS (
      SELECT m.*, l.qh IS NOT NULL AS isLogged FROM metered m
      LEFT JOIN logged l ON l.account = m.account AND l.qh = m.qh
      WHERE m.account IN (SELECT account FROM logged)),
    runs AS (
      SELECT *, count(*) FILTER (isLogged) OVER (PARTITION BY account ORDER BY qh ROWS UNBOUNDED PRECEDING) AS run FROM compared)
    SELECT account, min(qh), max(qh), sum(tokens)::BIGINT FROM runs WHERE NOT isLogged
    GROUP BY account, run HAVING count(*) >= ${HOLE_QUARTERS} ORDER BY account, 2`;
}
