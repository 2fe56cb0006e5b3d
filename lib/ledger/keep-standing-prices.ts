import type { DuckDBConnection } from "@duckdb/node-api";
import type { PriceLine } from "../pricing/priced-usage.ts";
import type { KeyRepricing, PriceTerms } from "../pricing/reprice.ts";
import { lineFromText } from "./charge-rows.ts";
import type { LedgerKeys } from "./ledger-keys.ts";
import { quarterInstant } from "./period-buckets.ts";
import { repriceStaged } from "./reprice-charges.ts";
import { priceTerms } from "./standing-keys.ts";

/**
 * Gives staged charges of quarter hours that are stored already the prices that their price key stands by there: reading a
 * quarter hour again never prices it again, whatever the price book says by now. Late rows of a price key that stands in
 * their quarter hour get its price too; a price key that is new there keeps the price that it came with. What no price book
 * decides (included tokens, reservations) stays as it came.
 */
export async function keepStandingPrices(
  connection: DuckDBConnection,
  keys: LedgerKeys,
  quarters: readonly number[],
): Promise<void> {
  if (quarters.length === 0) return;
  const [from, to] = [Math.min(...quarters), Math.max(...quarters) + 1];
  const within = `c.qh >= ${from} AND c.qh < ${to}`;
  const unlike = await connection.runAndReadAll(
    `CREATE TEMP TABLE unlike_charge AS
     SELECT DISTINCT n.qh, n.key FROM new_charge n JOIN bucket b ON b.qh = n.qh
     WHERE NOT EXISTS (SELECT 1 FROM charge c WHERE ${within} AND c.qh = n.qh AND c.key = n.key)`,
  );
  if (Number(unlike.getRows()[0]?.[0]) > 0) {
    const changes = await standingTerms(connection, within);
    if (changes.length > 0) await repriceStaged(connection, keys, changes, from, to);
  }
  await connection.run("DROP TABLE unlike_charge");
}

const PRICE_COLUMNS = ["model", "version", "scope", "region", "mode", "tokenKind", "modality", "source"] as const;
/** Of capacity the deployment too: two of one model may stand by different meters. */
const CAPACITY_OF = "CASE WHEN k.part = 'usage' THEN '' ELSE k.account || '/' || k.deploymentName END";
const IS_PRICED_BY_BOOK = `k.pricing IN ('priced', 'range', 'unpriced') AND k.part <> 'unused' AND k.source <> 'reservation'`;

/**
 * The terms that the price keys of `unlike_charge` stand by in their quarter hours, where they are others than those that they came
 * with. Where several stand, those of the same kind are meant; where still more than one is left, none is.
 */
async function standingTerms(connection: DuckDBConnection, within: string): Promise<KeyRepricing[]> {
  const columns = PRICE_COLUMNS.map((column) => `k."${column}"`).join(", ");
  const priceKey = `${columns}, k.part = 'usage' AS isUsage, ${CAPACITY_OF} AS capacityOf, k.contextBand, k.pricing, k.note`;
  const same = [...PRICE_COLUMNS, "isUsage", "capacityOf"]
    .map((column) => `s."${column}" = u."${column}"`)
    .join(" AND ");
  const reader = await connection.runAndReadAll(
    `WITH standing AS (SELECT DISTINCT c.qh, ${priceKey}, k.lineId, k.upperLineId
         FROM charge c JOIN charge_key k ON k.id = c.key WHERE ${within} AND ${IS_PRICED_BY_BOOK}),
       unlike AS (SELECT n.qh, n.key, ${priceKey}, k.lineId, k.upperLineId
         FROM unlike_charge n JOIN charge_key k ON k.id = n.key WHERE ${IS_PRICED_BY_BOOK}),
       candidate AS (SELECT u.qh, u.key, u.isUsage, u.source, s.pricing, s.note, s.lineId, s.upperLineId,
           s.pricing = u.pricing AND s.note = u.note AND s.lineId = u.lineId AND s.upperLineId = u.upperLineId AS isSame,
           (s.contextBand <> u.contextBand)::INTEGER * 2 + (s.pricing <> u.pricing OR s.note <> u.note)::INTEGER AS distance
         FROM unlike u JOIN standing s ON s.qh = u.qh AND ${same}
           AND (s.contextBand = u.contextBand OR s.contextBand = 'any')),
       nearest AS (SELECT * FROM candidate QUALIFY distance = min(distance) OVER (PARTITION BY qh, key)),
       clear AS (SELECT * FROM nearest QUALIFY count(*) OVER (PARTITION BY qh, key) = 1)
     SELECT c.key, c.qh, c.isUsage, c.source, c.pricing, c.note, c.lineId, c.upperLineId, l.text, p.text
     FROM clear c LEFT JOIN price_line l ON l.id = c.lineId LEFT JOIN price_line p ON p.id = c.upperLineId
     WHERE NOT c.isSame
     ORDER BY c.key, c.qh`,
  );
  const lines = new Map<string, PriceLine>();
  const lineOf = (text: unknown): PriceLine => {
    const known = lines.get(String(text)) ?? lineFromText(String(text));
    lines.set(String(text), known);
    return known;
  };
  const changes: { keyId: number; from: number; to: number; termsId: string; terms: PriceTerms; per: 1n | 60n }[] = [];
  for (const [key, qh, isUsage, source, pricing, note, lineId, upperLineId, line, upper] of reader.getRows()) {
    const termsId = `${pricing} ${note} ${lineId} ${upperLineId}`;
    const last = changes.at(-1);
    if (last && last.keyId === Number(key) && last.to === Number(qh) && last.termsId === termsId) {
      last.to += 1;
      continue;
    }
    const columns = { pricing: String(pricing), note: String(note), source: String(source), line, upper };
    const terms = priceTerms(columns, lineOf);
    if (terms.pricing === "included") continue;
    const per = isUsage === true ? 1n : 60n;
    changes.push({ keyId: Number(key), from: Number(qh), to: Number(qh) + 1, termsId, terms, per });
  }
  return changes
    .filter(({ terms }) => terms.pricing !== "priced" || terms.line.layer !== "reservation")
    .map(({ keyId, from, to, terms, per }) => ({
      keyId,
      within: { start: quarterInstant(from), end: quarterInstant(to) },
      terms,
      per,
    }));
}
