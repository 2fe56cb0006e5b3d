import type { DatedRate, RatePair } from "../money/exchange-rates.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";

/** A stretch of a period and the rate that holds in it. */
export type RateStretch = { readonly period: Period; readonly rate: DatedRate };

/** A period cut at the UTC midnights at which the rate changes; what lies before the first rate is left out. */
export function rateStretches(within: Period, { rates }: RatePair): RateStretch[] {
  return rates.flatMap((rate, index): RateStretch[] => {
    const next = rates[index + 1];
    const start = Math.max(within.start, midnight(rate.day));
    const end = next ? Math.min(within.end, midnight(next.day)) : within.end;
    return start < end ? [{ period: { start: toInstant(start), end: toInstant(end) }, rate }] : [];
  });
}

/** The part of a period that no rate covers because it lies before the first; null for none. */
export function beforeRates(within: Period, { rates }: RatePair): Period | null {
  const first = rates[0];
  const end = first ? Math.min(within.end, midnight(first.day)) : within.end;
  return within.start < end ? { start: within.start, end: toInstant(end) } : null;
}

function midnight(day: string): Instant {
  return toInstant(`${day}T00:00:00Z`);
}
