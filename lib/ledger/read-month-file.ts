import type { DuckDBConnection } from "@duckdb/node-api";
import { type Period, toIso } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { type CHARGE_KEY_COLUMNS, deploymentKey, lineFromText, shortName } from "./charge-rows.ts";
import type { KeyRow } from "./key-registry.ts";
import type { MonthContents } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { type LedgerKeys, type REQUEST_KEY_COLUMNS, writeWithKeys } from "./ledger-keys.ts";
import {
  CHARGE_COLUMNS,
  FIGURES,
  figuresOf,
  LINE_COLUMNS,
  listOf,
  MONTH_FILE_LAYOUT,
  REQUEST_COLUMNS,
  type RecordName,
} from "./month-file.ts";
import { ceilQuarter, floorQuarter } from "./period-buckets.ts";
import { replaceDays } from "./replace-days.ts";
import { copyRows, literal, withStagingInstance } from "./staging-instance.ts";
import { meterOf, priceTerms } from "./standing-keys.ts";
import { contentsOf } from "./write-month-file.ts";

/** A month's file cannot be taken in; the message says why in words, and nothing of it was. */
export class MonthFileError extends Error {
  override readonly name = "MonthFileError";
}

/**
 * Takes a month in from a file of `writeMonthFile` with the daily sums of every zone, all of it in one transaction or nothing: in
 * place of whatever the ledger holds of the month (`replace`), or only the quarter hours that it does not hold (`fill`). The
 * caller has checked the hash. Throws a MonthFileError.
 */
export async function readMonthFile(
  database: LedgerDatabase,
  keys: LedgerKeys,
  zones: readonly ZoneId[],
  within: Period,
  path: string,
  how: "replace" | "fill",
): Promise<MonthContents> {
  const [from, to] = [floorQuarter(within.start), ceilQuarter(within.end)];
  return withStagingInstance(path, async (staging) => {
    await checkFile(staging, within, path);
    return writeWithKeys(database, keys, async (ledger) => {
      await takeRecords(staging, ledger, path);
      await takeKeys(staging, ledger, keys, path);
      if (how === "replace") await deleteMonth(ledger, from, to);
      else await dropHeld(ledger);
      for (const statement of INSERTS) await ledger.run(statement);
      // Days that only what was held before touched have other sums now, too.
      const quarters = Array.from({ length: to - from }, (_, index) => from + index);
      for (const zone of zones) await replaceDays(ledger, zone, quarters);
      return contentsOf(staging, path);
    });
  });
}

async function deleteMonth(ledger: DuckDBConnection, from: number, to: number): Promise<void> {
  for (const table of ["charge", "request", "row_count", "row_fault", "bucket"])
    await ledger.run(`DELETE FROM ${table} WHERE qh >= ${from} AND qh < ${to}`);
  await ledger.run(`DELETE FROM metric_minute WHERE minute >= ${from * 15} AND minute < ${to * 15}`);
}

/** What the ledger holds by itself was read later than the file was written. */
async function dropHeld(ledger: DuckDBConnection): Promise<void> {
  for (const record of ["charge", "request", "rows", "fault", "quarter"] as const)
    await ledger.run(`DELETE FROM taken_${record} WHERE qh IN (SELECT qh FROM bucket)`);
  await ledger.run("DELETE FROM taken_metric WHERE minute // 15 IN (SELECT minute // 15 FROM metric_minute)");
}

async function checkFile(staging: DuckDBConnection, within: Period, path: string): Promise<void> {
  const [from, to] = [floorQuarter(within.start), ceilQuarter(within.end)];
  const notes = await staging
    .runAndReadAll(`SELECT decode(key), decode(value) FROM parquet_kv_metadata(${literal(path)})`)
    .catch(() => {
      throw new MonthFileError("It is no Parquet file, or only part of one.");
    });
  const told = new Map(notes.getRows().map(([key, value]) => [String(key), String(value)]));
  if (told.get("layout") !== MONTH_FILE_LAYOUT)
    throw new MonthFileError(
      `It was written in layout ${told.get("layout") ?? "unknown"}; this version of Token Ledger reads layout ${MONTH_FILE_LAYOUT}.`,
    );
  if (told.get("from") !== toIso(within.start) || told.get("to") !== toIso(within.end))
    throw new MonthFileError(`It holds ${told.get("from")} to ${told.get("to")}, which is another month.`);
  const reader = await staging
    .runAndReadAll(
      `SELECT count(*) FROM read_parquet(${literal(path)})
       WHERE qh < ${from} OR qh >= ${to} OR minute < ${from * 15} OR minute >= ${to * 15}`,
    )
    .catch((error: unknown) => {
      throw new MonthFileError(`It cannot be read: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    });
  if (Number(reader.getRows()[0]?.[0]) > 0) throw new MonthFileError("It holds rows of other months.");
}

/** The records without keys of their own, as they lie, into temporary tables `taken_…` of the ledger. */
async function takeRecords(staging: DuckDBConnection, ledger: DuckDBConnection, path: string): Promise<void> {
  for (const record of ["rows", "fault", "quarter", "metric", "identity"] as const) {
    await createTaken(ledger, record, "");
    await copyRows(
      staging,
      `SELECT ${figuresOf(record)} FROM read_parquet(${literal(path)}) WHERE record = '${record}'`,
      ledger,
      `taken_${record}`,
    );
  }
}

async function createTaken(ledger: DuckDBConnection, record: RecordName, before: string): Promise<void> {
  const columns = FIGURES[record].map(([name, type]) => `"${name}" ${type}`).join(", ");
  await ledger.run(`CREATE TEMP TABLE taken_${record} (${before}${columns})`);
}

/** Charges and requests with numbers for their keys: `taken_…` by the file's own number, `…_number` from that to the ledger's. */
async function takeKeys(
  staging: DuckDBConnection,
  ledger: DuckDBConnection,
  keys: LedgerKeys,
  path: string,
): Promise<void> {
  const kinds = [
    ["charge", [...CHARGE_COLUMNS, ...LINE_COLUMNS], (values: readonly unknown[]) => chargeKey(values, keys)],
    ["request", REQUEST_COLUMNS, (values: readonly unknown[]) => requestKey(values, keys)],
  ] as const;
  for (const [record, columns, idOf] of kinds) {
    const file = `(SELECT * FROM read_parquet(${literal(path)}) WHERE record = '${record}')`;
    await staging.run(
      `CREATE TABLE ${record}_key AS SELECT row_number() OVER (ORDER BY ${listOf(columns)})::INTEGER AS id, *
       FROM (SELECT DISTINCT ${listOf(columns)} FROM ${file})`,
    );
    const reader = await staging.runAndReadAll(`SELECT id, ${listOf(columns)} FROM ${record}_key ORDER BY id`);
    await ledger.run(`CREATE TEMP TABLE ${record}_number (taken INTEGER, id INTEGER)`);
    const appender = await ledger.createAppender(`${record}_number`);
    for (const [taken, ...values] of reader.getRows()) {
      appender.appendInteger(Number(taken));
      appender.appendInteger(idOf(values));
      appender.endRow();
    }
    appender.closeSync();
    await createTaken(ledger, record, "key INTEGER, ");
    const same = columns.map((column) => `f."${column}" = k."${column}"`).join(" AND ");
    await copyRows(
      staging,
      `SELECT k.id, ${figuresOf(record, "f.")} FROM ${file} f JOIN ${record}_key k ON ${same}`,
      ledger,
      `taken_${record}`,
    );
  }
  await keys.lines.flush(ledger);
  await keys.charges.flush(ledger);
  await keys.requests.flush(ledger);
}

function chargeKey(values: readonly unknown[], keys: LedgerKeys): number {
  const told = Object.fromEntries([...CHARGE_COLUMNS, ...LINE_COLUMNS].map((name, at) => [name, String(values[at])]));
  const { line = "", upperLine = "", account = "", deploymentName = "", ...key } = told;
  const terms = priceTerms({
    pricing: key.pricing ?? "",
    note: key.note ?? "",
    source: key.source ?? "",
    line,
    upper: upperLine,
  });
  const idOf = (text: string) => (text === "" ? 0 : keys.lines.idOf({ text, meter: lineFromText(text).meterName }));
  const columns = {
    ...key,
    ...named(account, deploymentName),
    lineId: idOf(line),
    upperLineId: idOf(upperLine),
    meter: meterOf(terms),
  };
  // The columns of the file with those that follow from them are all the columns of a charge key.
  return keys.charges.idOf(columns as unknown as KeyRow<typeof CHARGE_KEY_COLUMNS>);
}

/** Requests of one identity refer to the key of the same requests whoever made them. */
function requestKey(values: readonly unknown[], keys: LedgerKeys): number {
  const told = Object.fromEntries(REQUEST_COLUMNS.map((name, at) => [name, values[at]]));
  const columns = {
    ...told,
    ...named(String(told.account), String(told.deploymentName)),
    isInference: told.isInference === true,
    dayKey: 0,
    // The columns of the file with those that follow from them are all the columns of a request key.
  } as unknown as KeyRow<typeof REQUEST_KEY_COLUMNS>;
  const ofAnyone = keys.requests.idOf({ ...columns, identityId: "" });
  return columns.identityId === "" ? ofAnyone : keys.requests.idOf({ ...columns, dayKey: ofAnyone });
}

function named(account: string, deploymentName: string) {
  return {
    account,
    deploymentName,
    accountName: shortName(account),
    deployment: deploymentKey(account, deploymentName),
  };
}

const INSERTS: readonly string[] = [
  `INSERT INTO charge SELECT t.qh, n.id, t.quantity, t.listCost, t.contractedCost, t.contractedCostUpper
   FROM taken_charge t JOIN charge_number n ON n.taken = t.key ORDER BY t.qh, n.id`,
  `INSERT INTO request SELECT t.qh, n.id, t.requests, t.attempts, t.withTokens, t.unmeasured, t.buckets, t.counts
   FROM taken_request t JOIN request_number n ON n.taken = t.key ORDER BY t.qh, n.id`,
  "INSERT INTO row_count SELECT * FROM taken_rows ORDER BY qh",
  "INSERT INTO row_fault SELECT * FROM taken_fault ORDER BY qh",
  "INSERT INTO metric_minute SELECT * FROM taken_metric ORDER BY minute",
  "INSERT OR IGNORE INTO identity SELECT * FROM taken_identity",
  // What was read for these quarter hours is not compared with anything yet.
  `INSERT INTO bucket BY NAME SELECT qh, '' AS hash, readAt, origin, book, true AS isFromArchive FROM taken_quarter ORDER BY qh`,
];
