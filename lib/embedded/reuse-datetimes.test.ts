import { describe, expect, test } from "vitest";
import { testEngine } from "./evaluate.testing.ts";
import { canReuse, datetimesOf, withInstants } from "./reuse-datetimes.ts";

const day = (start: string, end: string) =>
  `T | where at >= datetime(${start}T00:00:00.0000000Z) and at < datetime(${end}T00:00:00.0000000Z) and seen >= datetime(${start}T00:00:00.0000000Z)`;

describe("date-times taken out of a query", () => {
  test("two days of the same question have the same key", () => {
    const [first, second] = [
      datetimesOf(day("2026-11-01", "2026-11-02")),
      datetimesOf(day("2026-11-02", "2026-11-03")),
    ];
    expect(first?.key).toBe(second?.key);
    expect(first?.instants).toEqual(["make_timestamp(1793491200000000)", "make_timestamp(1793577600000000)"]);
  });

  test("instants that coincide make another key", () => {
    expect(datetimesOf(day("2026-11-01", "2026-11-01"))?.key).not.toBe(
      datetimesOf(day("2026-11-01", "2026-11-02"))?.key,
    );
  });

  test.each([
    ["a difference", "print datetime(2026-11-02T00:00:00.0000000Z) - datetime(2026-11-01T00:00:00.0000000Z)"],
    [
      "a range",
      "range x from datetime(2026-11-01T00:00:00.0000000Z) to datetime(2026-11-02T00:00:00.0000000Z) step 1h",
    ],
    ["another spelling", "print datetime(2026-11-02)"],
  ])("%s is left alone", (_name, text) => expect(datetimesOf(text)).toBeUndefined());

  test("every instant changes at once, so a shift by one day does not chain", () => {
    const sql = "a >= make_timestamp(1) and a < make_timestamp(2)";
    expect(
      withInstants(sql, ["make_timestamp(1)", "make_timestamp(2)"], ["make_timestamp(2)", "make_timestamp(3)"]),
    ).toBe("a >= make_timestamp(2) and a < make_timestamp(3)");
    expect(canReuse(sql, ["make_timestamp(1)", "make_timestamp(4)"])).toBe(false);
  });
});

test("a question asked for another day answers for that day", async () => {
  const { rows, close } = await testEngine();
  const ask = (start: string, end: string) =>
    rows(`let rows = print at = pack_array(datetime(2026-11-01T12:00:00.0000000Z), datetime(2026-11-02T12:00:00.0000000Z))
| mv-expand at to typeof(datetime);
rows | where at >= datetime(${start}T00:00:00.0000000Z) and at < datetime(${end}T00:00:00.0000000Z)`);
  expect(await ask("2026-11-01", "2026-11-02")).toEqual([["2026-11-01T12:00:00Z"]]);
  expect(await ask("2026-11-02", "2026-11-03")).toEqual([["2026-11-02T12:00:00Z"]]);
  expect(await ask("2026-11-03", "2026-11-04")).toEqual([]);
  await close();
});
