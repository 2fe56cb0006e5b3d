// `npm test`: the checks, every unit test, the build, and the stories in a real browser; ends with the line that CI reads.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWhenNeeded } from "./build.ts";
import { runChecks } from "./check.ts";
import { findChromium } from "./chromium.ts";

type Count = { passed: number; failed: number; skipped: number };

const root = process.cwd();
const reports = mkdtempSync(join(tmpdir(), "token-ledger-test-"));
const total: Count = { passed: 0, failed: 0, skipped: 0 };

try {
  step("Checks", () => runChecks(root));
  step("Unit tests", vitest);
  step("Build", () => {
    buildWhenNeeded(root);
    return { passed: 1, failed: 0, skipped: 0 };
  });
  step("Stories in a browser", playwright);
} finally {
  rmSync(reports, { recursive: true, force: true });
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function step(name: string, run: () => Count): void {
  process.stdout.write(`\n== ${name} ==\n`);
  const started = performance.now();
  let count: Count;
  try {
    count = run();
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
    count = { passed: 0, failed: 1, skipped: 0 };
  }
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(
    `-- ${name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped in ${seconds} s\n`,
  );
}

function vitest(): Count {
  const report = join(reports, "unit.json");
  const result = spawnSync("vitest", ["run", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`], {
    stdio: "inherit",
  });
  const parsed = readReport(report);
  if (parsed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const count = {
    passed: number(parsed.numPassedTests),
    failed:
      number(parsed.numFailedTests) +
      number(parsed.numFailedTestSuites && parsed.numFailedTests === 0 ? parsed.numFailedTestSuites : 0),
    skipped: number(parsed.numPendingTests) + number(parsed.numTodoTests),
  };
  return result.status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function playwright(): Count {
  const chromium = findChromium(root);
  if (chromium === undefined) {
    process.stdout.write(
      "No Chromium could be found or installed: set CHROMIUM_PATH, or install Debian's package chromium.\n",
    );
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const report = join(reports, "stories.json");
  const result = spawnSync("playwright", ["test", "--reporter=list,json"], {
    stdio: "inherit",
    env: { ...process.env, CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  });
  const stats = readReport(report)?.stats;
  if (typeof stats !== "object" || stats === null) return { passed: 0, failed: 1, skipped: 0 };
  const read = (key: string) => number((stats as Record<string, unknown>)[key]);
  const flaky = read("flaky");
  if (flaky > 0) process.stdout.write(`${flaky} passed only when tried again: see the list above.\n`);
  const count = { passed: read("expected") + flaky, failed: read("unexpected"), skipped: read("skipped") };
  return result.status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function readReport(path: string): Record<string, unknown> | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>) : undefined;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
