import type { Page } from "@playwright/test";
import { askTruth, type ExpectedLine, type Truth } from "./demo-truth.ts";
import { expect, test } from "./quiet-page.ts";
import { openChartTable, readDataTable, readExact, readFigure, type ShownRow, sumOf } from "./shown-table.ts";

const ZONES = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"] as const;
const CUTS = ["deployment", "model", "team"] as const;
/** All whole days of the small demo, and today: 4 October is 23½ hours long on Lord Howe, 1 November 25 hours in New York. */
const PERIOD = "2026-10-01..2026-11-21";

for (const zone of ZONES) {
  test.describe(`in ${zone}`, () => {
    let truth: Truth;
    test.beforeAll(async () => {
      truth = await askTruth(zone, ["total", ...CUTS]);
    });

    for (const by of CUTS) {
      test(`cost by day and ${by} is what the demo's calls cost, to the picodollar`, async ({ page }) => {
        const rows = await openCostByDay(page, zone, by);
        const lines = truth.lines.filter(({ groupBy }) => groupBy === by);
        const totals = truth.lines.filter(({ groupBy }) => groupBy === "total");
        expect(rows.map(({ name }) => name)).toEqual(daysOf(totals));

        const named = Object.keys(rows[0]?.exact ?? {}).filter((series) => series !== "(other)" && series !== "total");
        expect(named.length).toBeGreaterThan(6);
        expect(rows.map(toText)).toEqual(rows.map(({ name }) => toText(expectedDay(name, named, lines))));
        for (const { name, exact } of rows) {
          const { total, ...parts } = exact;
          expect(sumOf(Object.values(parts)), `the parts of ${name}`).toBe(total);
          expect(total, `the total of ${name}`).toBe(statedSum(totals.filter(({ day }) => day === name)));
        }
      });
    }

    test("the tiles, the teams and the deployments say the same total", async ({ page }) => {
      const totals = truth.lines.filter(({ groupBy }) => groupBy === "total");
      const total = statedSum(totals);
      await page.goto(`/?${new URLSearchParams({ zone, period: PERIOD, compare: "none" })}`);
      const main = page.getByRole("main");
      expect(await readExact(main.getByRole("link", { name: /^Cost / }))).toBe(total);
      expect(await readExact(main.getByRole("link", { name: /^Without an owner/ }))).toBe(
        statedSum(truth.lines.filter(({ groupBy, value }) => groupBy === "team" && value === "unattributed")),
      );
      expect(await readFigure(main, "Tokens without a price")).toBe(
        sumOf(totals.filter(isInside).map(({ unpricedTokens }) => BigInt(unpricedTokens))),
      );

      for (const [path, table, by] of [
        ["/teams", "Teams", "team"],
        ["/deployments", "Deployments", "deployment"],
      ] as const) {
        await page.goto(`${path}?${new URLSearchParams({ zone, period: PERIOD })}`);
        const rows = await readDataTable(page.getByRole("region", { name: `${table}: rows` }).getByRole("table"));
        const foot = rows.find(({ name }) => name === "total");
        const others = rows.filter((row) => row !== foot);
        expect(foot?.exact.cost).toBe(total);
        expect(sumOf(others.map(({ exact }) => exact.cost))).toBe(total);
        const lines = truth.lines.filter(({ groupBy }) => groupBy === by);
        for (const { name, exact } of others)
          expect(exact.cost, name).toBe(statedSum(lines.filter(({ value }) => value === name)));
      }
    });
  });
}

async function openCostByDay(page: Page, zone: string, by: string): Promise<ShownRow[]> {
  await page.goto(`/?${new URLSearchParams({ zone, period: PERIOD, compare: "none", by })}`);
  return openChartTable(page, `Cost by day and ${by}`);
}

/** A day of the truth with the groups that the chart names; all others are one. */
function expectedDay(day: string, named: readonly string[], lines: readonly ExpectedLine[]): ShownRow {
  const ofDay = lines.filter((line) => line.day === day);
  const others = ofDay.filter(({ value }) => !named.includes(value));
  const hasOther = lines.some(({ value }) => !named.includes(value));
  const exact = Object.fromEntries(
    named.map((value) => [value, statedSum(ofDay.filter((line) => line.value === value))]),
  );
  return {
    name: day,
    state: "",
    exact: { ...exact, ...(hasOther ? { "(other)": statedSum(others) } : {}), total: statedSum(ofDay) },
  };
}

function daysOf(lines: readonly ExpectedLine[]): string[] {
  return [...new Set(lines.filter(isInside).map(({ day }) => day))].toSorted();
}

/** What a product states: no range of the demo's truth is stated at its lower end (ADR 6). */
function statedSum(lines: readonly ExpectedLine[]): bigint {
  return sumOf(lines.filter(isInside).map(({ picodollars }) => BigInt(picodollars.upper)));
}

function isInside({ day }: ExpectedLine): boolean {
  const [from = "", last = ""] = PERIOD.split("..");
  return day >= from && day <= last;
}

function toText({ name, exact }: ShownRow): string {
  return `${name} ${Object.entries(exact)
    .map(([series, value]) => `${series}=${value}`)
    .join(" ")}`;
}
