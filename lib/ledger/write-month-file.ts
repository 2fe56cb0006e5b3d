import type { DuckDBConnection } from "@duckdb/node-api";
import { money } from "../money/money.ts";
import { type Period, toIso } from "../time/instant.ts";
import type { MonthContents } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import {
  CHARGE_COLUMNS,
  FIGURES,
  figuresOf,
  LINE_COLUMNS,
  listOf,
  MONTH_FILE_LAYOUT,
  REQUEST_COLUMNS,
} from "./month-file.ts";
import { ceilQuarter, floorQuarter } from "./period-buckets.ts";
import { copyRows, literal, withStagingInstance } from "./staging-instance.ts";

/**
 * Writes everything that the ledger holds of a month to one Parquet file. The same content gives the same bytes, whatever
 * numbers its keys have in this ledger. No other write happens meanwhile.
 */
export async function writeMonthFile(database: LedgerDatabase, within: Period, path: string): Promise<MonthContents> {
  const [from, to] = [floorQuarter(within.start), ceilQuarter(within.end)];
  return database.write((ledger) =>
    withStagingInstance(path, async (staging) => {
      for (const [table, columns, query] of sourceTables(from, to)) {
        await staging.run(`CREATE TABLE ${table} (${columns})`);
        await copyRows(ledger, query, staging, table);
      }
      for (const statement of SORTED) await staging.run(statement);
      const notes = { layout: MONTH_FILE_LAYOUT, from: toIso(within.start), to: toIso(within.end) };
      const metadata = Object.entries(notes).map(([name, value]) => `"${name}": ${literal(value)}`);
      await staging.run(
        `COPY (${RECORDS_IN_ORDER}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${metadata.join(", ")}})`,
      );
      return contentsOf(staging, path);
    }),
  );
}

/** What a month's file holds. */
export async function contentsOf(staging: DuckDBConnection, path: string): Promise<MonthContents> {
  const reader = await staging.runAndReadAll(
    `SELECT count(*), count(*) FILTER (record = 'quarter'),
       to_json(list_sort(coalesce(list(DISTINCT book) FILTER (record = 'quarter' AND book <> ''), [])))::VARCHAR,
       coalesce(sum(contractedCost), 0)::VARCHAR, coalesce(sum(contractedCostUpper), 0)::VARCHAR
     FROM read_parquet(${literal(path)})`,
  );
  const [row] = reader.getRows();
  return {
    rows: Number(row?.[0]),
    quarterHours: Number(row?.[1]),
    bookVersions: JSON.parse(String(row?.[2])) as string[],
    contractedCost: money(BigInt(String(row?.[3]))),
    contractedCostUpper: money(BigInt(String(row?.[4]))),
  };
}

const VARCHARS = (columns: readonly string[]) =>
  columns.map((column) => `"${column}" ${column === "isInference" ? "BOOLEAN" : "VARCHAR"}`).join(", ");

/** The tables of the second instance, their columns and the query on the ledger that fills them. */
function sourceTables(from: number, to: number): (readonly [table: string, columns: string, query: string])[] {
  const within = `qh >= ${from} AND qh < ${to}`;
  const minutes = `minute >= ${from * 15} AND minute < ${to * 15}`;
  const typed = (record: keyof typeof FIGURES) => FIGURES[record].map(([name, type]) => `"${name}" ${type}`).join(", ");
  const inUse = (table: string) => `id IN (SELECT DISTINCT key FROM ${table} WHERE ${within})`;
  return [
    ["charge", `key INTEGER, ${typed("charge")}`, `SELECT key, ${figuresOf("charge")} FROM charge WHERE ${within}`],
    [
      "charge_key",
      `id INTEGER, ${VARCHARS([...CHARGE_COLUMNS, ...LINE_COLUMNS])}`,
      `SELECT k.id, ${listOf(CHARGE_COLUMNS, "k.")}, coalesce(l.text, ''), coalesce(u.text, '') FROM charge_key k
       LEFT JOIN price_line l ON l.id = k.lineId LEFT JOIN price_line u ON u.id = k.upperLineId WHERE k.${inUse("charge")}`,
    ],
    ["request", `key INTEGER, ${typed("request")}`, `SELECT key, ${figuresOf("request")} FROM request WHERE ${within}`],
    [
      "request_key",
      `id INTEGER, ${VARCHARS(REQUEST_COLUMNS)}`,
      `SELECT id, ${listOf(REQUEST_COLUMNS)} FROM request_key WHERE ${inUse("request")}`,
    ],
    [
      "rows",
      typed("rows"),
      `SELECT qh, account, deployment, source, rows, duplicates, requests FROM row_count WHERE ${within}`,
    ],
    ["fault", typed("fault"), `SELECT qh, account, deployment, fault, n FROM row_fault WHERE ${within}`],
    ["quarter", typed("quarter"), `SELECT ${figuresOf("quarter")} FROM bucket WHERE ${within}`],
    [
      "metric",
      typed("metric"),
      `SELECT minute, account, deployment, series, label, value FROM metric_minute WHERE ${minutes}`,
    ],
    [
      "identity",
      typed("identity"),
      `SELECT id, text FROM identity WHERE id IN (
         SELECT identityId FROM charge_key WHERE ${inUse("charge")} UNION SELECT identityId FROM request_key WHERE ${inUse("request")})`,
    ],
  ];
}

/**
 * Keys with their place in an order that depends on nothing but the content, and figures in the order of those places. Only
 * numbers are sorted: a month of a large tenant has a million charges and a few thousand keys.
 */
const SORTED: readonly string[] = [
  `CREATE TABLE charge_order AS SELECT row_number() OVER (ORDER BY ${listOf([...CHARGE_COLUMNS, ...LINE_COLUMNS])})::INTEGER AS place, *
   FROM charge_key`,
  `CREATE TABLE request_order AS SELECT row_number() OVER (ORDER BY ${listOf(REQUEST_COLUMNS)})::INTEGER AS place, * FROM request_key`,
  `CREATE TABLE sorted_charge AS SELECT k.place, ${figuresOf("charge", "c.")} FROM charge c JOIN charge_order k ON k.id = c.key
   ORDER BY c.qh, k.place, c.quantity, c.listCost, c.contractedCost, c.contractedCostUpper`,
  `CREATE TABLE sorted_request AS SELECT k.place, ${figuresOf("request", "r.")} FROM request r JOIN request_order k ON k.id = r.key
   ORDER BY r.qh, k.place, r.requests, r.attempts`,
];

/** Every kind of record, one after the other: the sorted figures stay in their order while their keys are written beside them. */
const RECORDS_IN_ORDER = `
  SELECT 'charge' AS record, * EXCLUDE (place, id)
    FROM sorted_charge JOIN charge_order USING (place)
  UNION ALL BY NAME SELECT 'fault' AS record, * FROM (FROM fault ORDER BY ALL)
  UNION ALL BY NAME SELECT 'identity' AS record, * FROM (FROM identity ORDER BY ALL)
  UNION ALL BY NAME SELECT 'metric' AS record, * FROM (FROM metric ORDER BY ALL)
  UNION ALL BY NAME SELECT 'quarter' AS record, * FROM (FROM quarter ORDER BY ALL)
  UNION ALL BY NAME SELECT 'request' AS record, * EXCLUDE (place, id)
    FROM sorted_request JOIN request_order USING (place)
  UNION ALL BY NAME SELECT 'rows' AS record, * FROM (FROM rows ORDER BY ALL)`;
