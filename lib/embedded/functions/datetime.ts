import { calendarFunctions } from "./datetime-calendar.ts";
import { formatFunctions } from "./datetime-format.ts";
import { partFunctions } from "./datetime-parts.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { argument, nth, plain } from "./rows.ts";

/** Functions over date-times and timespans; `now` is one instant per query. */
export const datetimeFunctions: readonly ScalarFunction[] = [
  {
    name: "now",
    arity: [0, 1],
    lower: ([offset], { now }) =>
      offset === undefined ? now : `kql_datetime_add(${now}, ${argument(offset, "timespan")})`,
    isTotal: true,
    note: "The same instant throughout one query.",
    test: "now",
  },
  {
    name: "ago",
    arity: [1, 1],
    lower: (args, { now }) => `kql_datetime_add(${now}, -(${argument(nth(args, 0), "timespan")}))`,
    note: "`now()` minus a timespan.",
    test: "ago",
  },
  {
    name: "make_datetime",
    arity: [1, 6],
    lower: (args, call) => {
      if (args.length === 1) return once([argument(nth(args, 0), "string")], (text) => `kql_text_to_datetime(${text})`);
      if (args.length < 3) return call.refuse("takes a year, a month and a day, and perhaps a time");
      const whole = [0, 1, 2, 3, 4].map((index) => {
        const part = args[index];
        return part === undefined ? "0" : argument(part, "long");
      });
      const second = args[5] === undefined ? "0.0" : argument(args[5], "real");
      return once([...whole, second], (...numbers) => `kql_make_datetime(${numbers.join(", ")})`);
    },
    note: "Null where there is no such day or time.",
    test: "make_datetime",
  },
  {
    name: "make_timespan",
    arity: [1, 4],
    lower: (args) => {
      if (args.length === 1) return once([argument(nth(args, 0), "string")], (text) => `kql_text_to_timespan(${text})`);
      const hasDays = args.length === 4;
      const [days, hours, minutes] = [hasDays ? args[0] : undefined, args[hasDays ? 1 : 0], args[hasDays ? 2 : 1]];
      const seconds = args[hasDays ? 3 : 2];
      const pick = (arg: typeof days, type: "long" | "real") => (arg === undefined ? "0" : argument(arg, type));
      const parts = [pick(days, "long"), pick(hours, "long"), pick(minutes, "long"), pick(seconds, "real")];
      return once(parts, (...numbers) => `kql_make_timespan(${numbers.join(", ")})`);
    },
    note: "Hours and minutes, with seconds, with days before them; null where a part is out of its range.",
    test: "make_timespan",
  },
  unixTime("unixtime_seconds_todatetime", "1000000"),
  unixTime("unixtime_milliseconds_todatetime", "1000"),
  unixTime("unixtime_microseconds_todatetime", "1"),
  plain({
    name: "unixtime_nanoseconds_todatetime",
    args: ["long"],
    gives: "datetime",
    sql: (n) => `make_timestamp((${n}) // 1000)`,
    note: "Cut to the microsecond.",
  }),
  zoneShift("datetime_utc_to_local", "kql_utc_to_local", "The wall clock of the zone at that instant."),
  zoneShift("datetime_local_to_utc", "kql_local_to_utc", "The instant at which the zone's wall clock shows it."),
  ...calendarFunctions,
  ...partFunctions,
  ...formatFunctions,
];

function unixTime(name: string, factor: string): ScalarFunction {
  return plain({
    name,
    args: ["real"],
    gives: "datetime",
    sql: (n) => `make_timestamp(kql_real_to_long(${n} * ${factor}))`,
    note: "A fraction counts, to the microsecond.",
  });
}

function zoneShift(name: string, macro: string, note: string): ScalarFunction {
  return {
    name,
    arity: [2, 2],
    lower: (args, { refuse }) => {
      const zone = nth(args, 1);
      if (zone.literal?.kind === "string" && !isZone(zone.literal.value))
        return refuse(`knows no time zone '${zone.literal.value}'`);
      return `${macro}(${argument(nth(args, 0), "datetime")}, ${argument(zone, "string")})`;
    },
    note: `${note} Zones of the IANA database.`,
    test: name,
  };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
