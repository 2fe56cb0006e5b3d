import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { runCommand } from "./demo-truth.ts";
import { expect, test } from "./quiet-page.ts";
import { readDataTable, readExact, sumOf } from "./shown-table.ts";

const OCTOBER = "/?period=2026-10-01..2026-10-31&zone=UTC&compare=none";

test("a FinOps person adopts the discount that the bill shows and prices the past by it", async ({ page }) => {
  test.setTimeout(120_000);
  const before = await costOf(page, OCTOBER);
  const invoice = await runCommand("demo", "invoice", "--month", "2026-10");
  try {
    await page.goto("/reconcile");
    await page
      .getByLabel("Export files (CSV)")
      .filter({ visible: true })
      .setInputFiles({ name: "october.csv", mimeType: "text/csv", buffer: Buffer.from(invoice) });
    await page.getByRole("button", { name: "Load and compare" }).click();
    const offers = page.getByRole("region", { name: "Prices that the invoice implies" });
    const discount = offers.getByRole("listitem").filter({ hasText: "8.63 % off every meter" });
    await expect(discount).toContainText(/fits \d+ of \d+ meters/);
    await discount.getByRole("button", { name: "Use 8.63 % off every meter as negotiated price" }).click();
    await expect(discount.getByText("In the price book")).toBeVisible();

    await page.goto("/prices");
    const agreement = agreements(page).filter({ hasText: "8.63" });
    await expect(agreement).toContainText(/every meter.*from 1 Oct 2026.*Implied by october\.csv: 8\.63 % fits \d+ of/);

    await page.getByRole("button", { name: "Preview", exact: true }).click();
    const past = page.getByRole("region", { name: "Price the past again" });
    const rows = past.getByRole("table").getByRole("row").filter({ hasText: "October 2026" });
    await expect(rows.first()).toBeVisible({ timeout: 30_000 });
    const [wasOctober, isOctober, saved] = await sidesOf(rows);
    expect(wasOctober).toBe(before);
    expect(isOctober - wasOctober).toBe(saved);
    // Every charge of October is at list price, so all of it falls by 8.63 %; each line is rounded once.
    expect(isOctober - (before * 9_137n) / 10_000n).toBeLessThan(1_000_000n);
    expect(isOctober - (before * 9_137n) / 10_000n).toBeGreaterThan(-1_000_000n);
    expect(await costOf(page, OCTOBER)).toBe(before);

    await page.goto("/prices");
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await past.getByRole("button", { name: "Apply to the past" }).click({ timeout: 30_000 });
    await expect(past.getByText(/charges were priced again\. The act stands in the audit log\./)).toBeVisible({
      timeout: 60_000,
    });
    expect(await costOf(page, OCTOBER)).toBe(isOctober);

    await page.goto("/prices");
    await agreement.getByRole("button", { name: "Retire…" }).click();
    await agreement.getByRole("button", { name: "Retire it" }).click();
    await expect(agreement).toBeHidden();
  } finally {
    await asItWas(page);
  }
  expect(await costOf(page, OCTOBER)).toBe(before);
});

test("prices are found by words a page at a time, and the state is in the URL", async ({ page }) => {
  await page.goto("/prices?history=gpt-5.6-sol&since=2026-08-31&until=2026-09-02");
  const book = page.getByRole("region", { name: "Price book: rows" });
  await page.getByLabel("Words").filter({ visible: true }).fill("gpt-4.1 output");
  await page.getByLabel("Valid").filter({ visible: true }).selectOption("whenever");
  await page.getByRole("button", { name: "Find" }).click();
  await expect(page).toHaveURL(/find=gpt-4\.1\+output.*when=any/);
  await expect(page).toHaveURL(/history=gpt-5\.6-sol.*since=2026-08-31&until=2026-09-02/);
  const rowNames = async () => (await readDataTable(book.getByRole("table"))).map(({ name }) => name);
  await expect(async () => expect(await rowNames()).toHaveLength(25)).toPass();
  const first = await rowNames();

  const pages = page.getByRole("navigation", { name: "Pages of the price book" });
  await pages.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(pages).toContainText(/Lines 26–/);
  expect((await rowNames()).filter((name) => first.includes(name))).toEqual([]);
  await page.goBack();
  await expect(pages).toContainText(/Lines 1–25 of/);
  await expect(page.getByRole("heading", { name: /^Price of gpt-5\.6-sol/ })).toBeVisible();
});

test("totals in another currency are converted by dated rates, and the receipt shows them", async ({ page }) => {
  const rates = join(process.env.PRODUCT_DATA_DIR ?? "", "exchange-rates.csv");
  const inDollars = await costOf(page, OCTOBER);
  await writeFile(rates, "date,from,to,rate,source\n2025-01-01,USD,EUR,0.9,ECB\n2026-10-16,USD,EUR,0.8,ECB\n");
  try {
    await page.goto("/settings");
    await page.getByLabel("Currency of totals").filter({ visible: true }).selectOption("EUR");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText("saved", { exact: true })).toBeVisible();

    await page.goto(OCTOBER);
    const cost = page.getByRole("main").getByRole("link", { name: /^Cost / });
    await expect(cost).toContainText("€");
    const inEuros = await readExact(cost);
    await cost.click();
    const receipt = page.getByRole("dialog", { name: "Receipt" });
    const stretches = receipt.getByRole("row").filter({ hasText: "1 USD = " });
    await expect(stretches).toHaveCount(2);
    await expect(stretches.first()).toContainText("1 USD = 0.9 EUR from 2025-01-01, ECB");
    await expect(stretches.last()).toContainText("1 USD = 0.8 EUR from 2026-10-16, ECB");
    const [early, late] = [await exactsOf(stretches.first()), await exactsOf(stretches.last())];
    // The stretches add up in each currency on its own, and the two are never in one sum.
    expect((early[0] ?? 0n) + (late[0] ?? 0n)).toBe(inDollars);
    expect((early[1] ?? 0n) + (late[1] ?? 0n)).toBe(inEuros);
    // Every charge is rounded by itself, at most half a picodollar: a millionth of a dollar for two million of them.
    expectWithin((early[1] ?? 0n) * 10n, (early[0] ?? 0n) * 9n, 10_000_000n);
    expectWithin((late[1] ?? 0n) * 10n, (late[0] ?? 0n) * 8n, 10_000_000n);
    expect(await readExact(receipt)).toBe(inEuros);
    await expect(receipt.getByRole("row", { name: /^Sum/ })).toContainText("$");
    await expect(receipt.getByRole("row", { name: /^Sum/ })).not.toContainText("€");
  } finally {
    await page.request.patch("/api/settings", { data: { currency: "USD" } });
    await rm(rates, { force: true });
  }
  expect(await costOf(page, OCTOBER)).toBe(inDollars);
});

async function costOf(page: Page, path: string): Promise<bigint> {
  await page.goto(path);
  return readExact(page.getByRole("main").getByRole("link", { name: /^Cost / }));
}

function agreements(page: Page): Locator {
  return page.getByRole("region", { name: "Negotiated prices" }).getByRole("listitem");
}

/** Before, after and difference of a preview's rows, added up. */
async function sidesOf(rows: Locator): Promise<[bigint, bigint, bigint]> {
  const all: bigint[][] = [];
  for (const row of await rows.all()) all.push(await exactsOf(row));
  const side = (index: number) => sumOf(all.map((row) => row[index]));
  return [side(0), side(1), side(2)];
}

async function exactsOf(row: Locator): Promise<bigint[]> {
  const exacts = await row
    .locator("[data-exact]")
    .evaluateAll((cells) => cells.flatMap((cell) => (cell as HTMLElement).dataset.exact ?? []));
  return exacts.map(BigInt);
}

/** Retires what a story entered, however it ended, and prices the past by the list again. */
async function asItWas(page: Page): Promise<void> {
  await page.goto("/prices");
  const ids = await agreements(page).evaluateAll((items) =>
    items.flatMap((item) => (item as HTMLElement).dataset.row ?? []),
  );
  for (const id of ids) await page.request.delete(`/api/price-overrides/${encodeURIComponent(id)}`);
  const answer = await page.request.post("/api/repricing", { timeout: 60_000 });
  expect(await answer.text()).toContain('"done"');
}

function expectWithin(actual: bigint, wanted: bigint, most: bigint): void {
  const apart = actual > wanted ? actual - wanted : wanted - actual;
  expect(apart).toBeLessThanOrEqual(most);
}
