import { defineConfig } from "@playwright/test";

const FLAGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--no-pings",
  "--disable-domain-reliability",
];

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  // A busy machine may make one browser slow; what fails three times in a row is broken.
  retries: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  globalSetup: "./e2e/start-product.ts",
  use: {
    baseURL: `http://localhost:${process.env.E2E_PORT ?? 3210}`,
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    timezoneId: "Europe/Warsaw",
    locale: "en-GB",
    launchOptions: { executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: FLAGS },
  },
});
