import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../duckdb/database.ts";
import { createTables } from "../store/create-tables.ts";
import { importFiles } from "./import-files.ts";
import type { ImportSummary } from "./import-summary.ts";

export type ImportedLines = {
  readonly summary: ImportSummary;
  /** Every rejected line, as it was put aside. */
  readonly aside: readonly { line: number; reason: string; text: string }[];
  readonly rows: (sql: string) => Promise<Record<string, unknown>[]>;
};

/** Imports one file of `content` into an empty workspace and hands over what came of it. */
export async function importLines<Value>(
  content: string | Buffer,
  read: (imported: ImportedLines) => Promise<Value>,
): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), "import-lines-"));
  const database = await openDatabase({ path: ":memory:", memoryLimitMb: 512, threads: 2 });
  try {
    await database.withConnection(createTables);
    const path = join(folder, "PT1H.json");
    await writeFile(path, content);
    const rejectsFile = join(folder, "rejects.jsonl");
    const summary = await importFiles(
      database,
      { paths: [path], trace: null, rejectsFile, receivedAt: Date.parse("2026-11-21T12:00:00Z") },
      { onProgress: () => undefined, onRejected: () => undefined, signal: new AbortController().signal },
    );
    const aside = summary.rejectsFile ? (await readFile(summary.rejectsFile, "utf8")).trimEnd().split("\n") : [];
    return await read({
      summary,
      aside: aside.map((text) => JSON.parse(text)),
      rows: (sql) =>
        database.query(sql, { timeoutMs: 10_000, read: async (result) => await result.getRowObjectsJson() }),
    });
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}
