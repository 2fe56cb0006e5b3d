import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSyntheticLogs } from "../lib/embedded/import/synthetic-logs.testing.ts";
import { openEmbeddedWorkspace } from "../lib/embedded/workspace.ts";
import { toInstant } from "../lib/time/instant.ts";

/**
 * Prints how many new, distinct records a second an import takes from the page cache, identity check, shredding and the
 * last commit included, at two sizes, each in a process of its own so that their peaks of memory can be compared:
 * `npm run bench:import -- [RECORDS]` measures a quarter of RECORDS (default 2,000,000), then all. One line of JSON each.
 */
const [first = "2000000", folder] = process.argv.slice(2);
if (folder === undefined) await measureSizes(Number(first));
else await measure(folder);

async function measureSizes(records: number): Promise<void> {
  for (const size of [Math.ceil(records / 4), records]) {
    const logs = await mkdtemp(join(tmpdir(), "bench-import-"));
    try {
      const { files, bytes } = await writeSyntheticLogs(join(logs, "logs"), size);
      process.stderr.write(`${size} records in ${files} files, ${Math.round(bytes / 1_048_576)} MB\n`);
      const args = ["--conditions=react-server", import.meta.filename, String(size), logs];
      const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
      if (status !== 0) process.exitCode = 1;
    } finally {
      await rm(logs, { recursive: true, force: true });
    }
  }
}

async function measure(logs: string): Promise<void> {
  const workspace = await openEmbeddedWorkspace({
    path: join(logs, "workspace.duckdb"),
    tempDir: join(logs, "temp"),
    now: () => toInstant(new Date().toISOString()),
  });
  const take = async () => {
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    const summary = await workspace.importFiles(
      { paths: [join(logs, "logs")], trace: null, rejectsFile: join(logs, "rejects.jsonl"), receivedAt: Date.now() },
      { onProgress: () => undefined, onRejected: () => undefined, signal: new AbortController().signal },
    );
    const { user, system } = process.cpuUsage(cpu);
    return {
      records: summary.files.reduce((sum, file) => sum + file.added, 0),
      rejected: summary.rejectedCount,
      ms: Math.round(performance.now() - startedAt),
      cpuMs: Math.round((user + system) / 1_000),
    };
  };
  const { records, rejected, ms, cpuMs } = await take();
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  const again = await take();
  await workspace.close();
  const recordsPerSecond = Math.round((records / ms) * 1_000);
  const cpuMicrosecondsPerRecord = Math.round((cpuMs / records) * 10_000) / 10;
  const result = { records, rejected, ms, recordsPerSecond, cpuMicrosecondsPerRecord, peakMb };
  process.stdout.write(`${JSON.stringify({ ...result, addedAgain: again.records, againMs: again.ms })}\n`);
}
