import type { ImportKills } from "../embedded/import/import-kills.testing.ts";

/** Large enough for several batches of the size that `npm run import` commits. */
const RECORDS = 600_000;

/** Kills imports of the same logs `kills` times and compares the tables that are left. Loads the engine only when it is called. */
export async function soakImports(options: {
  readonly kills: number;
  readonly seed: number;
  readonly onProgress: (text: string) => void;
}): Promise<ImportKills> {
  const { runImportKills } = await import("../embedded/import/import-kills.testing.ts");
  const { BATCH_LINES } = await import("../embedded/import/import-batches.ts");
  return runImportKills({ records: RECORDS, batchLines: BATCH_LINES, ...options });
}
