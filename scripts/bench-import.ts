import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../lib/embedded/duckdb/database.ts";
import { importFiles } from "../lib/embedded/import/import-files.ts";
import { writeSyntheticLogs } from "../lib/embedded/import/synthetic-logs.testing.ts";
import { createTables } from "../lib/embedded/store/create-tables.ts";

/**
 * Prints how many new, distinct records a second `npm run import` takes from the page cache, identity check and shredding
 * included: `node --conditions=react-server scripts/bench-import.ts [RECORDS]`. One line of JSON.
 */
const records = Number(process.argv[2] ?? 1_000_000);
const folder = await mkdtemp(join(tmpdir(), "bench-import-"));
try {
  await writeSyntheticLogs(join(folder, "logs", "PT1H.json"), records);
  const database = await openDatabase({
    path: join(folder, "workspace.duckdb"),
    memoryLimitMb: 1_024,
    threads: 2,
    tempDir: join(folder, "temp"),
  });
  await database.withConnection(createTables);
  const take = async () => {
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    const summary = await importFiles(
      database,
      {
        paths: [join(folder, "logs")],
        trace: null,
        rejectsFile: join(folder, "rejects.jsonl"),
        receivedAt: Date.now(),
      },
      { onProgress: () => undefined, onRejected: () => undefined, signal: new AbortController().signal },
    );
    const used = process.cpuUsage(cpu);
    return {
      added: summary.files.reduce((sum, file) => sum + file.added, 0),
      ms: performance.now() - startedAt,
      cpuMs: (used.user + used.system) / 1_000,
    };
  };
  const first = await take();
  const again = await take();
  await database.close();
  console.log(
    JSON.stringify({
      records: first.added,
      ms: Math.round(first.ms),
      cpuMs: Math.round(first.cpuMs),
      recordsPerSecond: Math.round((first.added / first.ms) * 1_000),
      addedAgain: again.added,
      rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
    }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
