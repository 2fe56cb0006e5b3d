import { expect, test } from "vitest";
import { renderedChart } from "./rendered-chart.ts";

const columns = [
  { name: "at", type: "datetime" },
  { name: "model", type: "string" },
  { name: "tokens", type: "long" },
];
const rowsOf = (series: number) =>
  Array.from({ length: series }, (_, index) => ["2026-11-21T00:00:00Z", `model ${index}`, index + 1]);

test.each([
  [7, 7, "tokens"],
  [8, 8, "tokens"],
  [9, 8, "tokens · the 8 largest of 9 series"],
])("of %i series it draws %i and says what it leaves out", (series, drawn, unitName) => {
  const chart = renderedChart({ columns, rows: rowsOf(series) }, { visualization: "timechart" });
  expect(chart?.model.series).toHaveLength(drawn);
  expect(chart?.model.unitName).toBe(unitName);
  expect(chart?.model.series[0]?.name).toBe(`model ${series - 1}`);
});

test("a result without an axis or a number has no chart, nor has a table", () => {
  expect(renderedChart({ columns: columns.slice(0, 2), rows: [] }, { visualization: "timechart" })).toBeNull();
  expect(renderedChart({ columns: columns.slice(2), rows: [] }, { visualization: "timechart" })).toBeNull();
  expect(renderedChart({ columns, rows: rowsOf(1) }, { visualization: "table" })).toBeNull();
});
