import { expect, test } from "vitest";
import { QUARTER_HOUR_MS } from "../time/instant.ts";
import { fewWindowsOf, windowsOf } from "./quarter-windows.ts";

/** Windows as numbers of quarter hours, the end not included. */
const numbered = (windows: ReturnType<typeof windowsOf>) =>
  windows.map(({ start, end }) => [start / QUARTER_HOUR_MS, end / QUARTER_HOUR_MS]);

test.each([
  { what: "nothing", quarters: [], windows: [] },
  { what: "one, twice", quarters: [100, 100], windows: [[100, 101]] },
  { what: "a gap of an hour", quarters: [105, 100], windows: [[100, 106]] },
  {
    what: "a gap of more",
    quarters: [100, 106],
    windows: [
      [100, 101],
      [106, 107],
    ],
  },
  {
    what: "midnight between",
    quarters: [191, 192],
    windows: [
      [191, 192],
      [192, 193],
    ],
  },
])("windows inside one day: $what", ({ quarters, windows }) => {
  expect(numbered(windowsOf(quarters))).toEqual(windows);
});

test.each([
  { what: "nothing", quarters: [], windows: [] },
  { what: "midnight between", quarters: [191, 192], windows: [[191, 193]] },
  { what: "a gap just below six hours", quarters: [100, 124], windows: [[100, 125]] },
  {
    what: "a gap of six hours",
    quarters: [100, 125],
    windows: [
      [100, 101],
      [125, 126],
    ],
  },
  {
    what: "apart at the longest of three gaps",
    quarters: [100, 130, 200, 230],
    windows: [
      [100, 131],
      [200, 231],
    ],
  },
  {
    what: "one late row of last week",
    quarters: [7, 671, 672, 675],
    windows: [
      [7, 8],
      [671, 676],
    ],
  },
])("few windows: $what", ({ quarters, windows }) => {
  expect(numbered(fewWindowsOf(quarters))).toEqual(windows);
});
