import { addMs, type Instant, MINUTE_MS, type Period, toIso } from "../time/instant.ts";
import type { BucketStretch, ReadBackProgress } from "./ledger.ts";

/** Late rows may come for this long after a quarter hour; what is younger is settling. */
export const SETTLING_FOR_MS = 72 * 60 * MINUTE_MS;

/** What decides whether a month can be closed. `states` are those of its quarter hours. */
export type MonthStanding = {
  readonly period: Period;
  readonly isClosed: boolean;
  readonly states: readonly BucketStretch[];
  readonly firstQuarterHour: Instant | null;
  readonly readBack: Pick<ReadBackProgress, "state">;
  readonly now: Instant;
};

/**
 * Why a month cannot be closed now, in words; null when it can. A month that the ledger knows only from some day on can be
 * closed: what lies before was never known.
 */
export function whyNotClosable({
  period,
  isClosed,
  states,
  firstQuarterHour,
  readBack,
  now,
}: MonthStanding): string | null {
  if (isClosed) return "It is closed already.";
  if (firstQuarterHour === null || firstQuarterHour >= period.end) return "The ledger holds nothing of it.";
  if (now < period.end) return `It ends at ${utc(period.end)}.`;
  const final = addMs(period.end, SETTLING_FOR_MS);
  if (now < final) return `Late rows may still come; it can be closed from ${utc(final)} on.`;
  if (readBack.state === "running") return "The history is still being read.";
  const known = Math.max(period.start, firstQuarterHour);
  const unread = states.filter(({ state, end }) => state === "unread" && end > known);
  const first = unread[0];
  if (first) {
    const hours = unread.reduce((sum, { start, end }) => sum + (end - Math.max(start, known)), 0) / (60 * MINUTE_MS);
    return `${hours} ${hours === 1 ? "hour" : "hours"} of it were never read, the first at ${utc(first.start)}.`;
  }
  return null;
}

function utc(at: Instant): string {
  return `${toIso(at).slice(0, 16).replace("T", " ")} UTC`;
}
