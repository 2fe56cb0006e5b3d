import { openDatabase } from "../duckdb/database.ts";
import { createTables } from "../store/create-tables.ts";
import { importFiles } from "./import-files.ts";

/** A process of its own that imports a folder into a database file and says so, for tests that kill it halfway. */
const [path = "", folder = ""] = process.argv.slice(2);
const database = await openDatabase({ path, memoryLimitMb: 512, threads: 2 });
await database.withConnection(createTables);
const summary = await importFiles(
  database,
  { paths: [folder], trace: null, rejectsFile: `${path}.rejects`, receivedAt: Date.now() },
  {
    onProgress: ({ added }) => process.stdout.write(`${added}\n`),
    onRejected: () => undefined,
    signal: new AbortController().signal,
  },
);
await database.close();
process.stdout.write(`done ${summary.files.reduce((sum, file) => sum + file.added, 0)}\n`);
