import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openDatabase } from "../duckdb/database.ts";
import { writeSyntheticLogs } from "./synthetic-logs.testing.ts";

const PROGRAM = new URL("import-folder.testing.ts", import.meta.url).pathname;

export type ImportKills = {
  readonly kills: number;
  readonly records: number;
  readonly stored: number;
  readonly distinct: number;
};

/**
 * Imports `records` records in a process that is killed after each of `afterMs`, lets the last one finish, and counts what
 * is stored: every record once, whatever the moment of the kill.
 */
export async function runImportKills(options: {
  readonly records: number;
  readonly afterMs: readonly number[];
}): Promise<ImportKills> {
  const folder = await mkdtemp(join(tmpdir(), "import-kills-"));
  try {
    const database = join(folder, "workspace.duckdb");
    const third = Math.ceil(options.records / 3);
    for (const part of [0, 1, 2]) await writeSyntheticLogs(join(folder, "logs", `${part}.json`), third * (part + 1));
    for (const after of options.afterMs) await importOnce(database, join(folder, "logs"), after);
    await importOnce(database, join(folder, "logs"), null);
    return { kills: options.afterMs.length, records: third * 3, ...(await counted(database)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kills the process `afterMs` after its first sign of progress, or lets it finish. */
function importOnce(database: string, folder: string, afterMs: number | null): Promise<void> {
  const child = spawn(process.execPath, ["--conditions=react-server", PROGRAM, database, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let timer: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).on("line", () => {
    if (afterMs !== null) timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL" || code === 0) resolve();
      else reject(new Error(`The import ended with ${code}.`));
    });
  });
}

async function counted(path: string): Promise<{ stored: number; distinct: number }> {
  const database = await openDatabase({ path, memoryLimitMb: 256, threads: 1 });
  try {
    const [row] = await database.query(
      `SELECT count(*), count(DISTINCT (CorrelationId, Category, properties_s)) FROM "AzureDiagnostics"`,
      { timeoutMs: 60_000, read: (result) => result.getRowsJS() },
    );
    return { stored: Number(row?.[0]), distinct: Number(row?.[1]) };
  } finally {
    await database.close();
  }
}
