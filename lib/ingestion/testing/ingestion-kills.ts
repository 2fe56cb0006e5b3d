import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { randomOf } from "../../embedded/demo/random.ts";
import { differencesOf, ledgerContents } from "./ledger-contents.ts";
import { randomHistory } from "./random-history.ts";

const PROGRAM = new URL("look-once.ts", import.meta.url).pathname;

export type IngestionKills = {
  readonly kills: number;
  /** Kills of a process that had begun to read and had not ended. */
  readonly killsAtWork: number;
  /** Histories that were followed to their end. */
  readonly histories: number;
  readonly calls: number;
  /** What a ledger says otherwise than one that nobody disturbed, in words. */
  readonly differences: readonly string[];
};

/**
 * Follows histories in processes that are killed with SIGKILL at random moments, `kills` times in all, and compares the ledger
 * of each with that of a process that read everything at once.
 */
export async function runIngestionKills(options: {
  readonly kills: number;
  readonly seed: number;
  readonly calls: number;
  readonly onProgress: (text: string) => void;
}): Promise<IngestionKills> {
  const folder = await mkdtemp(join(tmpdir(), "ingestion-kills-"));
  const differences: string[] = [];
  let [kills, killsAtWork, histories, calls, tookMs] = [0, 0, 0, 0, 0];
  try {
    for (let seed = options.seed; kills < options.kills; seed++) {
      const random = randomOf(seed, 1);
      const history = randomHistory(seed, options.calls);
      const [killed, undisturbed] = [join(folder, "killed.duckdb"), join(folder, "undisturbed.duckdb")];
      const look = (index: number, path: string, afterMs: number | null) =>
        lookOnce([String(seed), String(options.calls), String(index), path], afterMs);
      for (const [index] of history.looks.entries()) {
        for (let isDone = false; !isDone; ) {
          const afterMs = kills < options.kills && tookMs > 0 ? Math.floor(random() * tookMs) : null;
          const end = await look(index, killed, afterMs);
          isDone = end.isDone;
          tookMs = isDone ? end.tookMs : tookMs;
          if (isDone) continue;
          kills++;
          if (end.hasBegun) killsAtWork++;
          options.onProgress(`${kills} kills, history ${seed}, look ${index + 1} of ${history.looks.length}`);
        }
      }
      await look(history.looks.length - 1, undisturbed, null);
      const found = differencesOf(await ledgerContents(killed), await ledgerContents(undisturbed));
      differences.push(...found.map((text) => `history ${seed}: ${text}`));
      for (const path of [killed, undisturbed]) for (const end of ["", ".wal"]) await rm(path + end, { force: true });
      histories++;
      calls += new Set(history.arrivals.map(({ record }) => record.CorrelationId)).size;
    }
    return { kills, killsAtWork, histories, calls, differences };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type End = { readonly isDone: boolean; readonly hasBegun: boolean; readonly tookMs: number };

/** Kills the process `afterMs` after it began to look, unless it ended by itself before. */
function lookOnce(args: readonly string[], afterMs: number | null): Promise<End> {
  const child = spawn(process.execPath, ["--conditions=react-server", PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let begunAt: number | null = null;
  let doneAt: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).on("line", (text) => {
    if (text === "done") doneAt = performance.now();
    if (text !== "begun") return;
    begunAt = performance.now();
    if (afterMs !== null) timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const tookMs = begunAt === null || doneAt === null ? 0 : doneAt - begunAt;
      if (doneAt !== null || signal === "SIGKILL")
        resolve({ isDone: doneAt !== null, hasBegun: begunAt !== null, tookMs });
      else reject(new Error(`The process ended with ${code ?? signal}.`));
    });
  });
}
