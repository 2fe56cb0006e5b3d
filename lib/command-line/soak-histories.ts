import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type HistoriesReport = {
  readonly from: number;
  /** Histories that ended, whatever was found. */
  readonly histories: number;
  /** Lives of the process that ended between two steps. */
  readonly crashes: number;
  /** What a ledger that followed a history says otherwise than a recount. */
  readonly differences: readonly { readonly seed: number; readonly found: readonly string[] }[];
};

/**
 * Follows seeded histories of a workspace, from number `from` on, with a process that crashes, and compares each ledger with
 * a recount. Loads the engine only when it is called.
 */
export async function soakHistories(options: {
  readonly from: number;
  readonly count: number;
  readonly onProgress: (report: HistoriesReport) => void;
}): Promise<HistoriesReport> {
  const { openHistoryRoom } = await import("../ingestion/testing/follow-history.ts");
  const { randomHistory } = await import("../ingestion/testing/random-history.ts");
  const folder = await mkdtemp(join(tmpdir(), "token-ledger-histories-"));
  const room = await openHistoryRoom(folder);
  let report: HistoriesReport = { from: options.from, histories: 0, crashes: 0, differences: [] };
  try {
    for (let seed = options.from; seed < options.from + options.count; seed++) {
      const { found, crashes } = await room.differences(randomHistory(seed));
      report = {
        ...report,
        histories: report.histories + 1,
        crashes: report.crashes + crashes,
        differences: found.length === 0 ? report.differences : [...report.differences, { seed, found }],
      };
      options.onProgress(report);
    }
    return report;
  } finally {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  }
}
