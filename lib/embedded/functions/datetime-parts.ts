import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, fit, literalText, nth } from "./rows.ts";

const datetimePart: ScalarFunction = {
  name: "datetime_part",
  arity: [2, 2],
  lower: (args, call) => {
    const at = nth(args, 1).literal;
    const isNano = literalText(args[0], "its unit", call).toLowerCase() === "nanosecond";
    if (isNano && at?.kind === "datetime") return fit(`${(at.ticks % 10_000_000n) * 100n}`, "long", call.resultType);
    const sql = lookUpPart(PARTS, args[0], call)(argument(nth(args, 1), "datetime"));
    return fit(`(${sql})::BIGINT`, "long", call.resultType);
  },
  note: "Year, Quarter, Month, Week_of_Year (ISO), Day, DayOfYear, Hour, Minute, Second, Millisecond, Microsecond, Nanosecond.",
  test: "datetime_part",
};

/** Functions that take the name of a unit, in any case. */
export const partFunctions: readonly ScalarFunction[] = [
  datetimePart,
  alias("datepart", datetimePart),
  {
    name: "datetime_add",
    arity: [3, 3],
    lower: (args, call) =>
      lookUpPart(ADDITIONS, args[0], call)(argument(nth(args, 2), "datetime"), argument(nth(args, 1), "long")),
    note: "A month or year keeps the day, or takes the month's last.",
    test: "datetime_add",
  },
  {
    name: "datetime_diff",
    arity: [3, 3],
    lower: (args, call) => {
      const cut = lookUpPart(COUNTS, args[0], call);
      const exact = exactDifference(args, call);
      if (exact !== null) return exact;
      return once(
        [argument(nth(args, 1), "datetime"), argument(nth(args, 2), "datetime")],
        (first, second) => `(${cut(first)} - ${cut(second)})`,
      );
    },
    note: "How many boundaries of the unit lie between, not whole units; weeks start on Sunday.",
    test: "datetime_diff",
  },
];

/** Of two constants, whose seventh digit is known, the microseconds and nanoseconds between them. */
function exactDifference(args: readonly Expr[], call: CallContext): string | null {
  const ticks = [args[1], args[2]].map((arg) => (arg?.literal?.kind === "datetime" ? arg.literal.ticks : null));
  const [first, second] = ticks;
  if (first === undefined || first === null || second === undefined || second === null) return null;
  const unit = literalText(args[0], "its unit", call).toLowerCase();
  if (unit === "nanosecond") return `('${(first - second) * 100n}'::BIGINT)`;
  return unit === "microsecond" ? `('${first / 10n - second / 10n}'::BIGINT)` : null;
}

function lookUpPart<T>(table: Readonly<Record<string, T>>, part: Expr | undefined, call: CallContext): T {
  const name = literalText(part, "its unit", call);
  return table[name.toLowerCase()] ?? call.refuse(`knows no unit '${name}'`);
}

const fraction = (at: string) => `(epoch_us(${at}) - epoch_us(date_trunc('second', ${at})))`;

const PARTS: Readonly<Record<string, (at: string) => string>> = {
  year: (at) => `year(${at})`,
  quarter: (at) => `quarter(${at})`,
  month: (at) => `month(${at})`,
  week_of_year: (at) => `weekofyear(${at})`,
  weekofyear: (at) => `weekofyear(${at})`,
  day: (at) => `day(${at})`,
  dayofyear: (at) => `dayofyear(${at})`,
  hour: (at) => `hour(${at})`,
  minute: (at) => `minute(${at})`,
  second: (at) => `second(${at})`,
  millisecond: (at) => `${fraction(at)} // 1000`,
  microsecond: (at) => fraction(at),
  nanosecond: (at) => `${fraction(at)} * 1000`,
};

const ADDITIONS: Readonly<Record<string, (at: string, n: string) => string>> = {
  year: (at, n) => `(${at} + to_years((${n})::INTEGER))`,
  quarter: (at, n) => `(${at} + to_months(((${n}) * 3)::INTEGER))`,
  month: (at, n) => `(${at} + to_months((${n})::INTEGER))`,
  week: (at, n) => `(${at} + to_days(((${n}) * 7)::INTEGER))`,
  day: (at, n) => `(${at} + to_days((${n})::INTEGER))`,
  hour: (at, n) => `(${at} + to_microseconds((${n}) * 3600000000))`,
  minute: (at, n) => `(${at} + to_microseconds((${n}) * 60000000))`,
  second: (at, n) => `(${at} + to_microseconds((${n}) * 1000000))`,
  millisecond: (at, n) => `(${at} + to_microseconds((${n}) * 1000))`,
  microsecond: (at, n) => `(${at} + to_microseconds(${n}))`,
  nanosecond: (at, n) => `(${at} + to_microseconds((${n}) // 1000))`,
};

const floor = (micros: string) => (at: string) => `kql_floor_div(epoch_us(${at}), ${micros})`;

/** The number of a unit since a fixed point; a difference of two of them counts the boundaries between. */
const COUNTS: Readonly<Record<string, (at: string) => string>> = {
  year: (at) => `year(${at})`,
  quarter: (at) => `(year(${at}) * 4 + quarter(${at}))`,
  month: (at) => `(year(${at}) * 12 + month(${at}))`,
  // 1970-01-04 was a Sunday.
  week: (at) => `kql_floor_div(epoch_us(${at}) - 259200000000, 604800000000)`,
  day: floor("86400000000"),
  hour: floor("3600000000"),
  minute: floor("60000000"),
  second: floor("1000000"),
  millisecond: floor("1000"),
  microsecond: (at) => `epoch_us(${at})`,
  nanosecond: (at) => `(epoch_us(${at}) * 1000)`,
};
