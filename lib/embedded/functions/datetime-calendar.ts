import type { ScalarFunction } from "./function-types.ts";
import { alias, plain } from "./rows.ts";

const weekOfYear = part(
  "week_of_year",
  "int",
  (at) => `weekofyear(${at})`,
  "ISO 8601: weeks start on Monday, the first holds 4 January.",
);
const monthOfYear = part("monthofyear", "int", (at) => `month(${at})`, "1 to 12.");

/** Days, weeks, months and years of a date-time, in UTC. */
export const calendarFunctions: readonly ScalarFunction[] = [
  start("day", (at, n) => `(date_trunc('day', ${at}) + to_days(${n}))::TIMESTAMP`),
  start("week", (at, n) => `kql_start_of_week(${at}, ${n})`, "Weeks start on Sunday."),
  start("month", (at, n) => `(date_trunc('month', ${at}) + to_months(${n}))::TIMESTAMP`),
  start("year", (at, n) => `(date_trunc('year', ${at}) + to_years(${n}))::TIMESTAMP`),
  end("day", (at, n) => `(date_trunc('day', ${at}) + to_days(${n} + 1))::TIMESTAMP`),
  end("week", (at, n) => `kql_start_of_week(${at}, ${n} + 1)`, "Weeks end on Saturday."),
  end("month", (at, n) => `(date_trunc('month', ${at}) + to_months(${n} + 1))::TIMESTAMP`),
  end("year", (at, n) => `(date_trunc('year', ${at}) + to_years(${n} + 1))::TIMESTAMP`),
  plain({
    name: "dayofweek",
    args: ["datetime"],
    gives: "timespan",
    sql: (at) => `(dayofweek(${at}) * 864000000000)`,
    note: "A timespan: whole days since Sunday.",
  }),
  part("dayofmonth", "int", (at) => `day(${at})`, "1 to 31."),
  part("dayofyear", "int", (at) => `dayofyear(${at})`, "1 to 366."),
  part("hourofday", "int", (at) => `hour(${at})`, "0 to 23."),
  monthOfYear,
  alias("getmonth", monthOfYear),
  part("getyear", "int", (at) => `year(${at})`, "The year."),
  weekOfYear,
  alias("weekofyear", weekOfYear),
];

function start(unit: string, sql: (at: string, n: string) => string, note = "UTC."): ScalarFunction {
  return plain({
    name: `startof${unit}`,
    args: ["datetime", "long"],
    defaults: ["0"],
    gives: "datetime",
    sql: (at, n) => sql(at, `(${n})::INTEGER`),
    note,
  });
}

function end(unit: string, sql: (at: string, n: string) => string, note = "UTC."): ScalarFunction {
  return plain({
    name: `endof${unit}`,
    args: ["datetime", "long"],
    defaults: ["0"],
    gives: "datetime",
    // One microsecond before the next one starts; the service's last tick is 0.9 microseconds later.
    sql: (at, n) => `(${sql(at, `(${n})::INTEGER`)} - to_microseconds(1))`,
    note: `${note} The last microsecond, where the service gives the last 100 ns.`,
  });
}

function part(name: string, gives: "int", sql: (at: string) => string, note: string): ScalarFunction {
  return plain({ name, args: ["datetime"], gives, sql: (at) => `${sql(at)}::INTEGER`, note });
}
