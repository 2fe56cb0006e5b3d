import type { DuckDBConnection } from "@duckdb/node-api";
import { money } from "../money/money.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";
import type { AfterClose } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { toBigInt } from "./sum-charges.ts";

/** SQL that holds for a quarter hour of a closed period. */
export function isClosed(quarter: string): string {
  return `EXISTS (SELECT 1 FROM closed_stretch s WHERE ${quarter} >= s.lo AND ${quarter} < s.hi)`;
}

/** Closes exactly these periods: from now on no write changes what the ledger holds of them. */
export async function setClosed(database: LedgerDatabase, periods: readonly Period[]): Promise<void> {
  await database.write(async (connection) => {
    await connection.run("DELETE FROM closed_stretch");
    for (const { start, end } of periods)
      await connection.run("INSERT INTO closed_stretch VALUES (?, ?)", [floorQuarter(start), ceilQuarter(end)]);
    await connection.run(`DELETE FROM after_close WHERE NOT ${isClosed("qh")}`);
  });
}

/** The closed periods, oldest first. */
export async function closedPeriods(database: LedgerDatabase): Promise<Period[]> {
  const rows = await database.rows("SELECT lo, hi FROM closed_stretch ORDER BY lo");
  return rows.map(([lo, hi]) => ({ start: quarterInstant(Number(lo)), end: quarterInstant(Number(hi)) }));
}

/** What arrived for each closed period after it was closed, as far as it has been seen. */
export async function afterClose(database: LedgerDatabase): Promise<AfterClose[]> {
  const rows = await database.rows(
    `SELECT s.lo, s.hi, count(*), sum(a.requests), sum(a.tokens), sum(a.contractedCost), max(a.seenAt)
     FROM after_close a JOIN closed_stretch s ON a.qh >= s.lo AND a.qh < s.hi GROUP BY s.lo, s.hi ORDER BY s.lo`,
  );
  return rows.map(([lo, hi, quarterHours, requests, tokens, cost, seenAt]) => ({
    period: { start: quarterInstant(Number(lo)), end: quarterInstant(Number(hi)) },
    quarterHours: Number(quarterHours),
    requests: toBigInt(requests),
    tokens: toBigInt(tokens),
    contractedCost: money(toBigInt(cost)),
    seenAt: toInstant(Number(seenAt)),
  }));
}

const STAGED = ["new_charge", "new_request", "new_rows", "new_faults", "new_bucket"] as const;
const STAGED_MINUTES = [
  ["new_minute", "minute_request"],
  ["new_team", "minute_team"],
] as const;

/**
 * Takes the quarter hours of closed periods out of a staged batch, so that nothing of it reaches what they hold, and notes what
 * they would hold beyond that. The most that was ever seen stays noted: a workspace that forgets takes nothing back. What only
 * the metrics count is left out, because they are forgotten long before the logs. Minutes, on which no statement rests, are
 * replaced. Returns how many quarter hours were taken out.
 */
export async function setClosedAside(connection: DuckDBConnection, readAt: Instant): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT n.qh, b.qh IS NOT NULL AND b.hash <> n.hash FROM new_bucket n LEFT JOIN bucket b ON b.qh = n.qh
     WHERE ${isClosed("n.qh")}`,
  );
  const closed = reader.getRows();
  if (closed.length === 0) return 0;
  const differing = closed.flatMap(([quarter, differs]) => (differs === true ? [Number(quarter)] : []));
  if (differing.length > 0) {
    await noteLateRows(connection, differing, readAt);
    const ofDiffering = `minute // 15 IN (${differing.join(", ")})`;
    for (const [staged, table] of STAGED_MINUTES) {
      await connection.run(`DELETE FROM ${table} WHERE ${ofDiffering}`);
      await connection.run(`INSERT INTO ${table} SELECT * FROM ${staged} WHERE ${ofDiffering} ORDER BY minute, key`);
    }
  }
  for (const table of STAGED) await connection.run(`DELETE FROM ${table} WHERE ${isClosed("qh")}`);
  for (const [staged] of STAGED_MINUTES)
    await connection.run(`DELETE FROM ${staged} WHERE ${isClosed("minute // 15")}`);
  return closed.length;
}

async function noteLateRows(connection: DuckDBConnection, quarters: readonly number[], readAt: Instant): Promise<void> {
  const list = quarters.join(", ");
  const tokens = (table: string) =>
    `SELECT c.qh, sum(c.quantity) AS tokens, sum(c.contractedCost) AS cost FROM ${table} c
     JOIN charge_key k ON k.id = c.key AND k.part = 'usage' AND k.confidence <> 'metric_only' WHERE c.qh IN (${list}) GROUP BY c.qh`;
  const requests = (table: string) =>
    `SELECT qh, sum(requests) AS requests FROM ${table} WHERE qh IN (${list}) GROUP BY qh`;
  const beyond = (now: string, held: string) => `greatest(coalesce(${now}, 0) - coalesce(${held}, 0), 0)::BIGINT`;
  await connection.run(
    `INSERT OR REPLACE INTO after_close
     SELECT late.qh, greatest(late.requests, coalesce(a.requests, 0)), greatest(late.tokens, coalesce(a.tokens, 0)),
       greatest(late.cost, coalesce(a.contractedCost, 0)), ?::BIGINT
     FROM (SELECT q.qh, ${beyond("nr.requests", "hr.requests")} AS requests, ${beyond("nt.tokens", "ht.tokens")} AS tokens,
         ${beyond("nt.cost", "ht.cost")} AS cost
       FROM (SELECT unnest([${list}])::INTEGER AS qh) q
       LEFT JOIN (${tokens("new_charge")}) nt ON nt.qh = q.qh LEFT JOIN (${tokens("charge")}) ht ON ht.qh = q.qh
       LEFT JOIN (${requests("new_request")}) nr ON nr.qh = q.qh LEFT JOIN (${requests("request")}) hr ON hr.qh = q.qh) late
     LEFT JOIN after_close a ON a.qh = late.qh
     WHERE (late.requests > coalesce(a.requests, 0) OR late.tokens > coalesce(a.tokens, 0))`,
    [BigInt(readAt)],
  );
}
