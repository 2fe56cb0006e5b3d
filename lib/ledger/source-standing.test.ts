import { describe, expect, test } from "vitest";
import { addMs, MINUTE_MS, toInstant } from "../time/instant.ts";
import type { SourceClock } from "./ledger.ts";
import { dataReach, sourceStandings } from "./source-standing.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const ago = (minutes: number) => addMs(now, -minutes * MINUTE_MS);
const DAY = 24 * 60;

/** A clock asked just now whose rows arrive within five minutes, so that it may be 30 minutes behind. */
const clock = (change: Partial<SourceClock>): SourceClock => ({
  source: "usage_log",
  workspace: "w",
  resource: "east",
  state: "connected",
  lastRow: ago(1),
  watermark: ago(1),
  dataTo: ago(1),
  lagP50Ms: MINUTE_MS,
  lagP95Ms: 5 * MINUTE_MS,
  lagMaxMs: null,
  failure: null,
  checkedAt: now,
  ...change,
});
const metric = (lastRow: number | null, change: Partial<SourceClock> = {}) =>
  clock({
    source: "metric",
    workspace: "metrics API",
    lastRow: lastRow === null ? null : ago(lastRow),
    dataTo: ago(1),
    lagP95Ms: null,
    ...change,
  });
const states = (...clocks: readonly SourceClock[]) => sourceStandings(clocks, now).map(({ state }) => state);

describe("a source with rows", () => {
  test.each([
    ["is current at the edge of its patience", 30, "current"],
    ["is late a minute beyond it, where tokens were counted since", 31, "late"],
    ["is late for a day", DAY, "late"],
    ["has stopped after a day", DAY + 1, "stopped"],
  ] as const)("%s", (_name, minutes, wanted) => {
    expect(states(clock({ lastRow: ago(minutes) }), metric(0))).toEqual([wanted, "current"]);
  });

  test.each([
    ["the metrics end with its last row", [metric(120)], "quiet"],
    ["the metrics end within its patience", [metric(91)], "quiet"],
    ["the metrics end a minute after its patience", [metric(89)], "late"],
    ["the metrics have counted no token at all", [metric(null)], "quiet"],
    ["without metrics, another resource of the workspace has rows", [clock({ resource: "west" })], "quiet"],
    [
      "without metrics, the whole workspace is silent",
      [clock({ resource: "west", lastRow: ago(90), source: "span" })],
      "late",
    ],
    ["metrics of another account only", [metric(0, { resource: "west" })], "quiet"],
  ] as const)("silent for two hours: %s", (_name, others, wanted) => {
    expect(states(clock({ lastRow: ago(120) }), ...others)[0]).toBe(wanted);
  });

  test("is late when nobody has asked for longer than its patience", () => {
    expect(states(clock({ checkedAt: ago(30) }))).toEqual(["current"]);
    expect(states(clock({ checkedAt: ago(31), lastRow: ago(35) }))).toEqual(["late"]);
  });
});

describe("the data clock", () => {
  const reach = (...clocks: readonly SourceClock[]) => dataReach(sourceStandings(clocks, now));
  test.each([
    ["is as far as the slowest source", [clock({}), clock({ source: "request_response", lagP95Ms: 8 * MINUTE_MS })], 8],
    ["is not held back by a quiet resource", [clock({}), clock({ resource: "west", lastRow: ago(300) })], 5],
    ["is held back by a late one", [clock({ lastRow: ago(40) }), metric(0)], 40],
    ["is not held back by one that stopped, which is named", [clock({ lastRow: ago(3_000) }), metric(0)], 1],
    [
      "leaves spans out where another source has the tokens",
      [clock({}), clock({ source: "span", lagP95Ms: 60 * MINUTE_MS })],
      5,
    ],
    ["is that of spans where they are all there is", [clock({ source: "span", lagP95Ms: 60 * MINUTE_MS })], 60],
    [
      "keeps what a failed source had given",
      [
        clock({ state: "failed", dataTo: ago(12) }),
        clock({ state: "failed", resource: "west", dataTo: ago(900) }),
        metric(0),
      ],
      12,
    ],
  ] as const)("%s", (_name, clocks, minutes) => {
    expect(reach(...clocks).dataTo).toBe(ago(minutes));
  });

  test("says what holds it back, and nothing when nothing was read", () => {
    expect(reach(clock({ lastRow: ago(3_000) }), metric(0))).toMatchObject({
      state: "late",
      behind: [{ clock: { source: "usage_log" } }],
    });
    expect(reach(clock({ state: "failed" }), metric(0)).state).toBe("failed");
    expect(reach(clock({ state: "not_connected", dataTo: null }))).toEqual({
      state: "empty",
      dataTo: null,
      behind: [],
    });
  });
});
