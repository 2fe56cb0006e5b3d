import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from "@duckdb/node-api";
import { MACROS } from "./macros.ts";
import { scriptFunction } from "./script-function.ts";
import { createSemaphore } from "./semaphore.ts";

export type OpenDatabaseOptions = {
  /** A file, or ":memory:". */
  readonly path: string;
  readonly memoryLimitMb: number;
  readonly threads: number;
  /** Where large sorts spill; left out, an in-memory database does not spill. */
  readonly tempDir?: string;
  /** How many queries run at once; more wait in line. */
  readonly maxConcurrentQueries?: number;
};

export type QueryOptions<T> = {
  readonly signal?: AbortSignal;
  /** Milliseconds from the start of execution, waiting in line not counted. */
  readonly timeoutMs: number;
  /** Reads the streaming result while the connection is still held. */
  readonly read: (result: DuckDBResult) => Promise<T>;
};

/** The embedded workspace's DuckDB: one instance per process, one connection per query. */
export type EmbeddedDatabase = {
  /** Runs one read; throws `QueryInterrupted` when it was stopped by the time-out or the signal. */
  readonly query: <T>(sql: string, options: QueryOptions<T>) => Promise<T>;
  /** A connection of one's own, for writers: creating tables, appending, transactions. Not counted as a query. */
  readonly withConnection: <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;
  /** Ends the instance; running queries are interrupted first. */
  readonly close: () => Promise<void>;
};

/** A read that did not end by itself. */
export class QueryInterrupted extends Error {
  readonly reason: "timeout" | "aborted" | "closed";

  constructor(reason: "timeout" | "aborted" | "closed") {
    super(`The query was stopped: ${reason}.`);
    this.name = "QueryInterrupted";
    this.reason = reason;
  }
}

/** How long a query may go on after its first interrupt before its caller is answered without it. */
const INTERRUPT_GRACE_MS = 500;
/** How long a query that DuckDB does not let go of keeps its place in line. */
const SLOT_GRACE_MS = 10_000;

/**
 * Opens the workspace and locks it down: no extension is ever loaded, no file but the database is reachable from SQL,
 * no setting can be changed afterwards, and every session's time zone is UTC.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<EmbeddedDatabase> {
  const instance = await DuckDBInstance.create(options.path, {
    memory_limit: `${options.memoryLimitMb}MB`,
    threads: String(options.threads),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    preserve_insertion_order: "true",
    // Columns of empty or repeated text are written at half the cost; only this program opens the file.
    storage_compatibility_version: "latest",
    // Whoever writes much folds the log of changes into the file when done; in between that would rewrite what is full.
    checkpoint_threshold: "1GB",
    temp_directory: options.tempDir ?? "",
    ...(options.tempDir === undefined ? {} : { max_temp_directory_size: "4GB" }),
  });
  const setUp = await instance.connect();
  try {
    setUp.registerScalarFunction(scriptFunction());
    for (const macro of MACROS) await setUp.run(macro);
    await setUp.run("SET GLOBAL TimeZone = 'UTC'");
    await setUp.run("SET enable_external_access = false");
    await setUp.run("SET lock_configuration = true");
  } finally {
    setUp.disconnectSync();
  }
  return databaseOf(instance, options.maxConcurrentQueries ?? 4);
}

function databaseOf(instance: DuckDBInstance, maxConcurrentQueries: number): EmbeddedDatabase {
  const slots = createSemaphore(maxConcurrentQueries);
  const stops = new Set<(reason: "closed") => void>();
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  async function query<T>(sql: string, { signal, timeoutMs, read }: QueryOptions<T>): Promise<T> {
    const release = await slots.acquire(signal).catch(() => {
      throw new QueryInterrupted("aborted");
    });
    if (isClosed || signal?.aborted === true) {
      release();
      throw new QueryInterrupted(isClosed ? "closed" : "aborted");
    }
    const connection = await instance.connect();
    const work = (async () => read(await connection.stream(sql)))();
    running.add(work);
    // The slot stays taken until DuckDB has let go, even when the caller was answered earlier.
    const settled = work.finally(() => {
      running.delete(work);
      connection.disconnectSync();
      release();
    });
    settled.catch(() => undefined);
    return stoppable(settled, connection, { signal, timeoutMs, stops }).catch((error: unknown) => {
      // DuckDB plans without looking at interrupts; what it does not let go of must not keep others out for good.
      if (error instanceof QueryInterrupted) setTimeout(release, SLOT_GRACE_MS).unref();
      throw error;
    });
  }

  return {
    query,
    withConnection: async (work) => {
      const connection = await instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.disconnectSync();
      }
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      for (const stop of stops) stop("closed");
      const ended = Promise.allSettled(running).then(() => true);
      const waited = new Promise<boolean>((resolve) => setTimeout(resolve, SLOT_GRACE_MS, false).unref());
      // An instance is not closed under a query that is still planned; the end of the process ends both.
      if (await Promise.race([ended, waited])) instance.closeSync();
    },
  };
}

async function stoppable<T>(
  work: Promise<T>,
  connection: DuckDBConnection,
  context: { signal?: AbortSignal; timeoutMs: number; stops: Set<(reason: "closed") => void> },
): Promise<T> {
  let reason: QueryInterrupted["reason"] | null = null;
  let again: ReturnType<typeof setInterval> | undefined;
  let giveUp: ReturnType<typeof setTimeout> | undefined;
  let answerWithout: (error: QueryInterrupted) => void = () => undefined;
  const answered = new Promise<never>((_, reject) => {
    answerWithout = reject;
  });

  const stop = (why: QueryInterrupted["reason"]): void => {
    if (reason !== null) return;
    reason = why;
    connection.interrupt();
    // An interrupt between two statements is lost, so it is repeated until the work settles.
    again = setInterval(() => connection.interrupt(), 50);
    giveUp = setTimeout(() => answerWithout(new QueryInterrupted(why)), INTERRUPT_GRACE_MS);
    work.catch(() => undefined).finally(() => clearInterval(again));
  };
  const onAbort = (): void => stop("aborted");
  const timer = setTimeout(() => stop("timeout"), context.timeoutMs);
  context.signal?.addEventListener("abort", onAbort);
  context.stops.add(stop);
  try {
    return await Promise.race([work, answered]);
  } catch (error) {
    throw reason === null ? error : new QueryInterrupted(reason);
  } finally {
    clearTimeout(timer);
    clearTimeout(giveUp);
    context.signal?.removeEventListener("abort", onAbort);
    context.stops.delete(stop);
  }
}
