import { describe, expect, test } from "vitest";
import { contains, period, quarterHourOf, toInstant, toIso } from "./instant.ts";

describe("quarterHourOf", () => {
  test.each([
    ["the first millisecond", "2026-11-21T09:15:00.000Z", "2026-11-21T09:15:00.000Z"],
    ["one before it", "2026-11-21T09:14:59.999Z", "2026-11-21T09:00:00.000Z"],
    ["one after it", "2026-11-21T09:15:00.001Z", "2026-11-21T09:15:00.000Z"],
    ["before 1970", "1969-12-31T23:59:59.999Z", "1969-12-31T23:45:00.000Z"],
  ])("%s", (_name, at, expected) => expect(toIso(quarterHourOf(toInstant(at)))).toBe(expected));
});

describe("period", () => {
  const hour = period(toInstant("2026-11-21T09:00:00Z"), toInstant("2026-11-21T10:00:00Z"));
  test.each([
    ["its start is inside", "2026-11-21T09:00:00.000Z", true],
    ["its last millisecond is inside", "2026-11-21T09:59:59.999Z", true],
    ["its end is outside", "2026-11-21T10:00:00.000Z", false],
  ])("%s", (_name, at, expected) => expect(contains(hour, toInstant(at))).toBe(expected));
  test("refuses to end before it starts", () => expect(() => period(hour.end, hour.start)).toThrow(RangeError));
});

test("toInstant refuses what is no instant", () => expect(() => toInstant("yesterday")).toThrow(RangeError));
