import type { IngestionKills } from "../ingestion/testing/ingestion-kills.ts";

/** Enough for a write to take a while. */
const CALLS = 1_500;

/** Kills the process that follows histories `kills` times and compares the ledgers. Loads the engine only when it is called. */
export async function soakIngestions(options: {
  readonly kills: number;
  readonly seed: number;
  readonly onProgress: (text: string) => void;
}): Promise<IngestionKills> {
  const { runIngestionKills } = await import("../ingestion/testing/ingestion-kills.ts");
  return runIngestionKills({ calls: CALLS, ...options });
}
