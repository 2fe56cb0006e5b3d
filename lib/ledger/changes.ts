import { HOUR_MS, type Instant, type Period } from "../time/instant.ts";
import type { ChargeQuery } from "./charge-query.ts";
import { lineFromText } from "./charge-rows.ts";
import { keyConditions } from "./conditions.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { chargeColumn } from "./sum-charges.ts";

/** Something that changed under the cost of a period: the price of a model, or the model behind a deployment. */
export type LedgerChange =
  | { readonly kind: "price"; readonly at: Instant; readonly model: string }
  | { readonly kind: "model"; readonly at: Instant; readonly deployment: string; readonly model: string };

/**
 * The changes inside a period, oldest first, as far as its own charges show them: a price that took the place of another
 * for the same model, meter and layer, and a deployment whose tokens began to be another model's.
 */
export async function changes(
  database: LedgerDatabase,
  { sees, period, filter }: Pick<ChargeQuery, "sees" | "period" | "filter">,
): Promise<LedgerChange[]> {
  const conditions = keyConditions(sees, filter, chargeColumn);
  const from = `FROM (SELECT key, min(qh) AS first, max(qh) AS last FROM charge
      WHERE qh >= ${floorQuarter(period.start)} AND qh < ${ceilQuarter(period.end)} AND quantity > 0 GROUP BY key) c
    JOIN charge_key k ON k.id = c.key`;
  const [lines, models] = await Promise.all([
    database.rows(
      `SELECT DISTINCT k.model, p.text ${from} JOIN price_line p ON p.id = k.lineId WHERE ${conditions.sql}`,
      conditions.values,
    ),
    database.rows(
      `SELECT k.deployment, k.model, min(c.first), max(c.last) ${from}
       WHERE k.part = 'usage' AND k.deployment <> '' AND k.model <> '' AND ${conditions.sql}
       GROUP BY k.deployment, k.model ORDER BY 1, 3, 2`,
      conditions.values,
    ),
  ]);
  return [
    ...priceChanges(
      lines.map(([model, text]) => ({ model: String(model), line: lineFromText(String(text)) })),
      period,
    ),
    ...modelChanges(
      models.map(([deployment, model, first, last]) => ({
        deployment: String(deployment),
        model: String(model),
        first: quarterInstant(Number(first)),
        last: quarterInstant(Number(last)),
      })),
    ),
  ].toSorted((a, b) => a.at - b.at);
}

function priceChanges(
  lines: readonly { readonly model: string; readonly line: ReturnType<typeof lineFromText> }[],
  within: Period,
): LedgerChange[] {
  const byMeter = Map.groupBy(lines, ({ model, line }) => [model, line.meterName, line.layer].join("\u0000"));
  const found = new Map<string, LedgerChange>();
  for (const group of byMeter.values()) {
    const begins = [...new Set(group.map(({ line }) => line.validFrom))].toSorted((a, b) => a - b).slice(1);
    for (const at of begins) {
      const model = group[0]?.model ?? "";
      if (at > within.start && at < within.end) found.set(`${model} ${at}`, { kind: "price", at, model });
    }
  }
  return [...found.values()];
}

type Seen = {
  readonly deployment: string;
  readonly model: string;
  readonly first: Instant;
  readonly last: Instant;
};

/** A model took another's place where that one ended; a router's models go on beside one another and change nothing. */
function modelChanges(seen: readonly Seen[]): LedgerChange[] {
  return [...Map.groupBy(seen, ({ deployment }) => deployment).values()].flatMap((own) =>
    own
      .filter(({ first }) => own.some((other) => other.first < first && other.last < first + OVERLAP_MS))
      .map(({ deployment, model, first }): LedgerChange => ({ kind: "model", at: first, deployment, model })),
  );
}

/** Calls that were under way at a change are told an hour later at most. */
const OVERLAP_MS = HOUR_MS;
