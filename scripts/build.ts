import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Builds the pages when a source, the lock or the configuration changed since the last build; says so on standard error. */
export function buildWhenNeeded(root: string): void {
  const mark = join(root, ".next", "token-ledger-build");
  const wanted = fingerprint(root);
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  process.stderr.write("Building the pages (once for each version) …\n");
  const started = performance.now();
  const next = join(root, "node_modules", "next", "dist", "bin", "next");
  const result = spawnSync(process.execPath, [next, "build"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0) {
    throw new Error(`The pages could not be built:\n${result.stdout}\n${result.stderr}`);
  }
  writeFileSync(mark, wanted);
  process.stderr.write(`Built in ${((performance.now() - started) / 1000).toFixed(0)} s.\n`);
}

/** A hash over everything that the built pages are made of. */
function fingerprint(root: string): string {
  const hash = createHash("sha256");
  const files = globSync(["{app,components,lib,public}/**/*.*", "*.{js,mjs,ts,json}"], { cwd: root })
    .filter((file) => !/\.test\.tsx?$|goldens\//.test(file) && file !== "next-env.d.ts")
    .sort();
  for (const file of files)
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)));
  return hash.digest("hex");
}
