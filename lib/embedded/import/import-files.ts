import { BIGINT, type DuckDBConnection, DuckDBDataChunk, VARCHAR } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import { type FoundFile, findFiles } from "./find-files.ts";
import {
  CREATE_BATCH_TABLES,
  CREATE_IMPORT_TABLES,
  findFresh,
  IDENTIFY_RECORDS,
  insertRecords,
  REMEMBER_RECORDS,
  readRecords,
} from "./import-sql.ts";
import type { ImportedFile, ImportHooks, ImportRequest, ImportSummary } from "./import-summary.ts";
import { type LineBatch, readLines } from "./read-lines.ts";
import { RECORD_MAPPINGS } from "./record-mapping.ts";
import { createRejects, type Rejects } from "./rejects.ts";
import { isTraceHeader, parseTraceRow, traceRecords } from "./trace-records.ts";

type Line = readonly [line: number, text: string];
type BatchResult = { readonly added: number; readonly known: number };
type Totals = { requests: number; inputTokens: bigint; outputTokens: bigint };

/** Lines of an ordinary batch that one transaction takes; a trace's row becomes three. */
const CHUNK_ROWS = 2_048;
const PROGRESS_MS = 500;

/**
 * Loads exported logs and request traces into the workspace. Every batch of lines is one transaction with the identities of
 * its records, so a killed import goes on where it stopped and importing again adds nothing. A bad line is reported, put
 * aside in `request.rejectsFile` and never stops the rest.
 */
export async function importFiles(
  database: EmbeddedDatabase,
  request: ImportRequest,
  hooks: ImportHooks,
): Promise<ImportSummary> {
  const { files, unreadable } = await findFiles(request.paths);
  const rejects = createRejects(request.rejectsFile, hooks.onRejected);
  for (const { path, reason } of unreadable) rejects.path(path, reason);
  const shiftMs = await traceShift(files, request);
  const state: ImportState = {
    request,
    hooks,
    rejects,
    shiftMs,
    added: new Map(),
    firstAt: null,
    lastAt: null,
    fileCount: files.length,
  };
  try {
    const imported = await database.withConnection(async (connection) => {
      for (const statement of CREATE_IMPORT_TABLES) await connection.run(statement);
      const done: ImportedFile[] = [];
      for (const file of files) {
        hooks.signal.throwIfAborted();
        done.push(await importFile(connection, file, state, done.length));
      }
      return done;
    });
    return {
      files: imported,
      addedByCategory: state.added,
      rejected: rejects.first(),
      rejectedCount: rejects.count(),
      rejectsFile: rejects.count() > 0 ? request.rejectsFile : null,
      firstAt: state.firstAt,
      lastAt: state.lastAt,
    };
  } finally {
    await rejects.close();
  }
}

type ImportState = {
  readonly request: ImportRequest;
  readonly hooks: ImportHooks;
  readonly rejects: Rejects;
  readonly shiftMs: number;
  readonly fileCount: number;
  readonly added: Map<string, number>;
  firstAt: number | null;
  lastAt: number | null;
};

async function importFile(
  connection: DuckDBConnection,
  file: FoundFile,
  state: ImportState,
  index: number,
): Promise<ImportedFile> {
  const unchanged = await unchangedFile(connection, file, state);
  if (unchanged) return unchanged;
  for (const statement of CREATE_BATCH_TABLES) await connection.run(statement);
  const rejectedBefore = state.rejects.count();
  const totals: Totals = { requests: 0, inputTokens: 0n, outputTokens: 0n };
  let kind: "logs" | "trace" | null = null;
  let [lines, added, known] = [0, 0, 0];
  let toldAt = performance.now();
  const batches = readLines(file.path);
  try {
    let next = batches.next();
    for (let batch = await next; !batch.done; batch = await next) {
      state.hooks.signal.throwIfAborted();
      // The next lines are read while DuckDB works on these.
      next = batches.next();
      next.catch(() => undefined);
      kind ??= isTraceHeader(batch.value.lines[0] ?? "") ? "trace" : "logs";
      const rows = kind === "trace" ? traceLines(file, batch.value, state, totals) : logLines(file, batch.value, state);
      const result = await importBatch(connection, file, rows, state);
      lines += batch.value.lines.length;
      added += result.added;
      known += result.known;
      if (performance.now() - toldAt > PROGRESS_MS) {
        toldAt = performance.now();
        state.hooks.onProgress({ file: file.path, files: index, fileCount: state.fileCount, lines, added });
      }
    }
  } catch (error) {
    state.hooks.signal.throwIfAborted();
    state.rejects.path(file.path, error instanceof Error ? error.message : String(error));
  }
  const rejected = state.rejects.count() - rejectedBefore;
  const trace = kind === "trace" ? totals : null;
  const imported = {
    file: file.path,
    kind: kind ?? "logs",
    lines,
    added,
    known,
    rejected,
    trace,
    isUnchanged: false,
  } as const;
  // A file with bad lines is read again next time, so that they are reported again.
  if (rejected === 0) await rememberFile(connection, file, state, imported);
  state.hooks.onProgress({ file: file.path, files: index + 1, fileCount: state.fileCount, lines, added });
  return imported;
}

function logLines(file: FoundFile, batch: LineBatch, state: ImportState): Line[] {
  for (const line of batch.oversized)
    state.rejects.line({ file: file.path, line, reason: "longer than any record can be" }, "");
  return batch.lines.map((text, index): Line => [batch.firstLine + index, text.trim()]);
}

function traceLines(file: FoundFile, batch: LineBatch, state: ImportState, totals: Totals): Line[] {
  const placement = state.request.trace;
  if (!placement) {
    if (batch.firstLine === 1) {
      state.rejects.line(
        {
          file: file.path,
          line: 1,
          reason: "a request trace needs --deployment and --model to say whose calls these are",
        },
        "",
      );
    }
    return [];
  }
  return batch.lines.flatMap((text, index): Line[] => {
    const line = batch.firstLine + index;
    if (line === 1 || text.trim() === "") return [];
    const row = parseTraceRow(text);
    if (!row) {
      state.rejects.line(
        { file: file.path, line, reason: "not a row of TIMESTAMP,ContextTokens,GeneratedTokens" },
        text,
      );
      return [];
    }
    totals.requests += 1;
    totals.inputTokens += BigInt(row.inputTokens);
    totals.outputTokens += BigInt(row.outputTokens);
    return traceRecords(row, line, placement, state.shiftMs).map((record): Line => [line, record]);
  });
}

/** One batch, one transaction: records, identities and rows together or not at all. */
async function importBatch(
  connection: DuckDBConnection,
  file: FoundFile,
  rows: readonly Line[],
  state: ImportState,
): Promise<BatchResult> {
  if (rows.length === 0) return { added: 0, known: 0 };
  await appendLines(connection, rows);
  await connection.run(readRecords(rows.some(([, text]) => /^\{\s*"records"/.test(text))));
  await putRejectsAside(connection, file, state);
  await connection.run(IDENTIFY_RECORDS);
  const bounds = await rowOf(connection, "SELECT count(*), min(time)::VARCHAR, max(time)::VARCHAR FROM import_keys");
  const total = Number(bounds[0] ?? 0);
  if (total === 0) return { added: 0, known: 0 };
  await connection.run("BEGIN");
  try {
    await connection.run(findFresh({ from: String(bounds[1]), to: String(bounds[2]) }));
    const counts = await freshByKind(connection);
    for (const statement of REMEMBER_RECORDS) await connection.run(statement);
    for (const mapping of RECORD_MAPPINGS) {
      if (counts.has(mapping.table.name)) await connection.run(insertRecords(mapping, state.request.receivedAt));
    }
    await connection.run("COMMIT");
    const added = [...counts.values()].reduce((sum, kind) => sum + kind.count, 0);
    for (const [, kind] of counts) tell(state, kind);
    return { added, known: total - added };
  } catch (error) {
    await connection.run("ROLLBACK");
    throw error;
  }
}

async function appendLines(connection: DuckDBConnection, rows: readonly Line[]): Promise<void> {
  await connection.run("DELETE FROM import_lines");
  const appender = await connection.createAppender("import_lines", "main", "temp");
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const part = rows.slice(start, start + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create([BIGINT, VARCHAR], part.length);
    chunk.setColumnValues(
      0,
      part.map(([line]) => BigInt(line)),
    );
    chunk.setColumnValues(
      1,
      part.map(([, text]) => text),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function putRejectsAside(connection: DuckDBConnection, file: FoundFile, state: ImportState): Promise<void> {
  const reader = await connection.runAndReadAll(
    "SELECT line, reason, rejected FROM import_records WHERE reason IS NOT NULL ORDER BY rowid",
  );
  for (const [line, reason, text] of reader.getRowsJS()) {
    state.rejects.line({ file: file.path, line: Number(line), reason: String(reason) }, String(text ?? ""));
  }
}

type FreshKind = {
  readonly names: readonly [string, number][];
  readonly count: number;
  readonly first: number;
  readonly last: number;
};

async function freshByKind(connection: DuckDBConnection): Promise<Map<string, FreshKind>> {
  const reader = await connection.runAndReadAll(`
    SELECT target, coalesce(head[4], target), count(*), epoch_ms(min(f.time)), epoch_ms(max(f.time))
    FROM import_fresh f JOIN import_records r ON r.rowid = f.id GROUP BY ALL`);
  const kinds = new Map<string, FreshKind>();
  for (const [target, name, count, first, last] of reader.getRowsJS()) {
    const before = kinds.get(String(target));
    kinds.set(String(target), {
      names: [...(before?.names ?? []), [String(name), Number(count)]],
      count: (before?.count ?? 0) + Number(count),
      first: Math.min(before?.first ?? Number.POSITIVE_INFINITY, Number(first)),
      last: Math.max(before?.last ?? Number.NEGATIVE_INFINITY, Number(last)),
    });
  }
  return kinds;
}

function tell(state: ImportState, kind: FreshKind): void {
  for (const [name, count] of kind.names) state.added.set(name, (state.added.get(name) ?? 0) + count);
  state.firstAt = Math.min(state.firstAt ?? kind.first, kind.first);
  state.lastAt = Math.max(state.lastAt ?? kind.last, kind.last);
}

/** How far traces are moved so that the earliest one begins at `--start`; 0 without it. */
async function traceShift(files: readonly FoundFile[], request: ImportRequest): Promise<number> {
  if (!request.trace || request.trace.start === null) return 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (const file of files) {
    for await (const batch of readLines(file.path)) {
      if (isTraceHeader(batch.lines[0] ?? "")) {
        const first = batch.lines
          .slice(1)
          .map(parseTraceRow)
          .find((row) => row !== null);
        if (first) earliest = Math.min(earliest, first.at);
      }
      break;
    }
  }
  return Number.isFinite(earliest) ? request.trace.start - earliest : 0;
}

async function unchangedFile(
  connection: DuckDBConnection,
  file: FoundFile,
  state: ImportState,
): Promise<ImportedFile | null> {
  const reader = await connection.runAndReadAll(
    `SELECT lines, known, requests, input_tokens::VARCHAR, output_tokens::VARCHAR FROM internal.imported_files
     WHERE blob_path = $1 AND bytes = $2 AND modified_ms = $3 AND placement = $4 LIMIT 1`,
    fileKey(file, state),
  );
  const row = reader.getRowsJS()[0];
  if (!row) return null;
  const [lines, known, requests, inputTokens, outputTokens] = row;
  const trace =
    requests === null
      ? null
      : {
          requests: Number(requests),
          inputTokens: BigInt(String(inputTokens)),
          outputTokens: BigInt(String(outputTokens)),
        };
  return {
    file: file.path,
    kind: trace ? "trace" : "logs",
    lines: Number(lines),
    added: 0,
    known: Number(known),
    rejected: 0,
    trace,
    isUnchanged: true,
  };
}

async function rememberFile(
  connection: DuckDBConnection,
  file: FoundFile,
  state: ImportState,
  imported: ImportedFile,
): Promise<void> {
  const trace = imported.trace;
  await connection.run(
    `INSERT INTO internal.imported_files VALUES ($1, $2, $3, $4, ${imported.lines}, ${imported.added + imported.known},
     ${trace ? `${trace.requests}, ${trace.inputTokens}, ${trace.outputTokens}` : "NULL, NULL, NULL"})`,
    fileKey(file, state),
  );
}

function fileKey(file: FoundFile, state: ImportState): [string, bigint, bigint, string] {
  const placement = JSON.stringify([state.request.trace, state.shiftMs]);
  return [file.blobPath, BigInt(file.bytes), BigInt(file.modifiedMs), placement];
}

async function rowOf(connection: DuckDBConnection, sql: string): Promise<readonly unknown[]> {
  return (await connection.runAndReadAll(sql)).getRowsJS()[0] ?? [];
}
