import { type DuckDBConnection, HUGEINT, INTEGER } from "@duckdb/node-api";
import { money } from "../money/money.ts";
import { comparePrices, type UnitPrice } from "../money/unit-price.ts";
import type { PriceLine } from "../pricing/priced-usage.ts";
import type { KeyRepricing, PriceTerms } from "../pricing/reprice.ts";
import type { Period } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { isClosed } from "./after-close.ts";
import { CHARGE_KEY_COLUMNS, lineText } from "./charge-rows.ts";
import type { RepricedStretch, RepricedSum } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { type LedgerKeys, writeWithKeys } from "./ledger-keys.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { replaceChargeDays } from "./replace-days.ts";
import { toBigInt } from "./sum-charges.ts";

/**
 * What the charges of each stretch cost by team as they stand, and would cost by other terms. Nothing is written: the new
 * costs are computed where the charges lie, by the same statement that `repriceCharges` writes with.
 */
export async function repricedSums(
  database: LedgerDatabase,
  changes: readonly KeyRepricing[],
  stretches: readonly RepricedStretch[],
): Promise<RepricedSum[]> {
  if (stretches.length === 0) return [];
  return database.write(async (connection) => {
    await nameTerms(connection, await openChanges(connection, changes));
    const cuts = stretches.map(
      ({ within }, index) => `(${index}, ${floorQuarter(within.start)}, ${ceilQuarter(within.end)})`,
    );
    const lowest = Math.min(...stretches.map(({ within }) => floorQuarter(within.start)));
    const highest = Math.max(...stretches.map(({ within }) => ceilQuarter(within.end)));
    const reader = await connection.runAndReadAll(
      `WITH after AS (${newCosts(lowest, highest)}),
       changed AS (SELECT cut.i, k.team, count(*) AS charges, sum(a.oldCost) AS before, sum(a.contractedCost) AS after,
           count(*) FILTER (a.contractedCost <> a.oldCost OR a.pricing <> k.pricing) AS moved,
           count(*) FILTER (a.pricing = 'unpriced') AS unpriced
         FROM after a JOIN charge_key k ON k.id = a.key
         JOIN (VALUES ${cuts.join(", ")}) cut(i, lo, hi) ON a.qh >= cut.lo AND a.qh < cut.hi GROUP BY ALL),
       stands AS (SELECT cut.i, k.team, count(*) AS charges, sum(c.contractedCost) AS before,
           count(*) FILTER (k.pricing = 'unpriced') AS unpriced,
           count(*) FILTER (k.pricing = 'unpriced' AND t.key IS NOT NULL) AS unpricedMoved
         FROM charge c JOIN charge_key k ON k.id = c.key
         JOIN (VALUES ${cuts.join(", ")}) cut(i, lo, hi) ON c.qh >= cut.lo AND c.qh < cut.hi
         LEFT JOIN repriced_key t ON t.key = c.key AND c.qh >= t.lo AND c.qh < t.hi GROUP BY ALL)
       SELECT s.i, s.team, s.before, s.before - coalesce(m.before, 0) + coalesce(m.after, 0), s.charges,
         coalesce(m.moved, 0), s.unpriced - s.unpricedMoved + coalesce(m.unpriced, 0)
       FROM stands s LEFT JOIN changed m ON m.i = s.i AND m.team = s.team ORDER BY s.i, s.team`,
    );
    const rows = reader.getRows();
    await dropTerms(connection);
    return rows.map(
      (row): RepricedSum => ({
        label: stretches[Number(row[0])]?.label ?? "",
        team: String(row[1]),
        before: money(toBigInt(row[2])),
        after: money(toBigInt(row[3])),
        charges: Number(row[4]),
        changed: Number(row[5]),
        unpricedAfter: Number(row[6]),
      }),
    );
  });
}

/**
 * Gives the charges of a period the terms that `changes` name, with their daily sums, in one transaction. Quantities, owners and
 * everything else stay, and so does every charge of a closed period, whatever `changes` say. Afterwards the open quarter hours of
 * the period stand by `bookVersion`. Returns how many charges were priced again.
 */
export async function repriceCharges(
  database: LedgerDatabase,
  keys: LedgerKeys,
  zones: readonly ZoneId[],
  changes: readonly KeyRepricing[],
  within: Period,
  bookVersion: string,
): Promise<number> {
  const [from, to] = [floorQuarter(within.start), ceilQuarter(within.end)];
  return writeWithKeys(database, keys, async (connection) => {
    const touched = (await openChanges(connection, changes)).filter(
      (change) => floorQuarter(change.within.start) < to && ceilQuarter(change.within.end) > from,
    );
    await connection.run(`UPDATE bucket SET book = ? WHERE qh >= ${from} AND qh < ${to} AND NOT ${isClosed("qh")}`, [
      bookVersion,
    ]);
    if (touched.length === 0) return 0;
    await nameTerms(connection, touched);
    await nameNewKeys(connection, keys, touched);
    await connection.run(`CREATE OR REPLACE TEMP TABLE repriced_charge AS
      SELECT a.qh, n.newKey AS key, a.quantity, a.listCost, a.contractedCost, a.contractedCostUpper
      FROM (${newCosts(from, to)}) a JOIN new_key n ON n.key = a.key AND n.terms = a.terms ORDER BY a.qh, n.newKey`);
    const [row] = (await connection.runAndReadAll("SELECT count(*) FROM repriced_charge")).getRows();
    const count = Number(row?.[0]);
    if (count > 0) await replaceRepriced(connection, zones, from, to);
    await dropTerms(connection);
    await connection.run("DROP TABLE repriced_charge; DROP TABLE new_key");
    return count;
  });
}

async function replaceRepriced(
  connection: DuckDBConnection,
  zones: readonly ZoneId[],
  from: number,
  to: number,
): Promise<void> {
  const reader = await connection.runAndReadAll("SELECT DISTINCT qh FROM repriced_charge ORDER BY qh");
  const quarters = reader.getRows().map(([quarter]) => Number(quarter));
  await connection.run(
    `DELETE FROM charge c WHERE c.qh >= ${from} AND c.qh < ${to}
     AND EXISTS (SELECT 1 FROM repriced_key t WHERE t.key = c.key AND c.qh >= t.lo AND c.qh < t.hi)`,
  );
  await connection.run("INSERT INTO charge SELECT * FROM repriced_charge ORDER BY qh, key");
  // What these quarter hours held when they were read is not what they hold now: reading them again compares anew.
  await connection.run(
    `UPDATE bucket SET hash = '' WHERE qh >= ${from} AND qh < ${to} AND qh IN (SELECT qh FROM repriced_charge)`,
  );
  for (const zone of zones) await replaceChargeDays(connection, zone, quarters);
}

/**
 * The same with staged charges (`new_charge`) of a batch that is being written: each gets the terms that `changes` name for
 * its key and quarter hour. Part of the caller's transaction; closed periods are the caller's matter.
 */
export async function repriceStaged(
  connection: DuckDBConnection,
  keys: LedgerKeys,
  changes: readonly KeyRepricing[],
  from: number,
  to: number,
): Promise<void> {
  await nameTerms(connection, changes);
  await nameNewKeys(connection, keys, changes);
  await connection.run(`CREATE TEMP TABLE repriced_charge AS
    SELECT a.qh, n.newKey AS key, a.quantity, a.listCost, a.contractedCost, a.contractedCostUpper
    FROM (${newCosts(from, to, "new_charge")}) a JOIN new_key n ON n.key = a.key AND n.terms = a.terms`);
  await connection.run(
    `DELETE FROM new_charge c
     WHERE EXISTS (SELECT 1 FROM repriced_key t WHERE t.key = c.key AND c.qh >= t.lo AND c.qh < t.hi)`,
  );
  await connection.run("INSERT INTO new_charge SELECT * FROM repriced_charge");
  await dropTerms(connection);
  await connection.run("DROP TABLE repriced_charge; DROP TABLE new_key");
}

/** The changes without what lies in closed periods. */
async function openChanges(
  connection: DuckDBConnection,
  changes: readonly KeyRepricing[],
): Promise<readonly KeyRepricing[]> {
  const rows = (await connection.runAndReadAll("SELECT lo, hi FROM closed_stretch ORDER BY lo")).getRows();
  return rows.reduce<readonly KeyRepricing[]>((open, [lo, hi]) => {
    const closed = { start: quarterInstant(Number(lo)), end: quarterInstant(Number(hi)) };
    return open.flatMap((change) => {
      const { start, end } = change.within;
      if (end <= closed.start || start >= closed.end) return [change];
      const before = start < closed.start ? [{ ...change, within: { start, end: closed.start } }] : [];
      const after = end > closed.end ? [{ ...change, within: { start: closed.end, end } }] : [];
      return [...before, ...after];
    });
  }, changes);
}

const TERM_PRICES = ["list", "contracted", "upper"] as const;

/** The temporary tables `repriced_key` (key, stretch, terms) and `price_terms` (three ratios per terms). */
async function nameTerms(connection: DuckDBConnection, changes: readonly KeyRepricing[]): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE repriced_key (key INTEGER, lo INTEGER, hi INTEGER, terms INTEGER)`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE price_terms (terms INTEGER, pricing VARCHAR, isCapacity BOOLEAN,
       ${TERM_PRICES.map((name) => `${name}Numerator HUGEINT, ${name}Denominator HUGEINT`).join(", ")})`,
  );
  const { ids, distinct } = numberedTerms(changes);
  const termRows = await connection.createAppender("price_terms");
  for (const [id, { terms, per }] of distinct.entries()) {
    termRows.appendInteger(id);
    termRows.appendVarchar(terms.pricing);
    termRows.appendBoolean(per !== 1n);
    for (const { numerator, denominator } of pricesOf(terms)) {
      termRows.appendValue(numerator, HUGEINT);
      termRows.appendValue(denominator * per, HUGEINT);
    }
    termRows.endRow();
  }
  termRows.closeSync();
  const keyRows = await connection.createAppender("repriced_key");
  for (const [index, { keyId, within }] of changes.entries()) {
    keyRows.appendValue(keyId, INTEGER);
    keyRows.appendInteger(floorQuarter(within.start));
    keyRows.appendInteger(ceilQuarter(within.end));
    keyRows.appendInteger(ids[index] ?? 0);
    keyRows.endRow();
  }
  keyRows.closeSync();
}

async function dropTerms(connection: DuckDBConnection): Promise<void> {
  await connection.run("DROP TABLE repriced_key; DROP TABLE price_terms");
}

function numberedTerms(changes: readonly KeyRepricing[]) {
  const known = new Map<string, number>();
  const distinct: KeyRepricing[] = [];
  const ids = changes.map((change) => {
    const text = `${change.per} ${termsText(change.terms)}`;
    const id = known.get(text) ?? distinct.length;
    if (id === distinct.length) {
      known.set(text, id);
      distinct.push(change);
    }
    return id;
  });
  return { ids, distinct };
}

function termsText(terms: PriceTerms): string {
  switch (terms.pricing) {
    case "priced":
      return `priced ${lineText(terms.line)}`;
    case "range":
      return `range ${terms.stated} ${terms.unknownPart} ${lineText(terms.lower)} ${lineText(terms.upper)}`;
    case "unpriced":
      return `unpriced ${terms.reason}`;
  }
}

const NOTHING: UnitPrice = { numerator: 0n, denominator: 1n };

/** List, contracted and upper contracted price, by the stated end of a range; its list price is the cheaper or the dearer one. */
function pricesOf(terms: PriceTerms): readonly [UnitPrice, UnitPrice, UnitPrice] {
  switch (terms.pricing) {
    case "priced":
      return [terms.line.listUnitPrice, terms.line.contractedUnitPrice, terms.line.contractedUnitPrice];
    case "range": {
      const { lower, upper, stated } = terms;
      const [a, b] = [lower.listUnitPrice, upper.listUnitPrice];
      const [cheaper, dearer] = comparePrices(a, b) <= 0 ? [a, b] : [b, a];
      const isUpper = stated === "upper";
      return [isUpper ? dearer : cheaper, terms[stated].contractedUnitPrice, upper.contractedUnitPrice];
    }
    case "unpriced":
      return [NOTHING, NOTHING, NOTHING];
  }
}

/** The temporary table `new_key`: for each key and terms the number of the key that says so. */
async function nameNewKeys(
  connection: DuckDBConnection,
  keys: LedgerKeys,
  changes: readonly KeyRepricing[],
): Promise<void> {
  const { ids } = numberedTerms(changes);
  const asked = [...new Set(changes.map(({ keyId }) => keyId))];
  const reader = await connection.runAndReadAll(
    `SELECT id, ${CHARGE_KEY_COLUMNS.map((column) => `"${column}"`).join(", ")} FROM charge_key WHERE id IN (SELECT key FROM repriced_key)`,
  );
  const rows = new Map(reader.getRows().map(([id, ...values]) => [Number(id), values]));
  if (rows.size !== asked.length) throw new RangeError("A charge key that is to be priced again is not in the ledger.");
  const fresh = new Map<string, { key: number; terms: number; newKey: number }>();
  for (const [index, { keyId, terms }] of changes.entries()) {
    const id = ids[index] ?? 0;
    if (fresh.has(`${keyId}/${id}`)) continue;
    const values = rows.get(keyId) ?? [];
    const columns = Object.fromEntries(CHARGE_KEY_COLUMNS.map((column, at) => [column, columnValue(values[at])]));
    // `columns` has every column of the key table, read from that table.
    const row = { ...columns, ...termColumns(terms, keys) } as Parameters<LedgerKeys["charges"]["idOf"]>[0];
    fresh.set(`${keyId}/${id}`, { key: keyId, terms: id, newKey: keys.charges.idOf(row) });
  }
  await keys.lines.flush(connection);
  await keys.charges.flush(connection);
  await connection.run("CREATE OR REPLACE TEMP TABLE new_key (key INTEGER, terms INTEGER, newKey INTEGER)");
  const appender = await connection.createAppender("new_key");
  for (const { key, terms, newKey } of fresh.values()) {
    for (const value of [key, terms, newKey]) appender.appendInteger(value);
    appender.endRow();
  }
  appender.closeSync();
}

function columnValue(value: unknown): string | number {
  return typeof value === "number" ? value : String(value);
}

function termColumns(terms: PriceTerms, keys: LedgerKeys) {
  const idOf = (line: PriceLine) => keys.lines.idOf({ text: lineText(line), meter: line.meterName });
  switch (terms.pricing) {
    case "priced":
      return { pricing: "priced", note: "", meter: terms.line.meterName, lineId: idOf(terms.line), upperLineId: 0 };
    case "range": {
      const { lower, upper, unknownPart, stated } = terms;
      const [lineId, upperLineId] = [idOf(lower), idOf(upper)];
      return { pricing: "range", note: unknownPart, meter: terms[stated].meterName, lineId, upperLineId };
    }
    case "unpriced":
      return { pricing: "unpriced", note: terms.reason, meter: "", lineId: 0, upperLineId: 0 };
  }
}

/**
 * SQL for every charge that `repriced_key` names, with its new costs. A token charge is units × price, rounded once, half away
 * from zero. Capacity of one deployment and quarter hour is priced as a whole, rounded once, and split over its parts as its
 * list cost was split before, by largest remainder, so the parts sum to the whole.
 */
function newCosts(from: number, to: number, table: "charge" | "new_charge" = "charge"): string {
  const rounded = (units: string, name: string) =>
    `(sign(${units})::HUGEINT * ((2 * abs(${units}::HUGEINT) * t.${name}Numerator + t.${name}Denominator) // (2 * t.${name}Denominator)))`;
  const named = `FROM ${table} c JOIN repriced_key r ON r.key = c.key AND c.qh >= r.lo AND c.qh < r.hi
    JOIN price_terms t ON t.terms = r.terms`;
  const period = `c.qh >= ${from} AND c.qh < ${to}`;
  const column = { list: "listCost", contracted: "contractedCost", upper: "contractedCostUpper" } as const;
  const shares = TERM_PRICES.map(
    (name) => `${name}Total * weight // weights AS ${name}Share, (${name}Total * weight) % weights AS ${name}Rest`,
  );
  const allocated = TERM_PRICES.map(
    (name) => `(${name}Share + CASE WHEN row_number() OVER (whole ORDER BY ${name}Rest DESC, key)
      <= ${name}Total - sum(${name}Share) OVER whole THEN 1 ELSE 0 END)::BIGINT AS ${column[name]}`,
  );
  return `
    SELECT c.qh, c.key, r.terms, t.pricing, c.quantity, c.contractedCost AS oldCost,
      ${TERM_PRICES.map((name) => `${rounded("c.quantity", name)}::BIGINT AS ${column[name]}`).join(", ")}
    ${named} WHERE ${period} AND NOT t.isCapacity
    UNION ALL
    SELECT qh, key, terms, pricing, quantity, oldCost, ${allocated.join(", ")}
    FROM (SELECT *, ${shares.join(", ")} FROM (
      SELECT *, CASE WHEN listed > 0 THEN listCost ELSE quantity END::HUGEINT AS weight,
        CASE WHEN listed > 0 THEN listed WHEN units > 0 THEN units ELSE 1 END AS weights FROM (
        SELECT c.qh, c.key, r.terms, t.pricing, c.quantity, c.listCost, c.contractedCost AS oldCost,
          k.account, k.deploymentName, sum(c.quantity) OVER piece AS units, sum(c.listCost) OVER piece AS listed,
          ${TERM_PRICES.map((name) => `${rounded("(sum(c.quantity) OVER piece)", name)} AS ${name}Total`).join(", ")}
        ${named} JOIN charge_key k ON k.id = c.key WHERE ${period} AND t.isCapacity
        WINDOW piece AS (PARTITION BY c.qh, k.account, k.deploymentName, r.terms))))
    WINDOW whole AS (PARTITION BY qh, account, deploymentName, terms)`;
}
