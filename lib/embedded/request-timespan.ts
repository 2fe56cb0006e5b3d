/** A half-open period in milliseconds since 1970. */
export type RequestTimespan = { readonly from: number; readonly to: number };

const DURATION =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * The `timespan` of a request, ISO 8601: a duration ending now, `start/end`, `start/duration` or `duration/end`;
 * null when it is none of them. A month counts as 30 days and a year as 365, as durations have no calendar.
 */
export function parseRequestTimespan(text: string, now: number): RequestTimespan | null {
  const [first = "", second] = text.trim().split("/");
  if (second === undefined) {
    const length = durationMs(first);
    return length === null ? null : { from: now - length, to: now };
  }
  const start = instantMs(first);
  const end = instantMs(second);
  if (start !== null && end !== null) return { from: start, to: end };
  const length = durationMs(start === null ? first : second);
  if (length === null) return null;
  if (start !== null) return { from: start, to: start + length };
  return end === null ? null : { from: end - length, to: end };
}

function durationMs(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null || text === "P" || text.endsWith("T")) return null;
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1).map((value) => Number(value ?? 0));
  const wholeDays = (years ?? 0) * 365 + (months ?? 0) * 30 + (weeks ?? 0) * 7 + (days ?? 0);
  return Math.round(
    wholeDays * 86_400_000 + (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1_000,
  );
}

function instantMs(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  // A date-time without an offset is UTC here, where JavaScript would take it for local time.
  const hasOffset = /(Z|[+-]\d{2}:?\d{2})$/i.test(text) || !text.includes("T");
  const ms = Date.parse(hasOffset ? text : `${text}Z`);
  return Number.isNaN(ms) ? null : ms;
}
