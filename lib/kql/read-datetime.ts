/** 100-ns ticks per unit. */
export const TICKS = {
  day: 864_000_000_000n,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
} as const;

const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const TIME = String.raw`(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?\s*(am|pm)?)?`;
const ZONE = String.raw`\s*(Z|UTC|GMT|[+-]\d{1,2}:?\d{2})?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?${TIME}${ZONE}$`, "i");
const COMPACT = new RegExp(
  String.raw`^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(?:(\d{2})(?:\.(\d{1,9}))?)?)?()${ZONE}$`,
  "i",
);
const MONTH_FIRST = new RegExp(String.raw`^(\d{1,2})[-/](\d{1,2})[-/](\d{4})${TIME}${ZONE}$`, "i");
const DAY_NAMED = new RegExp(
  String.raw`^(?:[a-z]{3,9},?\s+)?(\d{1,2})[\s-]([a-z]{3,9})[\s-](\d{4}|\d{2})${TIME}${ZONE}$`,
  "i",
);
const PARTS = /^(\d{4}),\s*(\d{1,2}),\s*(\d{1,2})(?:,\s*(\d{1,2}))?(?:,\s*(\d{1,2}))?(?:,\s*(\d{1,2}(?:\.\d+)?))?$/;

/**
 * Ticks since 0001-01-01 UTC of a date-time as KQL writes it: ISO 8601 with an optional offset, `MM/DD/YYYY`, RFC 822/850,
 * or comma-separated parts; null when it is none of them.
 */
export function readDatetime(source: string): bigint | null {
  const text = source.trim();
  const parts = PARTS.exec(text);
  if (parts !== null) {
    const [whole = "0", fraction = ""] = (parts[6] ?? "0").split(".");
    return compose([parts[1], parts[2], parts[3]], [parts[4], parts[5], whole, fraction], undefined, undefined);
  }
  const year = YEAR_FIRST.exec(text) ?? COMPACT.exec(text);
  if (year !== null) return compose([year[1], year[2], year[3]], year.slice(4, 8), year[8], year[9]);
  const month = MONTH_FIRST.exec(text);
  if (month !== null) return compose([month[3], month[1], month[2]], month.slice(4, 8), month[8], month[9]);
  const named = DAY_NAMED.exec(text);
  if (named !== null) {
    const index = MONTHS.indexOf((named[2] ?? "").slice(0, 3).toLowerCase());
    if (index < 0) return null;
    const short = named[3] ?? "";
    const full = short.length === 2 ? `${Number(short) < 50 ? "20" : "19"}${short}` : short;
    return compose([full, String(index + 1), named[1]], named.slice(4, 8), named[8], named[9]);
  }
  return null;
}

function compose(
  date: readonly (string | undefined)[],
  time: readonly (string | undefined)[],
  half: string | undefined,
  zone: string | undefined,
): bigint | null {
  const [year = 1, month = 1, day = 1] = date.map((value) => Number(value ?? 1));
  const [hours = 0, minutes = 0, seconds = 0] = time.slice(0, 3).map((value) => Number(value ?? 0));
  const hour = half === undefined || half === "" ? hours : (hours % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minutes > 59 || seconds > 59) return null;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  const fraction = BigInt((time[3] ?? "").padEnd(7, "0").slice(0, 7) || "0");
  const ticks =
    BigInt(midnight.getTime()) * TICKS.millisecond +
    UNIX_EPOCH_TICKS +
    BigInt(hour) * TICKS.hour +
    BigInt(minutes) * TICKS.minute +
    BigInt(seconds) * TICKS.second +
    fraction;
  return ticks - offsetTicks(zone);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function offsetTicks(zone: string | undefined): bigint {
  const match = /^([+-])(\d{1,2}):?(\d{2})$/.exec(zone ?? "");
  if (match === null) return 0n;
  const ticks = BigInt(match[2] ?? 0) * TICKS.hour + BigInt(match[3] ?? 0) * TICKS.minute;
  return match[1] === "-" ? -ticks : ticks;
}
