// Prints how long the demo tenant takes to make, how much memory and disk, and what one more minute costs:
// `node --conditions=react-server scripts/bench-demo.ts`.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createDemoTenant, growDemoTenant } from "../lib/embedded/demo/create-demo-tenant.ts";
import { openEmbeddedWorkspace } from "../lib/embedded/workspace.ts";
import { toInstant } from "../lib/time/instant.ts";

const createdAt = toInstant("2026-11-21T01:00:00Z");
const folder = await mkdtemp(path.join(tmpdir(), "bench-demo-"));
const file = path.join(folder, "workspace.duckdb");
try {
  const workspace = await openEmbeddedWorkspace({ path: file, tempDir: folder, now: () => createdAt });
  const { database } = workspace;
  const cpuBefore = process.cpuUsage();
  const made = await seconds(() =>
    createDemoTenant({ database, createdAt, onProgress: (share) => console.error(`${Math.round(share * 100)} %`) }),
  );
  const cpu = process.cpuUsage(cpuBefore);
  console.log(
    `made            ${made.toFixed(1)} s (${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of processor time)`,
  );
  console.log(`resident memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB at most`);
  const minutes = 5;
  const grown = await seconds(async () => {
    for (let minute = 1; minute <= minutes; minute++) {
      await growDemoTenant({ database, until: createdAt + minute * 60_000 });
    }
  });
  console.log(`one more minute ${((1000 * grown) / minutes).toFixed(0)} ms`);
  const counted = await seconds(() => workspace.demoTruth({ groups: ["total"], zones: ["UTC"] }));
  console.log(`truth, first    ${counted.toFixed(1)} s`);
  const truth = await workspace.demoTruth({ groups: ["total"], zones: ["UTC"], sources: ["all"] });
  console.log(
    `calls           ${(truth?.lines ?? []).reduce((sum, line) => sum + Number(line.requests), 0).toLocaleString("en")}`,
  );
  await workspace.close();
  console.log(`disk            ${((await stat(file)).size / 1e6).toFixed(0)} MB`);
} finally {
  await rm(folder, { recursive: true });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
