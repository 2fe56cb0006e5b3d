import { UNATTRIBUTED } from "../attribution/charge.ts";
import type { Visibility } from "../auth/principal.ts";
import type { ChargeDimension } from "../ledger/charge-query.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import { type Instant, MINUTE_MS, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";

/**
 * Where a name stands in the order of first appearance; it decides the name's colour for ever, because later names only
 * come behind it. `other` is the sum of the rest, `nobody` is what no team claims.
 */
export type Slot = number | "other" | "nobody";

export type SlotOf = (value: string) => Slot;

const KEPT_MS = 5 * MINUTE_MS;
const HISTORY_MS = 400 * 24 * 60 * MINUTE_MS;

type Kept = { readonly until: Instant; readonly slots: Promise<SlotOf> };
const keptByLedger = new WeakMap<LedgerReads, Map<ChargeDimension, Kept>>();

/** The slots of all names of a dimension, by the month of their first charge and then by name; kept for five minutes. */
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
    period: { start: toInstant(now - HISTORY_MS), end: now },
    zone: UTC,
    grain: "month",
    groupBy: [dimension],
    filter: {},
  });
  const firstSeen = new Map<string, string>();
  for (const row of rows) {
    const value = row.keys[dimension] ?? "";
    const month = row.bucket ?? "";
    if (month < (firstSeen.get(value) ?? "9999")) firstSeen.set(value, month);
  }
  const order = [...firstSeen]
    .filter(([value]) => value !== "" && value !== UNATTRIBUTED)
    .toSorted(([a, seenA], [b, seenB]) => seenA.localeCompare(seenB) || a.localeCompare(b))
    .map(([value]) => value);
  const slots = new Map(order.map((value, index) => [value, index]));
  return (value) => (value === "" || value === UNATTRIBUTED ? "nobody" : (slots.get(value) ?? "other"));
}
