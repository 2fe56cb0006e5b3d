import type { DuckDBConnection } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import { type FoundFile, findFiles } from "./find-files.ts";
import { BATCH_LINES, type BadLine, type BatchBlock, type Batches, withBatches } from "./import-batches.ts";
import { FORGET_UNFINISHED, LAST_BATCH, PREPARE_IMPORT } from "./import-sql.ts";
import type { ImportedFile, ImportHooks, ImportRequest, ImportSummary } from "./import-summary.ts";
import { type LineBlock, readBlocks, textOfLine } from "./read-blocks.ts";
import { createRejects, type Rejects } from "./rejects.ts";
import { isTraceHeader, parseTraceRow, traceRecords } from "./trace-records.ts";

type Trace = { requests: number; inputTokens: bigint; outputTokens: bigint };

/** What is known of a file while its lines are under way; `lastBatch` is set once its last line was handed on. */
type OpenFile = {
  readonly found: FoundFile;
  kind: "logs" | "trace";
  lines: number;
  added: number;
  taken: number;
  rejected: number;
  trace: Trace | null;
  lastBatch: number | null;
  isRemembered: boolean;
  earlier: ImportedFile | null;
};

type State = {
  readonly request: ImportRequest;
  readonly hooks: ImportHooks;
  readonly rejects: Rejects;
  readonly shiftMs: number;
  readonly files: readonly OpenFile[];
  readonly addedByCategory: Map<string, number>;
  firstAt: number | null;
  lastAt: number | null;
  toldAt: number;
};

const PROGRESS_MS = 500;
const NO_RECORDS = ["", "", ""] as const;

/**
 * Loads exported logs and request traces into the workspace. A killed import goes on where it stopped and importing again
 * adds nothing. A bad line is reported, put aside in `request.rejectsFile` and never stops the rest. Memory depends on
 * `batchLines`, the lines that are committed together, and not on the size of the files.
 */
export async function importFiles(
  database: EmbeddedDatabase,
  request: ImportRequest,
  hooks: ImportHooks,
  batchLines = BATCH_LINES,
): Promise<ImportSummary> {
  const { files, unreadable } = await findFiles(request.paths);
  const rejects = createRejects(request.rejectsFile, hooks.onRejected);
  for (const { path, reason } of unreadable) rejects.path(path, reason);
  const state: State = {
    request,
    hooks,
    rejects,
    shiftMs: await traceShift(files, request),
    files: files.map(openFile),
    addedByCategory: new Map(),
    firstAt: null,
    lastAt: null,
    toldAt: performance.now(),
  };
  try {
    const firstBatch = await database.withConnection((connection) => prepare(connection, state));
    const options = { firstBatch, batchLines, receivedAt: request.receivedAt, hooks: batchHooks(state) };
    await withBatches(database, options, (batches) => handOn(batches, state)).finally(() =>
      database.withConnection((connection) => connection.run(FORGET_UNFINISHED)),
    );
    await database.withConnection((connection) => rememberFiles(connection, state, Number.POSITIVE_INFINITY));
    return summaryOf(state);
  } finally {
    await rejects.close();
  }
}

function openFile(found: FoundFile): OpenFile {
  return {
    found,
    kind: "logs",
    lines: 0,
    added: 0,
    taken: 0,
    rejected: 0,
    trace: null,
    lastBatch: null,
    isRemembered: false,
    earlier: null,
  };
}

/** Makes the tables, forgets what a killed import left, looks for unchanged files and returns the next batch's number. */
async function prepare(connection: DuckDBConnection, state: State): Promise<number> {
  for (const statement of PREPARE_IMPORT) await connection.run(statement);
  await connection.run(FORGET_UNFINISHED);
  for (const file of state.files) file.earlier = await unchangedFile(connection, file.found, state);
  const last = (await connection.runAndReadAll(LAST_BATCH)).getRowsJS()[0]?.[0];
  return Number(last ?? 0) + 1;
}

function batchHooks(state: State) {
  return {
    onBad: ({ file, line, reason, text }: BadLine) => reject(state, file, line, reason, text),
    onCommit: async (
      connection: DuckDBConnection,
      batch: number,
      outcome: {
        added: readonly { file: number; category: string; count: number; first: number; last: number }[];
        taken: ReadonlyMap<number, number>;
      },
    ) => {
      for (const [index, count] of outcome.taken) {
        const file = state.files[index];
        if (file) file.taken += count;
      }
      for (const { file: index, category, count, first, last } of outcome.added) {
        const file = state.files[index];
        if (file) file.added += count;
        state.addedByCategory.set(category, (state.addedByCategory.get(category) ?? 0) + count);
        state.firstAt = Math.min(state.firstAt ?? first, first);
        state.lastAt = Math.max(state.lastAt ?? last, last);
      }
      await rememberFiles(connection, state, batch);
      tellProgress(state, false);
    },
  };
}

/** Reads every file and hands its lines on; what was handed on is finished also when the rest is given up. */
async function handOn(batches: Batches, state: State): Promise<void> {
  try {
    for (const [index, file] of state.files.entries()) {
      state.hooks.signal.throwIfAborted();
      if (file.earlier) continue;
      await handOnFile(batches, state, file, index);
      file.lastBatch = batches.current();
    }
  } finally {
    await batches.finish();
  }
  tellProgress(state, true);
}

async function handOnFile(batches: Batches, state: State, file: OpenFile, index: number): Promise<void> {
  try {
    for await (const part of readBlocks(file.found.path)) {
      state.hooks.signal.throwIfAborted();
      if ("oversizedLine" in part) {
        file.lines++;
        reject(state, index, part.oversizedLine, "longer than any record can be", "");
        continue;
      }
      if (part.firstLine === 1 && isTraceHeader(textOfLine(part.bytes, 0))) {
        file.kind = "trace";
        file.trace = { requests: 0, inputTokens: 0n, outputTokens: 0n };
      }
      file.lines += part.lines;
      const block = file.trace ? traceBlock(state, file.trace, index, part) : { ...part, file: index, linesEach: 1 };
      if (block) await batches.add(block);
      tellProgress(state, false);
    }
  } catch (error) {
    if (!isReadError(error)) throw error;
    reject(state, index, 0, error.message, "");
  }
}

/** The file cannot be read (any further); what was read of it stays. */
function isReadError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.name !== "AbortError";
}

/** Three records for every row of a trace; a row that is none leaves their lines empty. */
function traceBlock(state: State, trace: Trace, file: number, part: LineBlock): BatchBlock | null {
  const placement = state.request.trace;
  if (!placement) {
    if (part.firstLine === 1) {
      reject(state, file, 1, "a request trace needs --deployment and --model to say whose calls these are", "");
    }
    return null;
  }
  const records = part.bytes
    .toString("utf8")
    .split("\n")
    .flatMap((text, index): readonly string[] => {
      const line = part.firstLine + index;
      if (line === 1 || text.trim() === "") return NO_RECORDS;
      const row = parseTraceRow(text);
      if (!row) {
        reject(state, file, line, "not a row of TIMESTAMP,ContextTokens,GeneratedTokens", text);
        return NO_RECORDS;
      }
      trace.requests += 1;
      trace.inputTokens += BigInt(row.inputTokens);
      trace.outputTokens += BigInt(row.outputTokens);
      return traceRecords(row, line, placement, state.shiftMs);
    });
  return {
    file,
    firstLine: part.firstLine,
    lines: records.length,
    linesEach: NO_RECORDS.length,
    bytes: Buffer.from(records.join("\n")),
  };
}

function reject(state: State, index: number, line: number, reason: string, text: string): void {
  const file = state.files[index];
  if (!file) return;
  file.rejected++;
  state.rejects.line({ file: file.found.path, line, reason }, text);
}

function tellProgress(state: State, isLast: boolean): void {
  if (!isLast && performance.now() - state.toldAt < PROGRESS_MS) return;
  state.toldAt = performance.now();
  const begun = state.files.filter((file) => file.earlier || file.lastBatch !== null);
  state.hooks.onProgress({
    file: state.files[Math.min(begun.length, state.files.length - 1)]?.found.path ?? "",
    files: begun.length,
    fileCount: state.files.length,
    lines: state.files.reduce((sum, file) => sum + file.lines, 0),
    added: state.files.reduce((sum, file) => sum + file.added, 0),
  });
}

/** How far traces are moved so that the earliest one begins at `--start`; 0 without it. */
async function traceShift(files: readonly FoundFile[], request: ImportRequest): Promise<number> {
  if (!request.trace || request.trace.start === null) return 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (const file of files) {
    for await (const part of readBlocks(file.path)) {
      const [header = "", ...rows] = "bytes" in part ? part.bytes.toString("utf8").split("\n") : [];
      const first = isTraceHeader(header) ? rows.map(parseTraceRow).find((row) => row !== null) : undefined;
      if (first) earliest = Math.min(earliest, first.at);
      break;
    }
  }
  return Number.isFinite(earliest) ? request.trace.start - earliest : 0;
}

async function unchangedFile(
  connection: DuckDBConnection,
  found: FoundFile,
  state: State,
): Promise<ImportedFile | null> {
  const reader = await connection.runAndReadAll(
    `SELECT lines, known, requests, input_tokens::VARCHAR, output_tokens::VARCHAR FROM internal.imported_files
     WHERE blob_path = $1 AND bytes = $2 AND modified_ms = $3 AND placement = $4 LIMIT 1`,
    fileKey(found, state),
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
    file: found.path,
    kind: trace ? "trace" : "logs",
    lines: Number(lines),
    added: 0,
    known: Number(known),
    rejected: 0,
    trace,
    isUnchanged: true,
  };
}

/** Notes the files whose last line is committed; one with bad lines is read again next time, so that they are told again. */
async function rememberFiles(connection: DuckDBConnection, state: State, batch: number): Promise<void> {
  for (const file of state.files) {
    if (file.isRemembered || file.earlier || file.lastBatch === null || file.lastBatch > batch) continue;
    file.isRemembered = true;
    if (file.rejected > 0) continue;
    const trace = file.trace;
    await connection.run(
      `INSERT INTO internal.imported_files VALUES ($1, $2, $3, $4, ${file.lines}, ${file.taken},
       ${trace ? `${trace.requests}, ${trace.inputTokens}, ${trace.outputTokens}` : "NULL, NULL, NULL"})`,
      fileKey(file.found, state),
    );
  }
}

function fileKey(found: FoundFile, state: State): [string, bigint, bigint, string] {
  const placement = JSON.stringify([state.request.trace, state.shiftMs]);
  return [found.blobPath, BigInt(found.bytes), BigInt(found.modifiedMs), placement];
}

function summaryOf(state: State): ImportSummary {
  return {
    files: state.files.map(
      (file): ImportedFile =>
        file.earlier ?? {
          file: file.found.path,
          kind: file.kind,
          lines: file.lines,
          added: file.added,
          known: file.taken - file.added,
          rejected: file.rejected,
          trace: file.trace,
          isUnchanged: false,
        },
    ),
    addedByCategory: state.addedByCategory,
    rejected: state.rejects.first(),
    rejectedCount: state.rejects.count(),
    rejectsFile: state.rejects.count() > 0 ? state.request.rejectsFile : null,
    firstAt: state.firstAt,
    lastAt: state.lastAt,
  };
}
