import type { DuckDBConnection } from "@duckdb/node-api";
import type { ZoneId } from "../time/zone.ts";
import { daysTouched } from "./period-buckets.ts";

/** The daily sums of charges of every local day that the quarter hours touch, made again from the quarter hours. */
export async function replaceChargeDays(
  connection: DuckDBConnection,
  zone: ZoneId,
  quarters: readonly number[],
): Promise<void> {
  const days = daysTouched(quarters, zone);
  if (days.length === 0) return;
  const list = days.map(({ day }) => day).join(", ");
  const cuts = `(VALUES ${days.map(({ day, from, to }) => `(${day}, ${from}, ${to})`).join(", ")}) cut(day, lo, hi)`;
  await connection.run(`DELETE FROM charge_day WHERE zone = ? AND day IN (${list})`, [zone]);
  await connection.run(
    `INSERT INTO charge_day
     SELECT ?, cut.day, c.key, sum(c.quantity), sum(c.listCost), sum(c.contractedCost), sum(c.contractedCostUpper), count(*)
     FROM charge c JOIN ${cuts} ON c.qh >= cut.lo AND c.qh < cut.hi GROUP BY cut.day, c.key ORDER BY cut.day, c.key`,
    [zone],
  );
}
