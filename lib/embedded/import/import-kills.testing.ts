import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { randomOf } from "../demo/random.ts";
import { openDatabase } from "../duckdb/database.ts";
import { writeSyntheticLogs } from "./synthetic-logs.testing.ts";

const PROGRAM = new URL("import-folder.testing.ts", import.meta.url).pathname;
const RECEIVED_AT = Date.parse("2026-11-21T12:00:00Z");
const TABLES = ['"AzureDiagnostics"', '"AzureMetrics"'];

export type ImportKills = {
  readonly kills: number;
  /** Kills that found part of the records committed. */
  readonly killsHalfway: number;
  /** Imports that ended, after a kill or none. */
  readonly imports: number;
  readonly records: number;
  /** What differed from the undisturbed import, in words. */
  readonly differences: readonly string[];
};

/**
 * Imports the same logs again and again in processes that are killed with SIGKILL at random moments and started anew until
 * they end, `kills` times in all, and compares every table with that of an import that nothing disturbed.
 */
export async function runImportKills(options: {
  readonly records: number;
  readonly batchLines: number;
  readonly kills: number;
  readonly seed: number;
  readonly onProgress: (text: string) => void;
}): Promise<ImportKills> {
  const folder = await mkdtemp(join(tmpdir(), "import-kills-"));
  const random = randomOf(options.seed);
  const logs = join(folder, "logs");
  const run = (path: string, afterMs: number | null) => importOnce([path, logs, String(options.batchLines)], afterMs);
  try {
    await writeSyntheticLogs(logs, options.records, Math.ceil(options.records / 10));
    const undisturbed = join(folder, "undisturbed.duckdb");
    const { tookMs } = await run(undisturbed, null);
    const expected = await readTables(undisturbed);
    const differences: string[] = [];
    let [kills, killsHalfway, imports] = [0, 0, 0];
    for (; kills < options.kills; imports++) {
      const path = join(folder, `${imports}.duckdb`);
      for (let isDone = false; !isDone; ) {
        const afterMs = kills < options.kills ? Math.floor(random() * tookMs) : null;
        isDone = (await run(path, afterMs)).isDone;
        if (isDone) continue;
        kills++;
        const committed = Number((await readTables(path)).records);
        if (committed > 0 && committed < options.records) killsHalfway++;
        options.onProgress(`${kills} kills, ${committed} of ${options.records} records committed`);
      }
      const found = await readTables(path);
      for (const [what, value] of Object.entries(expected)) {
        if (found[what] !== value) differences.push(`import ${imports}: ${what} is ${found[what]}, not ${value}`);
      }
      await rm(path, { force: true });
    }
    return { kills, killsHalfway, imports, records: options.records, differences };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kills the process `afterMs` after it began, unless it ended by itself before. */
function importOnce(args: readonly string[], afterMs: number | null): Promise<{ isDone: boolean; tookMs: number }> {
  const child = spawn(process.execPath, ["--conditions=react-server", PROGRAM, ...args, String(RECEIVED_AT)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let begunAt = 0;
  let isDone = false;
  let timer: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).on("line", (text) => {
    if (text === "done") isDone = true;
    else begunAt = performance.now();
    if (text === "begun" && afterMs !== null) timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (isDone || signal === "SIGKILL") resolve({ isDone, tookMs: performance.now() - begunAt });
      else reject(new Error(`The import ended with ${code ?? signal}.`));
    });
  });
}

/** Number of records, and of every table its rows and a hash of all that is in them. */
async function readTables(path: string): Promise<Readonly<Record<string, string>>> {
  const database = await openDatabase({ path, memoryLimitMb: 256, threads: 1 });
  const read = (sql: string) =>
    database.query(sql, {
      timeoutMs: 60_000,
      read: async (result) => (await result.getRowsJson())[0]?.map(String) ?? [],
    });
  try {
    const found: Record<string, string> = {};
    for (const table of TABLES) {
      const [rows = "0", hash = ""] = await readOrNone(() =>
        read(`SELECT count(*), sum(hash(t)::HUGEINT) FROM ${table} t`),
      );
      found[`rows of ${table}`] = rows;
      found[`hash of ${table}`] = hash;
    }
    const noted = "SELECT count(*), sum(hash(time, hash, occurrence)::HUGEINT) FROM internal.imported_records";
    found.identities = (await readOrNone(() => read(noted))).join(" ");
    const files = "SELECT count(*), sum(lines), sum(known) FROM internal.imported_files";
    found.files = (await readOrNone(() => read(files))).join(" ");
    found.records = String(TABLES.reduce((sum, table) => sum + Number(found[`rows of ${table}`]), 0));
    return found;
  } finally {
    await database.close();
  }
}

/** A process that was killed early has not made its tables. */
async function readOrNone(read: () => Promise<string[]>): Promise<string[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return [];
    throw error;
  }
}
