import { BIGINT, type DuckDBConnection, DuckDBDataChunk, VARCHAR } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import { type FoundFile, findFiles } from "./find-files.ts";
import {
  CREATE_BATCH_TABLES,
  CREATE_IMPORT_TABLES,
  DELETE_BAD_LINES,
  findFresh,
  insertRecords,
  LINE_TABLES,
  OPEN_ENVELOPES,
  READ_KEYS,
  REMEMBER_RECORDS,
  SELECT_BAD_LINES,
  SELECT_REJECTED,
} from "./import-sql.ts";
import type { ImportedFile, ImportHooks, ImportRequest, ImportSummary } from "./import-summary.ts";
import { createTransaction, type LongTransaction } from "./long-transaction.ts";
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
 * Loads exported logs and request traces into the workspace. Records and their identities are committed together, so a
 * killed import goes on where it stopped and importing again adds nothing. A bad line is reported, put
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
      await runAll(connection, CREATE_IMPORT_TABLES);
      const transaction = createTransaction(connection);
      return transaction.around(async () => {
        const done: ImportedFile[] = [];
        for (const file of files) {
          hooks.signal.throwIfAborted();
          done.push(await importFile(connection, transaction, file, state, done.length));
        }
        return done;
      });
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
  transaction: LongTransaction,
  file: FoundFile,
  state: ImportState,
  index: number,
): Promise<ImportedFile> {
  const unchanged = await unchangedFile(connection, file, state);
  if (unchanged) return unchanged;
  await runAll(connection, CREATE_BATCH_TABLES);
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
      await transaction.took(result.added);
      if (performance.now() - toldAt > PROGRESS_MS) {
        toldAt = performance.now();
        state.hooks.onProgress({ file: file.path, files: index, fileCount: state.fileCount, lines, added });
      }
    }
  } catch (error) {
    if (!isReadError(error)) throw error;
    state.rejects.path(file.path, error.message);
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

/** The file cannot be read (any further); what was read of it stays. */
function isReadError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.name !== "AbortError";
}

function logLines(file: FoundFile, batch: LineBatch, state: ImportState): Line[] {
  for (const line of batch.oversized)
    state.rejects.line({ file: file.path, line, reason: "longer than any record can be" }, "");
  return batch.lines
    .map((text, index): Line => [batch.firstLine + index, text.trim()])
    .filter(([, text]) => text !== "");
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

/** Adds one batch inside the open transaction: records, identities and rows together. */
async function importBatch(
  connection: DuckDBConnection,
  file: FoundFile,
  rows: readonly Line[],
  state: ImportState,
): Promise<BatchResult> {
  if (rows.length === 0) return { added: 0, known: 0 };
  await appendLines(connection, rows);
  if ((await putAside(connection, SELECT_BAD_LINES, file, state)) > 0) await runAll(connection, DELETE_BAD_LINES);
  if (rows.some(([, text]) => /^\{\s*"records"/.test(text))) await runAll(connection, OPEN_ENVELOPES);
  await connection.run(READ_KEYS);
  const rejected = await putAside(connection, SELECT_REJECTED, file, state);
  const [total, from, to] = await rowOf(
    connection,
    "SELECT count(*), min(time)::VARCHAR, max(time)::VARCHAR FROM import_keys WHERE reason IS NULL",
  );
  if (Number(total) === 0) return { added: 0, known: 0 };
  await connection.run(findFresh({ from: String(from), to: String(to) }));
  const kinds = await freshByKind(connection);
  await runAll(connection, REMEMBER_RECORDS);
  const added = [...kinds.values()].reduce((sum, kind) => sum + kind.count, 0);
  const isWhole = kinds.size === 1 && added === Number(total) && rejected === 0;
  for (const mapping of RECORD_MAPPINGS) {
    if (kinds.has(mapping.table.name)) {
      await connection.run(insertRecords(mapping, state.request.receivedAt, isWhole));
    }
  }
  for (const [, kind] of kinds) tell(state, kind);
  return { added, known: Number(total) - added };
}

async function appendLines(connection: DuckDBConnection, rows: readonly Line[]): Promise<void> {
  const half = Math.ceil(rows.length / LINE_TABLES.length);
  for (const [index, table] of LINE_TABLES.entries()) {
    await connection.run(`DELETE FROM ${table}`);
    const appender = await connection.createAppender(table, "main", "temp");
    for (let start = index * half; start < Math.min(rows.length, (index + 1) * half); start += CHUNK_ROWS) {
      const part = rows.slice(start, Math.min(start + CHUNK_ROWS, (index + 1) * half));
      const chunk = DuckDBDataChunk.create([BIGINT, BIGINT, VARCHAR], part.length);
      chunk.setColumnValues(
        0,
        part.map((_line, offset) => BigInt(start + offset)),
      );
      chunk.setColumnValues(
        1,
        part.map(([line]) => BigInt(line)),
      );
      chunk.setColumnValues(
        2,
        part.map(([, text]) => text),
      );
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }
}

/** Puts the lines that a query finds aside and returns how many they are. */
async function putAside(
  connection: DuckDBConnection,
  sql: string,
  file: FoundFile,
  state: ImportState,
): Promise<number> {
  const rows = (await connection.runAndReadAll(sql)).getRowsJS();
  for (const [line, reason, text] of rows) {
    state.rejects.line({ file: file.path, line: Number(line), reason: String(reason) }, String(text ?? ""));
  }
  return rows.length;
}

async function runAll(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await connection.run(statement);
}

type FreshKind = {
  readonly names: readonly [string, number][];
  readonly count: number;
  readonly first: number;
  readonly last: number;
};

async function freshByKind(connection: DuckDBConnection): Promise<Map<string, FreshKind>> {
  const reader = await connection.runAndReadAll(`
    SELECT target, CASE name WHEN '' THEN target ELSE name END, count(*), epoch_ms(min(time)), epoch_ms(max(time))
    FROM import_fresh GROUP BY ALL`);
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
