// `npm run check`: format, lint, types, the import table, unused code and the fast unit tests; under a minute.
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { checkImports } from "./import-table.ts";

type Count = { passed: number; failed: number; skipped: number };

/** Runs every static check and returns how many passed; each failing one prints what it found. */
export function runChecks(root: string): Count {
  const checks: readonly (readonly [string, () => boolean])[] = [
    ["format and lint (biome)", () => command("biome", ["ci", "--colors=off", "--error-on-warnings", "."])],
    ["cycles and restricted imports (oxlint)", () => command("oxlint", ["--deny-warnings"])],
    ["route types (next typegen)", () => command("next", ["typegen"])],
    ["types (tsc)", () => command("tsc", ["--noEmit"])],
    ["import table", () => importTable(root)],
    ["unused code (knip)", () => command("knip", ["--no-progress"])],
  ];
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, run] of checks) {
    const started = performance.now();
    const isFine = run();
    process.stdout.write(
      `${isFine ? "ok" : "FAILED"}  ${name}  ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
    );
    if (isFine) count.passed++;
    else count.failed++;
  }
  return count;
}

function command(name: string, args: readonly string[]): boolean {
  const result = spawnSync(name, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) process.stdout.write(`${result.stdout}${result.stderr}${result.error?.message ?? ""}`);
  return result.status === 0;
}

function importTable(root: string): boolean {
  const faults = checkImports(root);
  for (const fault of faults) process.stdout.write(`${fault.file} imports ${fault.imports}: ${fault.why}\n`);
  return faults.length === 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const count = runChecks(process.cwd());
  // One worker serves many files: loading Microsoft's parser for each would take longer than the tests. `npm test` keeps them apart.
  const fast = ["run", "--reporter=dot", "--no-isolate", "--exclude", "**/*.integration.test.ts"];
  const tests = spawnSync("vitest", fast, { stdio: "inherit" });
  process.exitCode = count.failed > 0 || tests.status !== 0 ? 1 : 0;
}
