import { openDatabase } from "../duckdb/database.ts";
import { createTables } from "../store/create-tables.ts";
import { importFiles } from "./import-files.ts";

/**
 * A process of its own that imports a folder into a database file, for tests that kill it halfway: PATH FOLDER BATCH-LINES
 * RECEIVED-AT. Says `begun` before it opens the file and `done` at its end.
 */
const [path = "", folder = "", batchLines = "", receivedAt = ""] = process.argv.slice(2);
process.stdout.write("begun\n");
const database = await openDatabase({ path, memoryLimitMb: 768, threads: 2, tempDir: `${path}.temp` });
await database.withConnection(createTables);
await importFiles(
  database,
  { paths: [folder], trace: null, rejectsFile: `${path}.rejects`, receivedAt: Number(receivedAt) },
  { onProgress: () => undefined, onRejected: () => undefined, signal: new AbortController().signal },
  Number(batchLines),
);
await database.close();
process.stdout.write("done\n");
