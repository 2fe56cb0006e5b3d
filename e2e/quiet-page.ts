import { test as base, expect } from "@playwright/test";

export { expect };

/**
 * A page that must stay quiet: when a test ends, the browser has written no error to its console, thrown none, and the
 * content security policy has refused nothing. A browser writes every answer of 400 or more to its console, so a story in
 * which the server refuses something on purpose names that address in `refusals`.
 */
export const test = base.extend<{ refusals: RegExp | null }>({
  refusals: [null, { option: true }],
  page: async ({ page, refusals }, use) => {
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" && !refusals?.test(message.location().url))
        complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`the policy refused ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
});
