import { UNATTRIBUTED } from "../attribution/charge.ts";
import type { Visibility } from "../auth/principal.ts";
import type { ChargeDimension } from "../ledger/charge-query.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import type { Money } from "../money/money.ts";
import { type Instant, MINUTE_MS, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";

/**
 * Where a name stands in the order of first appearance; it decides the name's colour for ever, because later names only
 * come behind it. `other` is the sum of the rest, `nobody` is what no team claims.
 */
export type Slot = number | "other" | "nobody";

export type SlotOf = (value: string) => Slot;

const KEPT_MS = 5 * MINUTE_MS;
/** Before the first Azure OpenAI bill; a fixed start, so that no name ever moves because history moves on. */
const BEGINNING = toInstant("2020-01-01T00:00:00Z");

type Kept = { readonly until: Instant; readonly slots: Promise<SlotOf> };
const keptByLedger = new WeakMap<LedgerReads, Map<ChargeDimension, Kept>>();

/** The slots of all names of a dimension, by the month of their first charge, dearest first within it; kept for five minutes. */
export function loadCategorySlots(ledger: LedgerReads, dimension: ChargeDimension, now: Instant): Promise<SlotOf> {
  const byDimension = keptByLedger.get(ledger) ?? new Map<ChargeDimension, Kept>();
  keptByLedger.set(ledger, byDimension);
  const kept = byDimension.get(dimension);
  if (kept && kept.until > now) return kept.slots;
  const slots = readSlots(ledger, dimension, now);
  byDimension.set(dimension, { until: toInstant(now + KEPT_MS), slots });
  slots.catch(() => byDimension.delete(dimension));
  return slots;
}

// A colour must not depend on who looks, and a name alone tells a viewer nothing.
const ALL: Visibility = { kind: "everything" };

async function readSlots(ledger: LedgerReads, dimension: ChargeDimension, now: Instant): Promise<SlotOf> {
  const rows = await ledger.sumCharges({
    sees: ALL,
    period: { start: BEGINNING, end: now },
    zone: UTC,
    grain: "month",
    groupBy: [dimension],
    filter: {},
  });
  const first = new Map<string, { readonly month: string; readonly cost: Money }>();
  for (const row of rows) {
    const value = row.keys[dimension] ?? "";
    const month = row.bucket ?? "";
    if (month < (first.get(value)?.month ?? "9999")) first.set(value, { month, cost: row.contractedCost });
  }
  const order = [...first]
    .filter(([value]) => value !== "" && value !== UNATTRIBUTED)
    .toSorted(
      ([a, x], [b, y]) =>
        x.month.localeCompare(y.month) || (x.cost === y.cost ? a.localeCompare(b) : x.cost < y.cost ? 1 : -1),
    )
    .map(([value]) => value);
  const slots = new Map(order.map((value, index) => [value, index]));
  return (value) => (value === "" || value === UNATTRIBUTED ? "nobody" : (slots.get(value) ?? "other"));
}
