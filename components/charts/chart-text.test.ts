import { expect, test } from "vitest";
import { chartRows, toCsv } from "./chart-text.ts";

test("a chart's file holds exact integers and says what is not final", () => {
  const rows = chartRows(
    {
      unit: "money",
      unitName: "US dollars per day",
      zoneName: "UTC",
      pointName: "day",
      series: [{ key: "a", name: "search, prod", slot: 0 }],
      points: [
        {
          key: "2026-11-20",
          label: "20 Nov",
          state: "final",
          values: [{ n: 1.5, text: "$1.50", exact: "1500000000000" }],
          total: { n: 1.5, text: "$1.50", exact: "1500000000000" },
        },
        { key: "2026-11-21", label: "21 Nov", state: "unknown", values: [{ n: null, text: "unknown", exact: "" }] },
      ],
    },
    "exact",
  );
  expect(toCsv(rows)).toBe(
    'day (UTC),"search, prod",Total,State\r\n2026-11-20,1500000000000,1500000000000,final\r\n2026-11-21,,,unknown',
  );
});

test("a name cannot become a formula in a spreadsheet", () => {
  expect(toCsv([["=1+1", "-cmd", "-12", "+x", '"']])).toBe(`'=1+1,'-cmd,-12,'+x,""""`);
});
