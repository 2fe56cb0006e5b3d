import type { DuckDBConnection } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import {
  BLOCK_TABLE,
  COUNT_FRESH,
  COUNT_TAKEN,
  CREATE_BLOCK,
  CREATE_RECORDS,
  findFresh,
  READ_RESOURCES,
  readBlock,
  rememberRecords,
  rememberSeen,
  selectRejected,
} from "./import-sql.ts";
import { insertRecords } from "./insert-records.ts";
import { type LineBlock, startOfLine, textOfLine } from "./read-blocks.ts";
import { RECORD_MAPPINGS } from "./record-mapping.ts";

/**
 * Lines of a file; `file` is its place in the list of files. `linesEach` lines of the block stand for one line of the file,
 * whose number is `firstLine` for the first of them.
 */
export type BatchBlock = LineBlock & { readonly file: number; readonly linesEach: number };
export type BadLine = { readonly file: number; readonly line: number; readonly text: string; readonly reason: string };

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
  readonly add: (block: BatchBlock) => Promise<void>;
  /** Number of the batch that the next line goes into. */
  readonly current: () => number;
  /** Sends the last batch off and waits until everything is committed. */
  readonly finish: () => Promise<void>;
};

export type BatchOptions = {
  readonly firstBatch: number;
  readonly batchLines: number;
  readonly receivedAt: number;
  readonly hooks: BatchHooks;
};

/** One row group of DuckDB: it is written once when a transaction fills it, and twice when several do. */
export const BATCH_LINES = 122_880;
const BATCH_BYTES = 96 * 1_048_576;
const CONNECTIONS = 2;
const ENVELOPE_KEY = '"records"';

/**
 * Imports lines in batches on two connections, so that two cores have work: while one reads the keys of its lines the other
 * writes its rows. The search for records that are new goes in the order of the batches. Identities are noted first and
 * rows committed after; `FORGET_UNFINISHED` undoes the former when the process dies between the two.
 */
export async function withBatches<Value>(
  database: EmbeddedDatabase,
  options: BatchOptions,
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
  lines: number;
  bytes: number;
  rejected: number;
};

function createBatches(
  connections: readonly DuckDBConnection[],
  { firstBatch, batchLines, receivedAt, hooks }: BatchOptions,
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
    await connection.run(CREATE_RECORDS);
    return { connection, lines: 0, bytes: 0, rejected: 0 };
  }

  async function add(block: BatchBlock): Promise<void> {
    let rest: BatchBlock | null = block;
    while (rest) {
      filling ??= await begin();
      const room = Math.floor((batchLines - filling.lines) / rest.linesEach) * rest.linesEach;
      const [part, after]: readonly [BatchBlock | null, BatchBlock | null] = splitBlock(rest, room);
      if (part) await fill(filling, part, receivedAt, hooks);
      if (after || filling.bytes >= BATCH_BYTES) send(filling, block.file);
      rest = after;
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

/** The block's first `lines` lines and the others. */
function splitBlock(block: BatchBlock, lines: number): readonly [BatchBlock | null, BatchBlock | null] {
  if (lines <= 0) return [null, block];
  if (block.lines <= lines) return [block, null];
  const cut = startOfLine(block.bytes, lines);
  return [
    { ...block, lines, bytes: block.bytes.subarray(0, cut - 1) },
    {
      ...block,
      firstLine: block.firstLine + lines / block.linesEach,
      lines: block.lines - lines,
      bytes: block.bytes.subarray(cut),
    },
  ];
}

async function fill(filling: Filling, block: BatchBlock, receivedAt: number, hooks: BatchHooks): Promise<void> {
  const { connection } = filling;
  await connection.run(CREATE_BLOCK);
  const appender = await connection.createAppender(BLOCK_TABLE, "main", "temp");
  appender.appendInteger(block.file);
  appender.appendInteger(block.firstLine);
  appender.appendInteger(block.linesEach);
  appender.appendBlob(block.bytes);
  appender.endRow();
  appender.closeSync();
  const hasEnvelopes = block.bytes.includes(ENVELOPE_KEY);
  try {
    await connection.run(readBlock({ hasEnvelopes, isCareful: false, receivedAt }));
  } catch {
    await connection.run(readBlock({ hasEnvelopes, isCareful: true, receivedAt }));
  }
  filling.lines += block.lines;
  filling.bytes += block.bytes.length;
  const to = block.firstLine + Math.ceil(block.lines / block.linesEach) - 1;
  const rejected = await connection.runAndReadAll(selectRejected({ file: block.file, from: block.firstLine, to }));
  for (const [line, reason, text] of rejected.getRowsJS()) {
    filling.rejected++;
    if (reason === "") continue;
    const raw = () => textOfLine(block.bytes, (Number(line) - block.firstLine) * block.linesEach).trim();
    const told = hasEnvelopes && text !== null ? String(text) : raw();
    hooks.onBad({ file: block.file, line: Number(line), reason: String(reason), text: told });
  }
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

async function importBatch({ connection, rejected }: Filling, work: BatchWork): Promise<void> {
  const counts = (await connection.runAndReadAll(COUNT_TAKEN)).getRowsJS();
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
  if (added > 0) await connection.run(READ_RESOURCES);
  const isWhole = targets.size === 1 && added === total && rejected === 0;
  for (const mapping of RECORD_MAPPINGS) {
    if (targets.has(mapping.table.name)) await connection.run(insertRecords(mapping, receivedAt, isWhole));
  }
}

async function runAll(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await connection.run(statement);
}
