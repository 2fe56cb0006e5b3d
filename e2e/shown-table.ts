import { expect, type Locator, type Page } from "@playwright/test";

/** The rows of a table in the page: the name of each row and the exact value of each of its cells, by column. */
export type ShownRow = {
  readonly name: string;
  readonly state: string;
  /** Null where the page shows that it does not know. */
  readonly exact: Readonly<Record<string, bigint | null>>;
};

/** Turns the chart of this title into its table, as a person would, and reads it: a row is a point of the axis. */
export async function openChartTable(page: Page, title: string): Promise<ShownRow[]> {
  const table = page.getByRole("region", { name: `${title}, as a table`, exact: true });
  await expect(async () => {
    await page.getByRole("button", { name: `Menu of ${title}`, exact: true }).click();
    await page.getByRole("menuitem", { name: "View as table" }).click({ timeout: 2_000 });
    await expect(table).toBeVisible({ timeout: 2_000 });
  }).toPass();
  return readChartTable(table.getByRole("table"));
}

/** Reads the table behind a chart: a row is a point of the axis, a column one series, `total` their sum as shown. */
async function readChartTable(table: Locator): Promise<ShownRow[]> {
  const rows = await table.evaluate((element) =>
    [...(element as HTMLTableElement).tBodies].flatMap((body) =>
      [...body.rows].map((row) => ({
        name: row.dataset.point ?? "",
        state: row.dataset.state ?? "",
        exact: [...row.cells].flatMap(({ dataset }) =>
          dataset.series === undefined ? [] : [[dataset.series, dataset.exact ?? ""] as const],
        ),
      })),
    ),
  );
  return rows.map(({ name, state, exact }) => ({
    name,
    state,
    exact: toIntegers(exact),
  }));
}

/** Reads a data table: a row is called by its id, a column by its own; the totals at its foot are the row "total". */
export async function readDataTable(table: Locator): Promise<ShownRow[]> {
  const rows = await table.evaluate((element) =>
    [...(element as HTMLTableElement).rows].flatMap((row) =>
      row.dataset.row === undefined
        ? []
        : [
            {
              name: row.dataset.row,
              exact: [...row.cells].flatMap((cell) => {
                const exact = cell.querySelector<HTMLElement>("[data-exact]")?.dataset.exact;
                return exact === undefined || cell.dataset.column === undefined ? [] : [[cell.dataset.column, exact]];
              }),
            },
          ],
    ),
  );
  return rows.map(({ name, exact }) => ({ name, state: "", exact: toIntegers(exact) }));
}

/** The exact integer behind the first figure inside a part of the page. */
export async function readExact(part: Locator): Promise<bigint> {
  const own = await part.getAttribute("data-exact");
  return BigInt(own ?? (await part.locator("[data-exact]").first().getAttribute("data-exact")) ?? "");
}

/** The exact integer behind the tile of this label. */
export async function readFigure(part: Locator, label: string): Promise<bigint> {
  const exact = await part.locator("[data-exact]").evaluateAll((found, wanted) => {
    const tile = found.find((element) => element instanceof HTMLElement && element.dataset.figure === wanted);
    return tile?.getAttribute("data-exact") ?? "no such tile";
  }, label);
  return BigInt(exact);
}

/** Adds exact values up. */
export function sumOf(values: Iterable<bigint | null | undefined>): bigint {
  let total = 0n;
  for (const value of values) total += value ?? 0n;
  return total;
}

function toIntegers(entries: readonly (readonly string[])[]): ShownRow["exact"] {
  return Object.fromEntries(entries.map(([name = "", text = ""]) => [name, text === "" ? null : BigInt(text)]));
}
