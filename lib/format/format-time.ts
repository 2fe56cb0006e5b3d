import { type Instant, type Period, toInstant } from "../time/instant.ts";
import { addDays, addMonths, dayOf, firstOfMonth, type LocalDay, UTC, type ZoneId } from "../time/zone.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** `21 Nov`, or `21 Nov 2026` with the year. */
export function formatDay(day: LocalDay, { withYear = false } = {}): string {
  const [year, month, date] = day.split("-");
  return `${Number(date)} ${MONTHS[Number(month) - 1]}${withYear ? ` ${year}` : ""}`;
}

/** `November`, or `November 2026` with the year. */
export function formatMonth(day: LocalDay, { withYear = false } = {}): string {
  return `${MONTH_NAMES[Number(day.slice(5, 7)) - 1]}${withYear ? ` ${day.slice(0, 4)}` : ""}`;
}

/** A half-open period of whole days with its last day inside: `1–21 Nov 2026`, `28 Oct – 3 Nov 2026`, `21 Nov 2026`. */
export function formatDays(from: LocalDay, to: LocalDay): string {
  const last = addDays(to, -1);
  if (last <= from) return formatDay(from, { withYear: true });
  if (from.slice(0, 7) === last.slice(0, 7)) return `${Number(from.slice(8))}–${formatDay(last, { withYear: true })}`;
  return `${formatDay(from, { withYear: from.slice(0, 4) !== last.slice(0, 4) })} – ${formatDay(last, { withYear: true })}`;
}

/** A billing period by its days in UTC: `October 2026` for a calendar month, else `15 Oct – 14 Nov 2026`. */
export function formatBillingPeriod({ start, end }: Period): string {
  const [from, to] = [dayOf(start, UTC), dayOf(end, UTC)];
  return from === firstOfMonth(from) && to === addMonths(from, 1)
    ? formatMonth(from, { withYear: true })
    : formatDays(from, to);
}

/** A period as days of a zone. */
export function formatPeriod(period: Period, zone: ZoneId): string {
  const last = dayOf(toInstant(Math.max(period.start, period.end - 1)), zone);
  return formatDays(dayOf(period.start, zone), addDays(last, 1));
}

/** `14:52`, without the zone, for axes whose zone is named beside them. */
export function formatClock(at: Instant, zone: ZoneId): string {
  return clock(zone).format(at);
}

/** `14:52 UTC`: the time of day with its zone. */
export function formatTime(at: Instant, zone: ZoneId): string {
  return `${formatClock(at, zone)} ${formatZone(zone, at)}`;
}

/** `21 Nov 14:52 UTC`. */
export function formatInstant(at: Instant, zone: ZoneId, { withYear = false } = {}): string {
  return `${formatDay(dayOf(at, zone), { withYear })} ${formatTime(at, zone)}`;
}

/** `UTC`, `UTC+5:30`: the zone's offset at an instant, which people compare more easily than names. */
export function formatZone(zone: ZoneId, at: Instant): string {
  if (zone === "UTC") return "UTC";
  const offset = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")?.value;
  return (offset ?? zone).replace("GMT", "UTC");
}

/** How long ago, beside an absolute time: `just now`, `4 min ago`, `3 h ago`, `2 days ago`. */
export function formatAgo(at: Instant, now: Instant): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1_000));
  if (seconds < 60) return "just now";
  return `${formatSpan(seconds * 1_000)} ago`;
}

/** A span in its largest whole unit: `45 s`, `4 min`, `3 h`, `2 days`. */
export function formatSpan(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** `842 ms`, `3.1 s`, `2 min 5 s`; "–" for null. Half away from zero. */
export function formatLatency(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return "–";
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 1_000) return `${Math.floor(tenths / 10)}.${tenths % 10} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const clocks = new Map<ZoneId, Intl.DateTimeFormat>();

function clock(zone: ZoneId): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  clocks.set(zone, made);
  return made;
}
