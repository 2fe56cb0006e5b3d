import type { Page } from "@playwright/test";
import { runCommand } from "./demo-truth.ts";
import { listenAsReceiver, RECEIVER, signatureOf } from "./loopback-receiver.ts";
import { PHONE } from "./product-pages.ts";
import { expect, test } from "./quiet-page.ts";
import { openChartTable, readDataTable, readExact, sumOf } from "./shown-table.ts";

test("a FinOps person finds what drove yesterday", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await choosePeriod(page, "2026-11-20", "2026-11-20");
  await expect(page.getByRole("button", { name: "Period: 20 Nov 2026" })).toBeVisible();

  await page.getByRole("navigation", { name: "Stacked by" }).getByRole("link", { name: "team" }).click();
  const movers = page.getByRole("region", { name: "Top movers by team: rows" }).getByRole("table");
  await expect(movers).toBeVisible();
  const teams = await readDataTable(movers);
  expect(teams.find(({ name }) => name === "checkout")?.exact.cost).toBeGreaterThan(0n);
  const ofEverything = await readExact(page.getByRole("main").getByRole("link", { name: /^Cost / }));

  await page.getByRole("button", { name: "filter", exact: true }).click();
  const picker = page.getByRole("dialog", { name: "Add a filter" });
  await picker.getByRole("option", { name: "team" }).click();
  await picker.getByRole("option", { name: /^checkout/ }).click();
  await expect(page).toHaveURL(/team=checkout/);
  await expect(page.getByRole("link", { name: "Remove the filter team: checkout" })).toBeVisible();
  const cost = page.getByRole("main").getByRole("link", { name: /^Cost / });
  await expect(async () => {
    const ofTeam = await readExact(cost);
    expect(ofTeam).toBe(teams.find(({ name }) => name === "checkout")?.exact.cost);
    expect(ofTeam).toBeLessThan(ofEverything);
  }).toPass();

  await page.getByRole("navigation", { name: "Stacked by" }).getByRole("link", { name: "deployment" }).click();
  const deployments = page.getByRole("region", { name: "Top movers by deployment: rows" });
  await deployments.getByRole("link", { name: "aoai-prod-eus2/chat-prod" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "aoai-prod-eus2/chat-prod" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Period: 20 Nov 2026" })).toBeVisible();

  await cost.click();
  const receipt = page.getByRole("dialog", { name: "Receipt" });
  await expect(receipt.getByRole("heading", { name: "The sum, line by line" })).toBeVisible();
  const whole = await readExact(receipt);
  expect(whole).toBe(await readExact(cost));
  const lines = receipt.getByRole("table").first().getByRole("row");
  expect(await lines.count()).toBeGreaterThan(3);
  const costs = await lines.evaluateAll((rows) =>
    rows.flatMap((row) => row.lastElementChild?.querySelector<HTMLElement>("[data-exact]")?.dataset.exact ?? []),
  );
  expect(sumOf(costs.map(BigInt))).toBe(whole);
  await expect(receipt.getByText(/× \$\d/).first()).toBeVisible();
  await expect(receipt.getByText("duplicates dropped")).toBeVisible();
  await expect(receipt.getByRole("code")).toHaveText(/^[0-9a-f]{16,}$/);

  const hash = await receipt.getByRole("code").textContent();
  await page.reload();
  await expect(receipt.getByRole("code")).toHaveText(hash ?? "");

  await receipt.getByRole("link", { name: "Open in Query" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Query" })).toBeVisible();
  const answer = page.getByRole("region", { name: "Answer" });
  await expect(answer.getByText(/^[1-9][\d,]* rows? · /)).toBeVisible({ timeout: 30_000 });
});

test.describe("where the form is refused once", () => {
  test.use({ refusals: /\/api\/budgets$/ });

  test("a team lead sees the budget alert", async ({ page }) => {
    test.setTimeout(120_000);
    const receiver = await listenAsReceiver();
    const created = await page.request.post("/api/channels", {
      data: { name: "Team room", url: `http://${RECEIVER}/hook` },
    });
    expect(created.status(), await created.text()).toBeLessThan(300);
    const { channel, secret }: { channel: { id: string }; secret: string } = await created.json();
    try {
      await page.goto("/budgets");
      const dialog = page.getByRole("dialog", { name: "New budget" });
      await expect(async () => {
        await page.getByRole("link", { name: "New budget" }).click();
        await expect(dialog).toBeVisible({ timeout: 2_000 });
      }).toPass();
      await dialog.getByRole("button", { name: "Create the budget" }).click();
      await expect(dialog.getByText("Give the budget a name.")).toBeVisible();
      await dialog.getByLabel("Name").fill("Support, kept small");
      await dialog.getByLabel("What it counts").selectOption("one team");
      await dialog.getByLabel("Which team").fill("support");
      await dialog.getByLabel("Amount").fill("0.01");
      await dialog.getByRole("button", { name: "Remove threshold 4" }).click();
      await dialog.getByRole("button", { name: "Create the budget" }).click();
      await expect(dialog).toBeHidden();
      const budget = page.getByRole("listitem").filter({ hasText: "Support, kept small" });
      // What an attempt before left behind may stand beside it.
      await expect(budget.getByText(/100.% .*passed/).first()).toBeVisible();

      await expect(async () => {
        await page.goto("/alerts");
        const history = page.getByRole("region", { name: "Alert history: rows" });
        await expect(history.getByText(/^Support, kept small: spend reached 100 % of \$0\.01/).first()).toBeVisible({
          timeout: 1_000,
        });
      }).toPass({ timeout: 60_000 });

      await expect(() => expect(receiver.received).toHaveLength(1)).toPass({ timeout: 30_000 });
      const [message] = receiver.received;
      if (!message) throw new Error("No message came.");
      expect(message.signature).toBe(signatureOf(message, secret));
      expect(JSON.parse(message.body)).toMatchObject({
        type: expect.any(String),
        data: {
          title: "Budget Support, kept small: 100 %, 80 %, 50 % reached",
          entries: [100, 80, 50].map((percent) => ({
            budget: { name: "Support, kept small", scope: "team:support" },
            threshold: { basis: "actual", percent },
            currency: "USD",
            amount: "0.01",
          })),
        },
      });
      await expect(async () => {
        await page.reload();
        await expect(page.getByRole("region", { name: "Messages: rows" }).getByText("delivered").first()).toBeVisible({
          timeout: 1_000,
        });
      }).toPass({ timeout: 15_000 });

      const again: { crossings: number; messages: number } = JSON.parse(await runCommand("evaluate"));
      expect(again).toMatchObject({ outcome: "evaluated", crossings: 0, messages: 0 });
      expect(receiver.received).toHaveLength(1);

      await page.goto("/budgets");
      await expect(async () => {
        await page.getByRole("link", { name: "Support, kept small" }).click();
        await expect(page.getByRole("dialog", { name: "Change Support, kept small" })).toBeVisible({ timeout: 2_000 });
      }).toPass();
      await page.getByRole("button", { name: "Delete…" }).click();
      await page.getByRole("button", { name: "Delete the budget" }).click();
      await expect(page.getByRole("link", { name: "Support, kept small" })).toBeHidden();
    } finally {
      await page.request.delete(`/api/channels/${channel.id}`);
      await receiver.close();
    }
  });
});

test("on-call sees the throttled deployment", async ({ page }) => {
  await page.goto("/now");
  const title = "Throttling by deployment";
  const perMinute = await openChartTable(page, title);
  const name = "aoai-prod-eus2/chat-prod";
  const storm = perMinute.filter(({ exact }) => (exact[name] ?? 0n) > 0n).map((row) => row.name);
  expect(storm.length).toBeGreaterThan(10);
  expect(storm[0]?.slice(0, 15)).toMatch(/^2026-11-21T10:1/);
  expect(storm.at(-1) ?? "").toMatch(/^2026-11-21T10:5/);

  await page.goto("/deployments?period=1d");
  await page.getByRole("region", { name: "Deployments: rows" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  const perHour = await openChartTable(page, "Throttling");
  const worst = perHour.toSorted((a, b) => Number((b.exact.throttled ?? 0n) - (a.exact.throttled ?? 0n)))[0];
  expect(worst?.name).toBe("2026-11-21T10:00:00.000Z");
  expect(worst?.exact.throttled).toBe(sumOf(perMinute.map(({ exact }) => exact[name])));
  const tile = page.getByRole("link", { name: /^Throttled \(429\) / });
  await tile.click();
  const receipt = page.getByRole("dialog", { name: "Receipt" });
  await expect(receipt.getByText("AzureOpenAIRequests, aggregation Total")).toBeVisible();
  expect(await readExact(receipt)).toBe(await readExact(tile));

  await page.goto("/now");
  await page.getByRole("link", { name: /^Requests / }).click();
  await expect(receipt.getByRole("heading", { name: "By deployment" })).toBeVisible();
  const parts = await receipt
    .getByRole("cell")
    .evaluateAll((cells) => cells.flatMap((cell) => (cell as HTMLElement).dataset.exact ?? []));
  expect(sumOf(parts.map(BigInt))).toBe(await readExact(receipt));
  await expect(receipt.getByRole("link", { name: "Open in Query" })).toBeVisible();
});

test("the URL is the state: reload, the back button and a link sent to somebody else", async ({ page, browser }) => {
  await page.goto("/");
  await choosePeriod(page, "2026-10-01", "2026-10-31");
  await expect(page).toHaveURL(/period=2026-10-01\.\.2026-10-31/);
  await page.getByRole("button", { name: /^Time zone/ }).click();
  await page.getByRole("menuitem", { name: "America/New_York" }).click();
  await expect(page).toHaveURL(/zone=America/);
  await page.getByRole("navigation", { name: "Stacked by" }).getByRole("link", { name: "model" }).click();
  await expect(page).toHaveURL(/by=model/);
  const cost = page.getByRole("main").getByRole("link", { name: /^Cost / });
  await expect(page.getByRole("heading", { name: "Cost by day and model" })).toBeVisible();
  const inNewYork = await readExact(cost);

  await page.reload();
  expect(await readExact(cost)).toBe(inNewYork);

  const colleague = await browser.newPage();
  await colleague.goto(page.url());
  await expect(colleague.getByRole("heading", { name: "Cost by day and model" })).toBeVisible();
  expect(await readExact(colleague.getByRole("main").getByRole("link", { name: /^Cost / }))).toBe(inNewYork);
  await colleague.close();

  await page.goBack();
  await expect(page.getByRole("heading", { name: "Cost by day and deployment" })).toBeVisible();
  await page.goBack();
  await expect(page).not.toHaveURL(/zone=/);
  await expect(async () => expect(await readExact(cost)).not.toBe(inNewYork)).toPass();
  await page.goBack();
  await expect(page.getByRole("button", { name: /^Period: 1.21 Nov/ })).toBeVisible();
});

test("a bad URL becomes the defaults", async ({ page }) => {
  await page.goto("/");
  const cost = page.getByRole("main").getByRole("link", { name: /^Cost / });
  const usual = await readExact(cost);
  for (const bad of [
    "period=yesterday&zone=Mars/Phobos&compare=%F0%9F%92%A9&by=shoe-size&wall=perhaps",
    "period=2026-02-30..2026-99-99&by=__proto__&zone=",
    "period=999999d&team=&model=&constructor=1",
    "period=2026-11-20..2026-11-01&zone=../../etc/passwd&by=deployment%00",
  ]) {
    const response = await page.goto(`/?${bad}`);
    expect(response?.status(), bad).toBe(200);
    expect(await readExact(cost), bad).toBe(usual);
  }
});

test.describe("where the server refuses a receipt", () => {
  test.use({ refusals: /\/api\/receipt/ });

  test("a link to a receipt that makes no sense says so and keeps the page", async ({ page }) => {
    await page.goto("/?receipt=nonsense");
    await expect(page.getByRole("dialog", { name: "Receipt" })).toContainText("The receipt could not be read");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("heading", { name: /^Cost by day/ })).toBeVisible();
  });
});

test("what does not exist says so", async ({ page }) => {
  await page.goto("/deployments/aoai-prod-eus2/never-made");
  await expect(page.getByText("Nothing was seen of aoai-prod-eus2/never-made in this period.")).toBeVisible();
  await page.goto("/teams/nobody-of-that-name");
  await expect(page.getByRole("heading", { level: 1, name: "nobody-of-that-name" })).toBeVisible();
  expect((await page.request.get("/no-such-page")).status()).toBe(404);
  expect((await page.request.get("/api/receipt?start=nonsense")).status()).toBe(400);
  const refused = await page.request.post("/api/budgets", {
    headers: { "content-type": "application/json" },
    data: "{",
  });
  expect(refused.status()).toBe(400);
  expect(await refused.json()).toHaveProperty("error");
});

test("typed KQL answers, and a mistake is named with its line", async ({ page }) => {
  await page.goto("/query");
  const editor = page.getByRole("textbox", { name: /KQL/ });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("AzureDiagnostics | summarize calls = count() by OperationName | top 3 by calls");
  await page.keyboard.press("Control+Enter");
  const answer = page.getByRole("region", { name: "Answer" });
  await expect(answer.getByText(/^3 rows · /)).toBeVisible();
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("AzureDiagnostics | where NoSuchColumn == 1");
  await page.keyboard.press("Control+Enter");
  await expect(answer.getByText("Look at line 1, column")).toBeVisible();
  await expect(answer).toContainText("NoSuchColumn");
});

test("an analyst opens a question of the library, sees its chart, keeps it under a name and finds it again", async ({
  page,
}) => {
  await page.goto("/query");
  const library = page.getByRole("region", { name: "Library" });
  await library.getByRole("button", { name: /tokens-by-model/ }).click();
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByRole("region", { name: "Result" }).getByRole("application")).toBeVisible();
  await expect(page.getByRole("region", { name: "Answer" }).getByText(/ rows · /)).toBeVisible();

  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Save this query" });
  await dialog.getByLabel("Name").fill("Tokens of each model");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await page.reload();
  const saved = page.getByRole("region", { name: "Saved" });
  const history = page.getByRole("region", { name: "History" });
  await expect(history.getByRole("button")).toHaveCount(1);
  await saved.getByRole("button", { name: "Tokens of each model", exact: true }).click();
  await expect(page.getByRole("textbox", { name: /KQL/ })).toContainText("summarize");
  await saved.getByRole("button", { name: "Forget Tokens of each model" }).click();
  await expect(saved.getByText("Tokens of each model")).toBeHidden();
});

test("the editor marks a mistake and offers the columns that there are", async ({ page }) => {
  await page.goto("/query");
  const editor = page.getByRole("textbox", { name: /KQL/ });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("AzureDiagnostics | where NoSuchColumn == 1");
  await expect(page.locator(".cm-lintRange-error")).toHaveText("NoSuchColumn");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("AzureDiagnostics | where Correl");
  await expect(page.getByRole("listbox").getByText("CorrelationId")).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: PHONE, hasTouch: true, isMobile: true });

  test("the bar at the foot leads everywhere, tables are cards, a receipt opens", async ({ page }) => {
    await page.goto("/");
    const bar = page.getByRole("navigation", { name: "Pages" });
    for (const name of ["Overview", "Now", "Alerts"]) await expect(bar.getByRole("link", { name })).toBeVisible();
    await expect(async () => {
      await bar.getByRole("button", { name: "More" }).tap();
      await expect(page.getByRole("menuitem", { name: "Deployments" })).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await page.getByRole("menuitem", { name: "Deployments" }).tap();
    await expect(page.getByRole("heading", { level: 1, name: "Deployments" })).toBeVisible();
    const rows = page.getByRole("region", { name: "Deployments: rows" });
    expect(await rows.getByText("p95", { exact: true }).filter({ visible: true }).count()).toBeGreaterThan(15);
    await expect(rows.getByText("p50", { exact: true }).filter({ visible: true })).toHaveCount(0);
    await rows.getByRole("link", { name: "aoai-prod-eus2/chat-prod", exact: true }).tap();
    await expect(page.getByRole("heading", { level: 1, name: "aoai-prod-eus2/chat-prod" })).toBeVisible();

    const cost = page.getByRole("main").getByRole("link", { name: /^Cost / });
    const receipt = page.getByRole("dialog", { name: "Receipt" });
    await cost.tap();
    await expect(receipt.getByRole("heading", { name: "The sum, line by line" })).toBeVisible();
    expect(Math.round((await receipt.boundingBox())?.width ?? 0)).toBe(PHONE.width);
    await receipt.getByRole("button", { name: "Close" }).tap();
    await expect(receipt).toBeHidden();
    await bar.getByRole("link", { name: "Now" }).tap();
    await expect(page.getByRole("heading", { level: 1, name: "Now" })).toBeVisible();
  });
});

async function choosePeriod(page: Page, from: string, last: string): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Period" });
  await expect(async () => {
    await page.getByRole("button", { name: /^Period:/ }).click();
    await expect(dialog).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await dialog.getByLabel("From").fill(from);
  await dialog.getByLabel("To (inside)").fill(last);
  await dialog.getByRole("button", { name: "Show these days" }).click();
}
