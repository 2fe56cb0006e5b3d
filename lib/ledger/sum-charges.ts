import type { DuckDBValue } from "@duckdb/node-api";
import { money } from "../money/money.ts";
import type { ZoneId } from "../time/zone.ts";
import type { ChargeDimension, ChargeQuery, ChargeSum } from "./charge-query.ts";
import { type Condition, keyConditions, labelTable } from "./conditions.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { bucketPlan } from "./period-buckets.ts";
import { statedFigures } from "./stated-figures.ts";

/** The column of `charge_key` behind each dimension. */
const COLUMNS: Readonly<Record<ChargeDimension, string>> = {
  team: "k.team",
  application: "k.application",
  account: "k.accountName",
  deployment: "k.deployment",
  model: "k.model",
  region: "k.region",
  scope: "k.scope",
  mode: "k.mode",
  tokenKind: "k.tokenKind",
  operation: "k.operation",
  apiVersion: "k.apiVersion",
  streamType: "k.streamType",
  spillover: "k.spillover",
  source: "k.source",
  meter: "k.meter",
  rule: "k.rule",
  part: "k.part",
  confidence: "k.confidence",
};

/** The column of a dimension; the words of the URL and the API reach SQL only through this table. */
export function chargeColumn(dimension: string): string {
  const column = (COLUMNS as Readonly<Record<string, string | undefined>>)[dimension];
  if (!column) throw new RangeError(`Unknown dimension: ${dimension}`);
  return column;
}

/** The stored figures that a question covers, as a table of `label, key, quantity, listCost, …, charges`. */
export function chargeFigures(
  query: Pick<ChargeQuery, "period" | "zone" | "grain" | "rates">,
  zones: readonly ZoneId[],
): Condition {
  if (query.rates) return statedFigures(query, query.rates);
  const hasDays = zones.includes(query.zone);
  const plan = bucketPlan(query.period, query.zone, query.grain, hasDays);
  const days = labelTable(
    "b",
    ["label", "day"],
    plan.days.map(({ label, day }) => [label, day]),
  );
  const stretches = labelTable(
    "b",
    ["label", "lo", "hi"],
    plan.stretches.map(({ label, from, to }) => [label, from, to]),
  );
  const parts: Condition[] = [];
  if (plan.days.length > 0) {
    const [first, last] = [Math.min(...plan.days.map(({ day }) => day)), Math.max(...plan.days.map(({ day }) => day))];
    parts.push({
      sql: `SELECT b.label, d.key, d.quantity, d.listCost, d.contractedCost, d.contractedCostUpper, d.charges
            FROM charge_day d JOIN ${days.sql} ON d.day = b.day WHERE d.zone = ? AND d.day BETWEEN ${first} AND ${last}`,
      values: [...days.values, query.zone],
    });
  }
  if (plan.stretches.length > 0) {
    const from = Math.min(...plan.stretches.map((stretch) => stretch.from));
    const to = Math.max(...plan.stretches.map((stretch) => stretch.to));
    parts.push({
      sql: `SELECT b.label, c.key, c.quantity::HUGEINT, c.listCost::HUGEINT, c.contractedCost::HUGEINT, c.contractedCostUpper::HUGEINT, 1
            FROM (SELECT * FROM charge WHERE qh >= ${from} AND qh < ${to}) c
            JOIN ${stretches.sql} ON c.qh >= b.lo AND c.qh < b.hi`,
      values: stretches.values,
    });
  }
  const nothing = `SELECT NULL::VARCHAR AS label, 0 AS key, 0::HUGEINT AS quantity, 0::HUGEINT AS listCost, 0::HUGEINT AS contractedCost, 0::HUGEINT AS contractedCostUpper, 0::BIGINT AS charges WHERE false`;
  return {
    sql: `(${[nothing, ...parts.map((part) => part.sql)].join(" UNION ALL ")})`,
    values: parts.flatMap((part) => part.values),
  };
}

/** Charges that stand at the dear end of a range; in SQL, of figures `f` and their key `k`. */
export const IS_AT_MOST = "k.pricing = 'range' AND f.contractedCost = f.contractedCostUpper";

/** Charges summed by bucket and dimensions; buckets ascending, dearest first inside a bucket. */
export async function sumCharges(
  database: LedgerDatabase,
  query: ChargeQuery,
  zones: readonly ZoneId[],
): Promise<ChargeSum[]> {
  const figures = chargeFigures(query, zones);
  const conditions = keyConditions(query.sees, query.filter, chargeColumn);
  const dimensions = query.groupBy.map((dimension) => chargeColumn(dimension));
  const keys = ["f.label", ...dimensions];
  const rows = await database.rows(
    `SELECT ${keys.join(", ")},
       coalesce(sum(f.quantity) FILTER (k.tokenKind = 'input'), 0),
       coalesce(sum(f.quantity) FILTER (k.tokenKind = 'cached_input'), 0),
       coalesce(sum(f.quantity) FILTER (k.tokenKind = 'cache_write'), 0),
       coalesce(sum(f.quantity) FILTER (k.tokenKind = 'output'), 0),
       coalesce(sum(f.quantity) FILTER (k.pricing = 'unpriced' AND k.part = 'usage'), 0),
       sum(f.listCost), sum(f.contractedCost), sum(f.contractedCostUpper), sum(f.charges),
       coalesce(sum(f.quantity) FILTER (k.part <> 'usage'), 0),
       coalesce(sum(f.contractedCost) FILTER (${IS_AT_MOST}), 0)
     FROM ${figures.sql} f JOIN charge_key k ON k.id = f.key
     WHERE ${conditions.sql}
     GROUP BY ${keys.join(", ")}
     ORDER BY f.label NULLS FIRST, sum(f.contractedCost) DESC${dimensions.map((column) => `, ${column}`).join("")}`,
    [...figures.values, ...conditions.values],
  );
  return rows.map((row) => chargeSum(row, query.groupBy));
}

function chargeSum(row: readonly DuckDBValue[], groupBy: readonly ChargeDimension[]): ChargeSum {
  const figures = row.slice(1 + groupBy.length).map(toBigInt);
  const [input, cached, write, output, unpriced, list, contracted, upper, charges, capacity, atMost] = figures;
  return {
    bucket: row[0] === null || row[0] === undefined ? null : String(row[0]),
    keys: Object.fromEntries(groupBy.map((dimension, index) => [dimension, String(row[1 + index])])),
    inputTokens: input ?? 0n,
    cachedInputTokens: cached ?? 0n,
    cacheWriteTokens: write ?? 0n,
    outputTokens: output ?? 0n,
    unpricedTokens: unpriced ?? 0n,
    listCost: money(list ?? 0n),
    contractedCost: money(contracted ?? 0n),
    contractedCostUpper: money(upper ?? 0n),
    contractedCostAtMost: money(atMost ?? 0n),
    charges: charges ?? 0n,
    capacityUnitMinutes: capacity ?? 0n,
  };
}

/** A whole number that DuckDB returned as INTEGER, BIGINT, HUGEINT or DOUBLE. */
export function toBigInt(value: DuckDBValue | undefined): bigint {
  if (typeof value === "bigint") return value;
  return value === null || value === undefined ? 0n : BigInt(Number(value));
}
