import { runCommand } from "./demo-truth.ts";
import { expect, test } from "./quiet-page.ts";
import { readDataTable } from "./shown-table.ts";

const CLOSED = "2026-09";

test("a FinOps person closes a month, and a re-pricing leaves it alone", async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto("/data");
  const months = page.getByRole("region", { name: "Billing periods", exact: true });
  const september = months.getByRole("row").filter({ hasText: "September 2026" });
  const costOf = async (month: string) => {
    const rows = await readDataTable(page.getByRole("region", { name: "Billing periods: rows" }).getByRole("table"));
    return rows.find(({ name }) => name === month)?.exact.cost;
  };
  const before = await costOf(CLOSED);
  expect(before).toBeGreaterThan(0n);

  // An attempt before may have closed it: that cannot be undone.
  if (await september.getByText("can be closed").isVisible()) {
    await months.getByLabel("Billing period to close").selectOption("September 2026");
    await months.getByRole("button", { name: "Close the period…" }).click();
    await expect(
      months.getByText(/^September 2026 costs .* no new price, re-pricing or late row moves it/),
    ).toBeVisible();
    await months.getByRole("button", { name: "Close September 2026" }).click();
  }
  await expect(september.getByText("closed", { exact: true })).toBeVisible();
  await expect(september.getByText(/by Local administrator$/)).toBeVisible();

  const verified: { months: { month: string; hash: string; problem: string | null }[] } = JSON.parse(
    await runCommand("archive", "verify"),
  );
  const file = verified.months.find(({ month }) => month === CLOSED);
  expect(file?.problem).toBeNull();
  await expect(september.getByText(file?.hash.slice(0, 12) ?? "no file")).toBeVisible();
  await expect(runCommand("close", CLOSED)).rejects.toThrow("2026-09 cannot be closed. It is closed already.");

  await page.goto("/settings");
  await expect(page.getByLabel("First day of the billing period")).toBeDisabled();
  const moved = await page.request.patch("/api/settings", { data: { billingStartDay: 15 } });
  expect([moved.ok(), await moved.text()]).toEqual([false, expect.stringContaining("A closed period keeps its days")]);

  const agreed = await page.request.put("/api/price-overrides", {
    data: { terms: { kind: "discount", percent: "10" }, validFrom: "2026-09-01T00:00:00Z", reason: "EA 4711" },
  });
  expect(agreed.status(), await agreed.text()).toBeLessThan(300);
  const { override }: { override: { id: string } } = await agreed.json();
  try {
    await page.goto("/prices");
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    const past = page.getByRole("region", { name: "Price the past again" });
    await expect(past.getByText(/Closed and left alone: September 2026\./)).toBeVisible({ timeout: 30_000 });
    const rows = past.getByRole("table").getByRole("row");
    await expect(rows.filter({ hasText: "October 2026" }).first()).toBeVisible();
    await expect(rows.filter({ hasText: "September 2026" })).toHaveCount(0);
  } finally {
    await page.request.delete(`/api/price-overrides/${override.id}`);
  }
  await page.goto("/data");
  expect(await costOf(CLOSED)).toBe(before);
});
