import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startScript } from "./child-process.ts";
import type { ExpectedLine } from "./demo-truth.ts";
import { PAGES } from "./product-pages.ts";
import { expect, test } from "./quiet-page.ts";
import { readDataTable, readExact, sumOf } from "./shown-table.ts";

const PORT = "3212";
const HERE = `http://localhost:${PORT}`;
const IN_NODE = ["--conditions=react-server"];
const A_WORKSPACE = "11111111-2222-4333-8444-555555555555";
const THROTTLED = JSON.stringify({
  kind: "http",
  status: 429,
  headers: { "retry-after": "1" },
  body: JSON.stringify({ error: { code: "TooManyRequests", message: "Too many requests" } }),
});

test.describe
  .serial("connected to Azure on the loopback", () => {
    const folder = mkdtempSync(join(tmpdir(), "token-ledger-connected-"));
    const tenantDir = join(folder, "tenant");
    const ledgerDir = join(folder, "ledger");
    const running: Child[] = [];
    let azure: Child;
    let yesterday = "";
    let truth: readonly ExpectedLine[] = [];

    test.beforeAll(async () => {
      test.setTimeout(300_000);
      const maker = startScript("start.ts", ["--demo", "small"], { DATA_DIR: tenantDir, PORT: "0" });
      running.push(maker);
      await maker.saying(/Token Ledger is at/);
      yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
      const teller = startScript(
        "command.ts",
        ["demo", "truth", "--json", "--source", "expected", "--zone", "UTC", "--group-by", "total,deployment"],
        { DATA_DIR: tenantDir },
        IN_NODE,
      );
      expect(await teller.exited).toBe(0);
      truth = (JSON.parse(teller.said()) as { lines: ExpectedLine[] }).lines.filter(({ day }) => day === yesterday);
      await maker.stop();

      azure = startScript("azure-loopback.ts", [tenantDir], {}, IN_NODE);
      running.push(azure);
      const [line] = await azure.saying(/^\{.*\}$/m);
      const server = startScript("start.ts", [], { ...JSON.parse(line), DATA_DIR: ledgerDir, PORT });
      running.push(server);
      await server.saying(/Token Ledger is at/);
      // What an operator writes after `npm run inventory -- draft`: SKUs and regions are not in the logs.
      copyFileSync(join(tenantDir, "deployments.yaml"), join(ledgerDir, "deployments.yaml"));
    });

    test.afterAll(async () => {
      for (const child of running.toReversed()) await child.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test("the newest day is on screen within two minutes, and the history tells how far it is", async ({ page }) => {
      test.setTimeout(300_000);
      await expect(async () => {
        await page.goto(`${HERE}/?period=2d`);
        const cost = page.getByRole("main").getByRole("link", { name: /^Cost / });
        await expect(cost).toBeVisible({ timeout: 2_000 });
        expect(await readExact(cost)).toBeGreaterThan(0n);
      }).toPass({ timeout: 120_000 });
      await expect(async () => {
        await page.goto(`${HERE}/data`);
        await expect(
          page.getByText(/^(Reading the history, newest first: \d+ of \d+ days|The history is read: \d+ days)/),
        ).toBeVisible({ timeout: 1_000 });
      }).toPass({ timeout: 120_000 });
      const sources = page.getByRole("region", { name: "Sources: rows" });
      await expect(sources.getByText("aoai-prod-eus2").first()).toBeVisible();
    });

    test("a day that was read over the network costs what its calls cost", async ({ page }) => {
      test.setTimeout(180_000);
      const total = truth.find(({ groupBy }) => groupBy === "total");
      await expect(async () => {
        await page.goto(`${HERE}/deployments?period=${yesterday}..${yesterday}`);
        const table = page.getByRole("region", { name: "Deployments: rows" }).getByRole("table");
        await expect(table).toBeVisible({ timeout: 2_000 });
        const rows = await readDataTable(table);
        const shown = Object.fromEntries(rows.map(({ name, exact }) => [name, exact.cost]));
        expect(shown.total).toBe(BigInt(total?.picodollars.upper ?? ""));
        for (const { value, picodollars } of truth.filter(({ groupBy }) => groupBy === "deployment"))
          expect(shown[value] ?? 0n, value).toBe(BigInt(picodollars.upper));
        expect(sumOf(rows.filter(({ name }) => name !== "total").map(({ exact }) => exact.cost))).toBe(shown.total);
      }).toPass({ timeout: 150_000, intervals: [3_000] });
    });

    test("while Azure refuses, the Data page says so and no page fails", async ({ page }) => {
      test.setTimeout(360_000);
      azure.child.stdin?.write(`${THROTTLED}\n`);
      await expect(async () => {
        await page.goto(`${HERE}/data`);
        await expect(
          page
            .getByRole("region", { name: "Sources: rows" })
            .getByText(/^The question .* to Log Analytics failed: /)
            .first(),
        ).toBeVisible({
          timeout: 1_000,
        });
      }).toPass({ timeout: 150_000, intervals: [3_000] });
      for (const { path } of PAGES) {
        const response = await page.goto(`${HERE}${path}`);
        expect(response?.status(), path).toBe(200);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByRole("heading", { name: "This page could not be shown" }), path).toHaveCount(0);
      }
      await page.goto(`${HERE}/now`);
      // While the page streams, its text stands in it twice.
      const unread = page.getByText("The last three hours could not be read from the workspace.");
      await expect(unread.filter({ visible: true }).first()).toBeVisible();
      azure.child.stdin?.write("null\n");
      await expect(async () => {
        await page.goto(`${HERE}/data`);
        await expect(page.getByRole("region", { name: "Sources: rows" }).getByText("failed")).toHaveCount(0, {
          timeout: 1_000,
        });
      }).toPass({ timeout: 150_000, intervals: [3_000] });
    });

    test("a second server on the same folder is refused and told who holds it", async () => {
      const second = startScript("start.ts", [], {
        DATA_DIR: ledgerDir,
        PORT: "0",
        LOG_ANALYTICS_WORKSPACE_ID: A_WORKSPACE,
      });
      expect(await second.exited).toBe(78);
      expect(second.said()).toMatch(
        /^The data folder .* is in use by the Token Ledger server \(process \d+, since .*\)\. Stop that process, or set DATA_DIR to another folder\.\n$/,
      );
    });
  });

test.describe("a configuration that cannot be used", () => {
  for (const [what, env, sentence] of [
    [
      "a workspace's name instead of its id",
      { LOG_ANALYTICS_WORKSPACE_ID: "prod-logs" },
      /^The variable LOG_ANALYTICS_WORKSPACE_ID cannot be used: "prod-logs" is not a workspace id; .*\n$/,
    ],
    [
      "an account's name instead of its resource id",
      { LOG_ANALYTICS_WORKSPACE_ID: A_WORKSPACE, AZURE_OPENAI_RESOURCE_IDS: "aoai-prod" },
      /^The variable AZURE_OPENAI_RESOURCE_IDS cannot be used: "aoai-prod" is not the resource id of an account; .*\n$/,
    ],
    [
      "a real workspace for the whole network without sign-in",
      { LOG_ANALYTICS_WORKSPACE_ID: A_WORKSPACE, HOST: "0.0.0.0" },
      /^The variable HOST is 0\.0\.0\.0: a real workspace is not served beyond this machine without sign-in\. .*AUTH=none.*\n$/,
    ],
    ["a time zone that does not exist", { REPORT_TIME_ZONE: "Mars/Phobos" }, /^The variable REPORT_TIME_ZONE .*\n$/],
    [
      "a fixed clock with a real workspace",
      { LOG_ANALYTICS_WORKSPACE_ID: A_WORKSPACE, DEMO_NOW: "2026-11-21T12:00:00Z" },
      /^The variable DEMO_NOW .*\n$/,
    ],
    [
      "test receivers with a real workspace",
      { LOG_ANALYTICS_WORKSPACE_ID: A_WORKSPACE, TEST_RECEIVERS: "127.0.0.1:9" },
      /^The variable TEST_RECEIVERS .*\n$/,
    ],
  ] as const) {
    test(`${what} is answered with one sentence`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "token-ledger-refused-"));
      const server = startScript("start.ts", [], { ...env, DATA_DIR: join(folder, "data"), PORT: "0" });
      expect(await server.exited).toBe(78);
      expect(server.said()).toMatch(sentence);
      rmSync(folder, { recursive: true, force: true });
    });
  }
});
