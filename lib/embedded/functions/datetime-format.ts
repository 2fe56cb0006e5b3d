import type { CallContext } from "../lowering/expression-types.ts";
import { sqlString } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { argument, literalText, nth } from "./rows.ts";

type Specifiers = Readonly<Record<string, (value: string) => string>>;

/** Functions that write a date-time or a timespan by a format; a null gives the empty string. */
export const formatFunctions: readonly ScalarFunction[] = [
  formatRow(
    "format_datetime",
    "datetime",
    datetimeSpecifiers(),
    "d, f, F, h, H, m, M, s, t, y and the delimiters space / - : , . _ [ ].",
  ),
  formatRow(
    "format_timespan",
    "timespan",
    timespanSpecifiers(),
    "d, f, F, h, H, m, s and the delimiters space / - : , . _ [ ].",
  ),
];

function formatRow(
  name: string,
  type: "datetime" | "timespan",
  specifiers: Specifiers,
  letters: string,
): ScalarFunction {
  return {
    name,
    arity: [2, 2],
    lower: (args, call) => {
      const pieces = piecesOf(literalText(args[1], "its format", call), specifiers, call);
      return once([argument(nth(args, 0), type)], (value) => {
        const written = pieces.map((piece) => (typeof piece === "string" ? sqlString(piece) : piece.sql(value)));
        return written.length === 0 ? "''" : `coalesce(${written.join(" || ")}, '')`;
      });
    },
    isTotal: true,
    note: `The format must be a literal: ${letters}`,
    test: name,
  };
}

function piecesOf(
  format: string,
  specifiers: Specifiers,
  call: CallContext,
): (string | { sql: (value: string) => string })[] {
  return [...format.matchAll(/([a-zA-Z])\1*|[ /\-:,._[\]]|./gsu)].map(([piece]) => {
    if (/^[ /\-:,._[\]]$/.test(piece)) return piece;
    const sql = specifiers[piece];
    return sql === undefined ? call.refuse(`knows no format '${piece}'`) : { sql };
  });
}

function padded(sql: (value: string) => string, width: number): (value: string) => string {
  return (value) => `lpad((${sql(value)})::VARCHAR, ${width}, '0')`;
}

function plainNumber(sql: (value: string) => string): (value: string) => string {
  return (value) => `(${sql(value)})::VARCHAR`;
}

/** `f` to `fffffff` and `F` to `FFFFFFF` over the 7 digits of the second's fraction. */
function fractions(digits: (value: string) => string): Record<string, (value: string) => string> {
  const all: Record<string, (value: string) => string> = {};
  for (let size = 1; size <= 7; size += 1) {
    all["f".repeat(size)] = (value) => `left(${digits(value)}, ${size})`;
    all["F".repeat(size)] = (value) => `rtrim(left(${digits(value)}, ${size}), '0')`;
  }
  return all;
}

function both(letter: string, sql: (value: string) => string): Record<string, (value: string) => string> {
  return { [letter]: plainNumber(sql), [letter.repeat(2)]: padded(sql, 2) };
}

function datetimeSpecifiers(): Specifiers {
  const twelve = (at: string) => `(hour(${at}) + 11) % 12 + 1`;
  return {
    ...both("d", (at) => `day(${at})`),
    ...both("h", twelve),
    ...both("H", (at) => `hour(${at})`),
    ...both("m", (at) => `minute(${at})`),
    ...both("M", (at) => `month(${at})`),
    ...both("s", (at) => `second(${at})`),
    ...both("y", (at) => `year(${at}) % 100`),
    yyyy: padded((at) => `year(${at})`, 4),
    tt: (at) => `CASE WHEN hour(${at}) < 12 THEN 'AM' ELSE 'PM' END`,
    ...fractions((at) => `strftime(${at}, '%f0')`),
  };
}

function timespanSpecifiers(): Specifiers {
  const hours = (t: string) => `abs(${t}) // 36000000000 % 24`;
  const days = (t: string) => `abs(${t}) // 864000000000`;
  const all: Record<string, (value: string) => string> = {
    ...both("H", hours),
    ...both("h", hours),
    ...both("m", (t) => `abs(${t}) // 600000000 % 60`),
    ...both("s", (t) => `abs(${t}) // 10000000 % 60`),
    ...fractions((t) => `lpad((abs(${t}) % 10000000)::VARCHAR, 7, '0')`),
  };
  for (let size = 1; size <= 8; size += 1)
    all["d".repeat(size)] = (t) =>
      `lpad((${days(t)})::VARCHAR, greatest(${size}, length((${days(t)})::VARCHAR))::INTEGER, '0')`;
  return all;
}
