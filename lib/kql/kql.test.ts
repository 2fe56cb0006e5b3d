import { describe, expect, test } from "vitest";
import { toInstant } from "../time/instant.ts";
import { column, dt, guid, kql, list, long, real, str, timespan } from "./kql.ts";

describe("kql", () => {
  test("puts spaces around values, because adjacent literals are joined", () => {
    expect(kql`T | where a == ${str("x")}${str("y")}`).toBe('T | where a ==  "x"  "y" ');
  });

  test("takes another piece of KQL as it stands", () => {
    const filter = kql`where n == ${long(7)}`;
    expect(kql`T | ${filter}`).toBe("T | where n ==  long(7) ");
  });

  test("does not compile with a bare string or number", () => {
    const team = "checkout";
    // @ts-expect-error a bare string is not a value
    kql`T | where team == ${team}`;
    // @ts-expect-error a bare number is not a value
    kql`T | take ${5}`;
    // @ts-expect-error text is not KQL
    const text: import("./kql.ts").Kql = "T | take 5";
    expect(text).toBe("T | take 5");
  });

  test.each([
    ["quotes and backslashes", 'a"b\\c', '"a\\"b\\\\c"'],
    ["line ends and tabs", "a\nb\rc\td", '"a\\nb\\rc\\td"'],
    ["other control characters", "\u0001\u007f\u0085\u2028\u2029", '"\\u0001\\u007f\\u0085\\u2028\\u2029"'],
    ["a comment and a pipe", '" | take 10 //', '"\\" | take 10 //"'],
    ["single quotes and back-ticks as they are", "'```", '"\'```"'],
    ["an emoji as it is", "\u{1f600}", '"\u{1f600}"'],
    ["a right-to-left mark as it is", "\u200f", '"\u200f"'],
    ["1,024 backslashes", "\\".repeat(1024), `"${"\\\\".repeat(1024)}"`],
    ["the empty text", "", '""'],
  ])("str encodes %s", (_name, value, expected) => expect(str(value).text).toBe(expected));

  test.each([
    ["NUL", "a\0b"],
    ["half of a surrogate pair", "\ud800x"],
    ["1,025 characters", "x".repeat(1025)],
  ])("str refuses %s", (_name, value) => expect(() => str(value)).toThrow(RangeError));

  test("dt has seven decimals and UTC", () => {
    expect(dt(toInstant("2026-11-20T01:00:00.250+01:00")).text).toBe("datetime(2026-11-20T00:00:00.2500000Z)");
  });

  test.each([
    ["long refuses a fraction", () => long(1.5)],
    ["long refuses what JSON rounds", () => long(2 ** 53)],
    ["real refuses infinity", () => real(Number.POSITIVE_INFINITY)],
    ["guid refuses a bracket", () => guid("9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a2)")],
    ["an empty list", () => list([])],
    ["a list of 501", () => list(Array.from({ length: 501 }, () => long(1)))],
    ["a span that is not in the list", () => timespan("3m" as never)],
    ["a column that is not in the list", () => column(["A"], "B" as never)],
    ["a listed column that is no name", () => column(["a b"], "a b")],
  ])("refuses: %s", (_name, encode) => expect(encode).toThrow(RangeError));

  test("encodes numbers, guids, spans, lists and columns", () => {
    expect(long(-3).text).toBe("long(-3)");
    expect(real(0.5).text).toBe("real(0.5)");
    expect(guid("9F0B5C1E-7D3E-4C57-8A53-0E5D1B7F6A21").text).toBe("guid(9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a21)");
    expect(timespan("15m").text).toBe("15m");
    expect(list([str("a"), str("b")]).text).toBe('"a" , "b"');
    expect(column(["TimeGenerated"], "TimeGenerated").text).toBe("TimeGenerated");
  });
});
