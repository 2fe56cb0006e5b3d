import { writeFile } from "node:fs/promises";
import { expect, test } from "./quiet-page.ts";

const SIZE = { width: 1440, height: 1000 };
const PNG_SIGNATURE = "89504e470d0a1a0a";

test.use({ viewport: SIZE, colorScheme: "light", deviceScaleFactor: 1 });

/** `UPDATE_SCREENSHOT=1 npx playwright test screenshot` writes the README's picture, from the full demo tenant. */
test("Overview can be photographed for the README", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Cost by day and deployment" })).toBeVisible();
  await expect(page.getByRole("application").first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ animations: "disabled" });
  expect(png.subarray(0, 8).toString("hex")).toBe(PNG_SIGNATURE);
  expect({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) }).toEqual(SIZE);
  expect(png.length, "an empty page compresses to less").toBeGreaterThan(40_000);
  if (process.env.UPDATE_SCREENSHOT === "1") await writeFile("docs/overview.png", png);
});
