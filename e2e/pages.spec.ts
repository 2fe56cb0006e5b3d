import AxeBuilder from "@axe-core/playwright";
import { DESK, PAGES, PHONE } from "./product-pages.ts";
import { expect, test } from "./quiet-page.ts";

// Rules and keys over a thousand elements take their time on a small machine.
test.beforeEach(() => test.setTimeout(150_000));

for (const viewport of [DESK, PHONE]) {
  test.describe(`at ${viewport.width} px`, () => {
    test.use({ colorScheme: "light", viewport });

    for (const { name, path, heading } of PAGES) {
      test(`${name} opens whole, fits and is accessible in light and dark`, async ({ page }) => {
        const response = await page.goto(path);
        expect(response?.status()).toBe(200);
        await expect(page.getByRole("heading", { level: 1, name: heading, exact: true })).toBeVisible();
        await expect(page).toHaveTitle(/Token Ledger$/);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, "pixels beyond the right edge").toBeLessThanOrEqual(0);
        expect(await graveFaults(new AxeBuilder({ page }))).toEqual([]);
        // Only the colours change with the scheme.
        await page.emulateMedia({ colorScheme: "dark" });
        expect(await graveFaults(new AxeBuilder({ page }).withRules(["color-contrast"]))).toEqual([]);
      });
    }
  });
}

async function graveFaults(axe: AxeBuilder): Promise<unknown[]> {
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
}

test.describe("from the keyboard", () => {
  for (const { name, path } of PAGES) {
    test(`Tab reaches every control of ${name} and shows where it is`, async ({ page }) => {
      // A control that is drawn again while the page comes alive would count as another one.
      await page.goto(path, { waitUntil: "networkidle" });
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const count = await page.evaluate(() => {
        const reached = new Set<Element>();
        const unseen: string[] = [];
        document.addEventListener("focusin", ({ target }) => {
          if (!(target instanceof HTMLElement || target instanceof SVGElement)) return;
          reached.add(target);
          const { outlineStyle, boxShadow } = getComputedStyle(target);
          if (outlineStyle === "none" && boxShadow === "none" && !target.closest("[contenteditable]"))
            unseen.push(target.outerHTML.slice(0, 160));
        });
        const controls = () =>
          [
            ...document.querySelectorAll<HTMLElement | SVGElement>(
              "a[href], button, input, select, textarea, [tabindex]",
            ),
          ].filter(
            (control) =>
              control.tabIndex >= 0 &&
              !control.matches(":disabled, nextjs-portal *") &&
              control.checkVisibility({ visibilityProperty: true }),
          );
        Object.assign(window, {
          missedByTab: () => ({
            missed: controls()
              .filter((control) => !reached.has(control) && !isOtherRadio(control, reached))
              .map((control) => control.outerHTML.slice(0, 160)),
            unseen,
          }),
        });
        // One radio of a group takes the focus for all of them.
        function isOtherRadio(control: Element, seen: ReadonlySet<Element>): boolean {
          return (
            control instanceof HTMLInputElement &&
            control.type === "radio" &&
            [...seen].some((other) => other instanceof HTMLInputElement && other.name === control.name)
          );
        }
        return controls().length;
      });
      expect(count).toBeGreaterThan(10);
      for (let press = 0; press < count + 12; press++) await page.keyboard.press("Tab");
      const result = await page.evaluate("window.missedByTab()");
      expect(result).toEqual({ missed: [], unseen: [] });
    });
  }

  test("a tile opens its receipt with Enter, and Escape gives the focus back", async ({ page }) => {
    await page.goto("/");
    const tile = page.getByRole("link", { name: /^Cost / }).first();
    const drawer = page.getByRole("dialog", { name: "Receipt" });
    await expect(async () => {
      await tile.focus();
      await page.keyboard.press("Enter");
      await expect(drawer).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await expect(drawer.getByRole("heading", { name: "The sum, line by line" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(drawer).toBeHidden();
    await expect(tile).toBeFocused();
    await expect(page).not.toHaveURL(/receipt=/);
  });

  test("a menu opens with Enter, goes with the arrows and closes with Escape", async ({ page }) => {
    await page.goto("/");
    const zone = page.getByRole("button", { name: /^Time zone/ });
    const menu = page.getByRole("menu");
    await expect(async () => {
      await zone.focus();
      await page.keyboard.press("Enter");
      await expect(menu).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await page.keyboard.press("Escape");
    await expect(menu).toBeHidden();
    await expect(zone).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(menu.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(menu.getByRole("menuitem").nth(1)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/zone=/);
  });

  test("Ctrl K finds a deployment", async ({ page }) => {
    await page.goto("/");
    const palette = page.getByRole("dialog", { name: "Command palette" });
    await expect(async () => {
      await page.keyboard.press("Control+k");
      await expect(palette).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("flagship");
    await expect(palette.getByRole("option", { name: /aoai-prod-eus2\/flagship/ })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "aoai-prod-eus2/flagship" })).toBeVisible();
  });

  test("? lists the keys, and g with a letter goes to a page", async ({ page }) => {
    await page.goto("/");
    const keys = page.getByRole("dialog", { name: "Keys" });
    await expect(async () => {
      await page.keyboard.press("?");
      await expect(keys).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await expect(keys).toContainText("go to Now");
    await page.keyboard.press("Escape");
    await expect(keys).toBeHidden();
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await expect(page.getByRole("heading", { level: 1, name: "Now", exact: true })).toBeVisible();
    await expect(page).toHaveURL(/\/now$/);
  });

  test("the letters of the control bar open its controls", async ({ page }) => {
    await page.goto("/");
    const period = page.getByRole("dialog", { name: "Period" });
    await expect(async () => {
      await page.keyboard.press("t");
      await expect(period).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await page.keyboard.press("Escape");
    await expect(period).toBeHidden();
    await expect(page.getByRole("button", { name: /^Period:/ })).toBeFocused();
    await page.keyboard.press("f");
    const filter = page.getByRole("dialog", { name: "Add a filter" });
    await expect(filter).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(filter).toBeHidden();
    await expect(page.getByRole("button", { name: "filter", exact: true })).toBeFocused();
    await page.keyboard.press("[");
    await expect(page).toHaveURL(/period=2026-10/);
    await expect(page.getByRole("button", { name: /^Period: 1.31 Oct/ })).toBeVisible();
  });
});
