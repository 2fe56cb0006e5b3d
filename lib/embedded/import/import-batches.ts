import { type DuckDBConnection, DuckDBDataChunk, INTEGER, VARCHAR } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import {
  COUNT_FRESH,
  COUNT_KEYS,
  CREATE_LINE_TABLE,
  DELETE_BAD_LINES,
  findFresh,
  insertRecords,
  LINE_TABLE,
  OPEN_ENVELOPES,
  READ_KEYS,
  rememberRecords,
  rememberSeen,
  SELECT_BAD_LINES,
  SELECT_REJECTED,
} from "./import-sql.ts";
import { RECORD_MAPPINGS } from "./record-mapping.ts";

/** A line of a file; `file` is its place in the list of files. */
export type BatchLine = { readonly file: number; readonly line: number; readonly text: string };
export type BadLine = BatchLine & { readonly reason: string };

/** What one batch added, per file and category; times in epoch ms. */
export type BatchOutcome = {
  readonly added: readonly {
    readonly file: number;
    readonly category: string;
    readonly count: number;
    readonly first: number;
    readonly last: number;
  }[];
  readonly taken: ReadonlyMap<number, number>;
};

export type BatchHooks = {
  readonly onBad: (line: BadLine) => void;
  /** Called in order of the batches, in the transaction that makes their rows visible. */
  readonly onCommit: (connection: DuckDBConnection, batch: number, outcome: BatchOutcome) => Promise<void>;
};

export type Batches = {
  /** Adds lines to the batch that is being filled; waits while both connections are busy. */
  readonly add: (lines: readonly BatchLine[]) => Promise<void>;
  /** Number of the batch that the next line goes into. */
  readonly current: () => number;
  /** Sends the last batch off and waits until everything is committed. */
  readonly finish: () => Promise<void>;
};

/** One row group of DuckDB: it is written once when a transaction fills it, and twice when several do. */
const BATCH_LINES = 122_880;
const BATCH_CHARACTERS = 96 * 1_048_576;
const CHUNK_ROWS = 2_048;
const CONNECTIONS = 2;

/**
 * Imports lines in batches on two connections, so that two cores have work: both parse and write rows at the same time,
 * while the search for records that are new goes in the order of the batches. Identities are noted first and rows
 * committed after; `FORGET_UNFINISHED` undoes the former when the process dies between the two.
 */
export async function withBatches<Value>(
  database: EmbeddedDatabase,
  options: { readonly firstBatch: number; readonly receivedAt: number; readonly hooks: BatchHooks },
  work: (batches: Batches) => Promise<Value>,
): Promise<Value> {
  return withConnections(database, CONNECTIONS, [], (connections) => work(createBatches(connections, options)));
}

function withConnections<Value>(
  database: EmbeddedDatabase,
  missing: number,
  open: readonly DuckDBConnection[],
  work: (connections: readonly DuckDBConnection[]) => Promise<Value>,
): Promise<Value> {
  if (missing === 0) return work(open);
  return database.withConnection((connection) => withConnections(database, missing - 1, [...open, connection], work));
}

type Filling = {
  readonly connection: DuckDBConnection;
  rows: number;
  characters: number;
  hasEnvelopes: boolean;
  lastFile: number;
};

function createBatches(
  connections: readonly DuckDBConnection[],
  { firstBatch, receivedAt, hooks }: { firstBatch: number; receivedAt: number; hooks: BatchHooks },
): Batches {
  const idle = [...connections];
  const running = new Set<Promise<void>>();
  let filling: Filling | null = null;
  let number = firstBatch;
  /** Settles when the batches before have noted their identities, and when their rows are committed. */
  let identified: Promise<unknown> = Promise.resolve();
  let committed: Promise<unknown> = Promise.resolve();

  async function begin(): Promise<Filling> {
    while (idle.length === 0) await Promise.race(running);
    const connection = idle.pop();
    if (!connection) throw new Error("A connection is idle.");
    await connection.run(CREATE_LINE_TABLE);
    return { connection, rows: 0, characters: 0, hasEnvelopes: false, lastFile: -1 };
  }

  async function add(lines: readonly BatchLine[]): Promise<void> {
    for (let start = 0; start < lines.length; ) {
      filling ??= await begin();
      const part = lines.slice(start, start + BATCH_LINES - filling.rows);
      await append(filling, part);
      start += part.length;
      if (filling.rows >= BATCH_LINES || filling.characters >= BATCH_CHARACTERS)
        send(filling, part.at(-1)?.file ?? null);
    }
  }

  function send(full: Filling, goesOn: number | null): void {
    filling = null;
    const batch = number++;
    const [before, beforeCommit] = [identified, committed];
    const isIdentified = Promise.withResolvers<void>();
    const done = importBatch(full, {
      batch,
      before,
      beforeCommit,
      goesOn,
      receivedAt,
      hooks,
      onIdentified: isIdentified.resolve,
    });
    identified = Promise.race([isIdentified.promise, done]);
    committed = done;
    const settled = done.finally(() => {
      running.delete(settled);
      idle.push(full.connection);
    });
    running.add(settled);
    // Whoever waits next meets the failure; until then it must not count as unhandled.
    for (const promise of [identified, committed, settled]) promise.catch(() => undefined);
  }

  return {
    add,
    current: () => number,
    finish: async () => {
      if (filling) send(filling, null);
      await committed;
    },
  };
}

type BatchWork = {
  readonly batch: number;
  readonly before: Promise<unknown>;
  readonly beforeCommit: Promise<unknown>;
  /** The file whose lines may go on in the next batch. */
  readonly goesOn: number | null;
  readonly receivedAt: number;
  readonly hooks: BatchHooks;
  readonly onIdentified: () => void;
};

async function importBatch(filled: Filling, work: BatchWork): Promise<void> {
  const { connection } = filled;
  const rejected = await readKeys(connection, filled.hasEnvelopes, work.hooks);
  const counts = (await connection.runAndReadAll(COUNT_KEYS)).getRowsJS();
  const taken = new Map(counts.map(([file, count]) => [Number(file), Number(count)]));
  await work.before;
  const fresh = counts.length === 0 ? [] : await identify(connection, counts, work);
  if (counts.length === 0) await runAll(connection, rememberSeen(work.goesOn).slice(0, 1));
  work.onIdentified();
  const outcome: BatchOutcome = { added: fresh, taken };
  const total = [...taken.values()].reduce((sum, count) => sum + count, 0);
  await connection.run("BEGIN");
  try {
    await insertFresh(connection, fresh, total, rejected, work.receivedAt);
    await connection.run(`INSERT INTO internal.imported_batches VALUES (${work.batch})`);
    await work.beforeCommit;
    await work.hooks.onCommit(connection, work.batch, outcome);
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK");
    throw error;
  }
}

/** Reads every record's key and returns how many lines or records were bad. */
async function readKeys(connection: DuckDBConnection, hasEnvelopes: boolean, hooks: BatchHooks): Promise<number> {
  let bad = 0;
  try {
    if (hasEnvelopes) await runAll(connection, OPEN_ENVELOPES);
    await connection.run(READ_KEYS);
  } catch {
    // Some line is not JSON, which is rare: only then every line is looked at before.
    bad += await putAside(connection, SELECT_BAD_LINES, hooks);
    await connection.run(DELETE_BAD_LINES);
    if (hasEnvelopes) await runAll(connection, OPEN_ENVELOPES);
    await connection.run(READ_KEYS);
  }
  return bad + (await putAside(connection, SELECT_REJECTED, hooks));
}

type Fresh = BatchOutcome["added"][number] & { readonly target: string };

async function identify(
  connection: DuckDBConnection,
  counts: readonly (readonly unknown[])[],
  work: BatchWork,
): Promise<Fresh[]> {
  const from = counts.map((row) => String(row[2])).sort()[0] ?? "";
  const to =
    counts
      .map((row) => String(row[3]))
      .sort()
      .at(-1) ?? "";
  await connection.run(findFresh({ from, to }));
  await connection.run(rememberRecords(work.batch));
  await runAll(connection, rememberSeen(work.goesOn));
  const rows = (await connection.runAndReadAll(COUNT_FRESH)).getRowsJS();
  return rows.map(([file, target, category, count, first, last]) => ({
    file: Number(file),
    target: String(target),
    category: String(category),
    count: Number(count),
    first: Number(first),
    last: Number(last),
  }));
}

async function insertFresh(
  connection: DuckDBConnection,
  fresh: readonly Fresh[],
  total: number,
  rejected: number,
  receivedAt: number,
): Promise<void> {
  const targets = new Set(fresh.map(({ target }) => target));
  const added = fresh.reduce((sum, { count }) => sum + count, 0);
  const isWhole = targets.size === 1 && added === total && rejected === 0;
  for (const mapping of RECORD_MAPPINGS) {
    if (targets.has(mapping.table.name)) await connection.run(insertRecords(mapping, receivedAt, isWhole));
  }
}

async function append(filling: Filling, lines: readonly BatchLine[]): Promise<void> {
  const appender = await filling.connection.createAppender(LINE_TABLE, "main", "temp");
  for (let start = 0; start < lines.length; start += CHUNK_ROWS) {
    const part = lines.slice(start, start + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create([INTEGER, INTEGER, VARCHAR], part.length);
    chunk.setColumnValues(
      0,
      part.map(({ file }) => file),
    );
    chunk.setColumnValues(
      1,
      part.map(({ line }) => line),
    );
    chunk.setColumnValues(
      2,
      part.map(({ text }) => text),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  filling.rows += lines.length;
  for (const { text } of lines) {
    filling.characters += text.length;
    filling.hasEnvelopes ||= text.startsWith('{"records"') || /^\{\s+"records"/.test(text);
  }
}

/** Tells the bad lines that a query finds and returns how many they are. */
async function putAside(connection: DuckDBConnection, sql: string, hooks: BatchHooks): Promise<number> {
  const rows = (await connection.runAndReadAll(sql)).getRowsJS();
  for (const [file, line, reason, text] of rows) {
    hooks.onBad({ file: Number(file), line: Number(line), reason: String(reason), text: String(text) });
  }
  return rows.length;
}

async function runAll(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await connection.run(statement);
}
