import { describe, expect, test } from "vitest";
import { type Instant, toInstant } from "../time/instant.ts";
import { whyNotClosable } from "./closable-month.ts";

const PERIOD = { start: toInstant("2026-10-01T00:00:00Z"), end: toInstant("2026-11-01T00:00:00Z") };

const READY = {
  period: PERIOD,
  isClosed: false,
  states: [{ ...PERIOD, state: "final" as const }],
  firstQuarterHour: toInstant("2026-08-01T00:00:00Z") as Instant | null,
  readBack: { state: "complete" as const },
  now: toInstant("2026-11-21T12:00:00Z"),
};

function unread(start: string, end: string) {
  return { start: toInstant(start), end: toInstant(end), state: "unread" as const };
}

describe("whyNotClosable", () => {
  test.each([
    ["a month that is final", {}, null],
    [
      "a month that ends this millisecond and settles",
      { now: PERIOD.end },
      /can be closed from 2026-11-04 00:00 UTC on/,
    ],
    ["before its end", { now: toInstant(PERIOD.end - 1) }, /^It ends at 2026-11-01 00:00 UTC\.$/],
    ["just before 72 hours", { now: toInstant("2026-11-03T23:59:59.999Z") }, /Late rows may still come/],
    ["after 72 hours", { now: toInstant("2026-11-04T00:00:00Z") }, null],
    ["just after", { now: toInstant("2026-11-04T00:00:00.001Z") }, null],
    ["closed already", { isClosed: true }, /closed already/],
    ["an empty ledger", { firstQuarterHour: null }, /holds nothing/],
    ["a ledger that begins with the next month", { firstQuarterHour: PERIOD.end }, /holds nothing/],
    [
      "a ledger that begins in its last quarter hour",
      {
        firstQuarterHour: toInstant("2026-10-31T23:45:00Z"),
        states: [unread("2026-10-01T00:00:00Z", "2026-10-31T23:45:00Z")],
      },
      null,
    ],
    ["while history is read", { readBack: { state: "running" as const } }, /still being read/],
    ["imported logs, which read nothing back", { readBack: { state: "none" as const } }, null],
    [
      "a hole",
      { states: [unread("2026-10-03T04:00:00Z", "2026-10-03T06:30:00Z")] },
      /^2\.5 hours of it were never read, the first at 2026-10-03 04:00 UTC\.$/,
    ],
  ])("%s", (_name, given, wanted) => {
    const why = whyNotClosable({ ...READY, ...given });
    if (wanted === null) expect(why).toBeNull();
    else expect(why).toMatch(wanted);
  });
});
