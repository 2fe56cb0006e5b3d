import { expect, test } from "vitest";
import type { MetricSum } from "../../ledger/ledger.ts";
import { addMs, MINUTE_MS, period, toInstant, toIso } from "../../time/instant.ts";
import { UTC } from "../../time/zone.ts";
import { throttleChart } from "./now-charts.ts";

const START = toInstant("2026-11-21T12:00:00Z");
const END = addMs(START, 2 * MINUTE_MS);
const axis = { window: period(START, END), zone: UTC, newest: END };

/** `count` requests of a deployment throttled in the first minute. */
function throttled(deployment: string, count: number): MetricSum {
  return { bucket: toIso(START), series: "throttled", keys: { deployment }, total: count } as unknown as MetricSum;
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `a/d${index}`);

test.each([
  ["seven are all named", 7, null],
  ["eight are all named", 8, null],
  ["a ninth is other", 9, "Other (1)"],
  ["ten are eight and two others", 10, "Other (2)"],
])("throttled deployments: %s, and none is left out", (_name, count, other) => {
  const chart = throttleChart(
    axis,
    names(count).map((name) => throttled(name, 1)),
  );
  const named = chart.series.filter(({ slot }) => slot !== "other");
  expect(named.map(({ key }) => key)).toEqual(names(Math.min(count, 8)));
  expect(chart.series.find(({ slot }) => slot === "other")?.name ?? null).toBe(other);
  expect(chart.points[0]?.values.reduce((sum, { n }) => sum + (n ?? 0), 0)).toBe(count);
});

test("the most throttled are named, and the others added up minute by minute", () => {
  const rows = names(10).map((name, index) => throttled(name, index + 1));
  const chart = throttleChart(axis, rows);
  expect(chart.series.map(({ key }) => key)).toEqual([
    ...["a/d9", "a/d8", "a/d7", "a/d6", "a/d5", "a/d4", "a/d3", "a/d2"],
    "(other)",
  ]);
  expect(chart.points.map(({ values }) => values.map(({ text }) => text))).toEqual([
    ["10", "9", "8", "7", "6", "5", "4", "3", "3"],
    Array.from({ length: 9 }, () => "unknown"),
  ]);
});

test("nothing throttled is one series of zeros where the metrics were counted", () => {
  const chart = throttleChart(axis, [throttled("a/d0", 0)]);
  expect(chart.series.map(({ name }) => name)).toEqual(["Throttled"]);
  expect(chart.points.map(({ values }) => values[0]?.text)).toEqual(["0", "unknown"]);
});
