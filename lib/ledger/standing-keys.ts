import type { PriceLine } from "../pricing/priced-usage.ts";
import type { StandingKey } from "../pricing/reprice.ts";
import { statedEnd } from "../pricing/stated-end.ts";
import type { Period } from "../time/instant.ts";
import type { Mode, PriceKey, TokenKind } from "../usage/price-key.ts";
import { lineFromText } from "./charge-rows.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";

/** Every charge key of a period once, with the terms that its charges stand by and the stretch that they lie in. */
export async function standingKeys(database: LedgerDatabase, within: Period): Promise<StandingKey[]> {
  const rows = await database.rows(
    `SELECT k.id, k.part, k.model, k.version, k.scope, k.region, k.mode, k.contextBand, k.tokenKind, k.modality,
       k.source, k.pricing, k.note, k.meter, l.text, u.text, c.lo, c.hi
     FROM (SELECT key, min(qh) AS lo, max(qh) AS hi FROM charge
           WHERE qh >= ${floorQuarter(within.start)} AND qh < ${ceilQuarter(within.end)} GROUP BY key) c
     JOIN charge_key k ON k.id = c.key
     LEFT JOIN price_line l ON l.id = k.lineId LEFT JOIN price_line u ON u.id = k.upperLineId
     ORDER BY k.id`,
  );
  return rows.map((row): StandingKey => {
    const text = (index: number) => String(row[index]);
    return {
      id: Number(row[0]),
      part: text(1),
      // Only charges write these columns.
      key: {
        model: text(2),
        version: text(3),
        scope: text(4) as PriceKey["scope"],
        region: text(5),
        mode: text(6) as Mode,
        contextBand: text(7) as PriceKey["contextBand"],
        tokenKind: text(8) as TokenKind,
        modality: text(9) as PriceKey["modality"],
      },
      source: text(10),
      terms: priceTerms({ pricing: text(11), note: text(12), source: text(10), line: row[14], upper: row[15] }),
      meter: text(13),
      within: { start: quarterInstant(Number(row[16])), end: quarterInstant(Number(row[17]) + 1) },
    };
  });
}

/**
 * The terms of a charge key from its columns and the texts of its price lines. Only charges write these columns, so a priced key
 * has its line and a range has both.
 */
export function priceTerms(
  { pricing, note, source, line, upper }: PriceColumns,
  lineOf: (text: unknown) => PriceLine = (text) => lineFromText(String(text)),
): StandingKey["terms"] {
  switch (pricing) {
    case "priced":
      return { pricing, line: lineOf(line) };
    case "range": {
      const unknownPart = note as Extract<StandingKey["terms"], { pricing: "range" }>["unknownPart"];
      const stated = statedEnd(source, unknownPart);
      return { pricing, lower: lineOf(line), upper: lineOf(upper), unknownPart, stated };
    }
    case "unpriced":
      return { pricing, reason: note as Extract<StandingKey["terms"], { pricing: "unpriced" }>["reason"] };
    default:
      return { pricing: "included" };
  }
}

/** The meter of the price that charges stand at; empty without one. */
export function meterOf(terms: StandingKey["terms"]): string {
  if (terms.pricing === "priced") return terms.line.meterName;
  return terms.pricing === "range" ? terms[terms.stated].meterName : "";
}

/** The columns of a charge key that its price stands in, and the texts of its lines. */
type PriceColumns = {
  readonly pricing: string;
  readonly note: string;
  readonly source: string;
  readonly line: unknown;
  readonly upper: unknown;
};
