import { money } from "../money/money.ts";
import type { Period } from "../time/instant.ts";
import type { Mode, PriceKey, TokenKind } from "../usage/price-key.ts";
import type { StandingRow } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { toBigInt } from "./sum-charges.ts";

/** The charges of a period added up by quarter hour, team and everything that decides a price. */
export async function standingCharges(database: LedgerDatabase, within: Period): Promise<StandingRow[]> {
  const rows = await database.rows(
    `SELECT c.qh, k.part, k.team, k.model, k.version, k.scope, k.region, k.mode, k.contextBand, k.tokenKind, k.modality,
       k.source, k.pricing, k.note, k.meter, sum(c.quantity), sum(c.contractedCost), count(*)
     FROM charge c JOIN charge_key k ON k.id = c.key
     WHERE c.qh >= ${floorQuarter(within.start)} AND c.qh < ${ceilQuarter(within.end)}
     GROUP BY ALL ORDER BY ALL`,
  );
  return rows.map((row): StandingRow => {
    const text = (index: number) => String(row[index]);
    return {
      quarterHour: quarterInstant(Number(row[0])),
      part: text(1),
      team: text(2),
      // Only charges write these columns.
      key: {
        model: text(3),
        version: text(4),
        scope: text(5) as PriceKey["scope"],
        region: text(6),
        mode: text(7) as Mode,
        contextBand: text(8) as PriceKey["contextBand"],
        tokenKind: text(9) as TokenKind,
        modality: text(10) as PriceKey["modality"],
      },
      source: text(11),
      pricing: text(12) as StandingRow["pricing"],
      note: text(13),
      meter: text(14),
      quantity: toBigInt(row[15]),
      contractedCost: money(toBigInt(row[16])),
      charges: Number(row[17]),
    };
  });
}
