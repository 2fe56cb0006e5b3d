import type { DuckDBConnection } from "@duckdb/node-api";
import type { ZoneId } from "../time/zone.ts";
import { daysTouched } from "./period-buckets.ts";

/** Makes the daily sums of every local day that the quarter hours touch again, from the quarter hours. */
export async function replaceDays(
  connection: DuckDBConnection,
  zone: ZoneId,
  quarters: readonly number[],
): Promise<void> {
  await replaceChargeDays(connection, zone, quarters);
  const days = daysTouched(quarters, zone);
  if (days.length === 0) return;
  await deleteDays(connection, ["request_day", "latency_day"], zone, days);
  const requests = `${rowsOfDays("request", days)} JOIN request_key k ON k.id = r.key`;
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

/** The daily sums of charges alone. */
export async function replaceChargeDays(
  connection: DuckDBConnection,
  zone: ZoneId,
  quarters: readonly number[],
): Promise<void> {
  const days = daysTouched(quarters, zone);
  if (days.length === 0) return;
  await deleteDays(connection, ["charge_day"], zone, days);
  await connection.run(
    `INSERT INTO charge_day
     SELECT ?, cut.day, r.key, sum(r.quantity), sum(r.listCost), sum(r.contractedCost), sum(r.contractedCostUpper), count(*)
     FROM ${rowsOfDays("charge", days)} GROUP BY cut.day, r.key ORDER BY cut.day, r.key`,
    [zone],
  );
}

type Days = ReturnType<typeof daysTouched>;

async function deleteDays(
  connection: DuckDBConnection,
  tables: readonly string[],
  zone: ZoneId,
  days: Days,
): Promise<void> {
  const list = days.map(({ day }) => day).join(", ");
  for (const table of tables) await connection.run(`DELETE FROM ${table} WHERE zone = ? AND day IN (${list})`, [zone]);
}

/** Rows `r` of a table with their day `cut.day`. A join by range reads the whole table, so the stretch is said besides. */
function rowsOfDays(table: "charge" | "request", days: Days): string {
  const from = Math.min(...days.map((day) => day.from));
  const to = Math.max(...days.map((day) => day.to));
  const cuts = days.map((day) => `(${day.day}, ${day.from}, ${day.to})`).join(", ");
  return `(SELECT * FROM ${table} WHERE qh >= ${from} AND qh < ${to}) r
    JOIN (VALUES ${cuts}) cut(day, lo, hi) ON r.qh >= cut.lo AND r.qh < cut.hi`;
}
