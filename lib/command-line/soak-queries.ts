import type { FuzzReport } from "../embedded/fuzz/fuzz-queries.ts";

/**
 * Asks an embedded workspace with a few rows in every table `count` mutated queries from number `from` on. Loads the engine only when
 * it is called, as it is large.
 */
export async function soakQueries(options: {
  readonly from: number;
  readonly count: number;
  readonly onProgress: (report: FuzzReport) => void;
}): Promise<FuzzReport> {
  const { openEmbeddedWorkspace } = await import("../embedded/workspace.ts");
  const { fuzzQueries } = await import("../embedded/fuzz/fuzz-queries.ts");
  const { fillWithSamples } = await import("../embedded/fuzz/sample-rows.ts");
  const { toInstant } = await import("../time/instant.ts");
  const now = toInstant("2026-03-10T12:34:56Z");
  const workspace = await openEmbeddedWorkspace({ path: ":memory:", now: () => now });
  try {
    await workspace.database.withConnection((connection) => fillWithSamples(connection, now));
    await workspace.engine.warmUp();
    return await fuzzQueries({ engine: workspace.engine, ...options });
  } finally {
    await workspace.close();
  }
}
