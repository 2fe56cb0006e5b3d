import { TICKS } from "./read-datetime.ts";

const UNITS: readonly (readonly [RegExp, bigint])[] = [
  [/^d(ays?)?$/, TICKS.day],
  [/^h(ours?|rs?)?$/, TICKS.hour],
  [/^m(in|inutes?)?$/, TICKS.minute],
  [/^s(ec|econds?)?$/, TICKS.second],
  [/^(ms|milli(s|seconds?)?)$/, TICKS.millisecond],
  [/^micro(s|seconds?)?$/, TICKS.microsecond],
  [/^ticks?$/, 1n],
];
const CLOCK = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/** Ticks of a timespan as KQL writes it: `1.5h`, `1.02:03:04.5`, `-00:10`, or a bare number of days; null when it is neither. */
export function readTimespan(source: string): bigint | null {
  const text = source.trim();
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, sign, days = "0", hours = "0", minutes = "0", seconds = "0", fraction = ""] = clock;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const ticks =
      BigInt(days) * TICKS.day +
      BigInt(hours) * TICKS.hour +
      BigInt(minutes) * TICKS.minute +
      BigInt(seconds) * TICKS.second +
      BigInt(fraction.padEnd(7, "0"));
    return sign === undefined ? ticks : -ticks;
  }
  const amount = /^(-)?(\d+)(?:\.(\d+))?\s*([a-z]*)$/i.exec(text);
  if (amount === null) return null;
  const [, sign, whole = "0", fraction = "", unit = ""] = amount;
  const size = unit === "" ? TICKS.day : UNITS.find(([pattern]) => pattern.test(unit.toLowerCase()))?.[1];
  if (size === undefined) return null;
  // Scaled so that 1.5h is exact; what is smaller than a tick is cut.
  const scale = 10n ** BigInt(fraction.length);
  const ticks = (BigInt(whole + fraction) * size) / scale;
  return sign === undefined ? ticks : -ticks;
}
