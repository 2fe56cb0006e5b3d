import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  type ArchivedMonth,
  dropForgottenFiles,
  listArchivedMonths,
  readArchiveFile,
  saveArchivedMonth,
  saveArchiveFile,
} from "../db/archived-months.ts";
import { listClosedMonths } from "../db/closed-months.ts";
import { readBillingStartDay } from "../db/settings.ts";
import type { State } from "../db/state.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Archive } from "../runtime.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";

export type ArchiveOptions = { readonly state: State; readonly ledger: Ledger; readonly dataDir: string };

/**
 * The archive of a data folder: one Parquet file for each month, in `DATA_DIR/archive`, or in PostgreSQL where the state lies
 * there. State knows the hash of each file; files that it does not know are nobody's.
 */
export function openArchive({ state, ledger, dataDir }: ArchiveOptions): Archive {
  const folder = join(dataDir, "archive");
  const staging = join(dataDir, "staging");
  const files = state.dialect === "postgres" ? databaseFiles(state, staging) : folderFiles(folder);

  async function store(
    month: string,
    period: Period,
    record: Parameters<Archive["store"]>[2] = async () => undefined,
  ): Promise<ArchivedMonth> {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    const path = join(staging, `${month}.${randomUUID()}.parquet`);
    try {
      const contents = await ledger.writeMonthFile(period, path);
      const { hash, bytes } = await hashOf(path);
      const { rows, quarterHours, bookVersions } = contents;
      const archivedAt = toInstant(Date.now());
      const archived = { month, period, hash, rows, quarterHours, bytes, bookVersions, archivedAt };
      const keep = await files.prepare(archived, path);
      await state.transaction(async (tx) => {
        await keep(tx);
        await saveArchivedMonth(tx, archived);
        await record(tx, archived, contents);
        await dropForgottenFiles(tx);
      });
      await ledger.saveHeldMonth({ month, hash, failure: "" });
      await files.forgetOthers(archived);
      return archived;
    } finally {
      await rm(path, { force: true });
    }
  }

  async function load(): Promise<readonly string[]> {
    const [closed, archived, held] = await Promise.all([
      listClosedMonths(state.db),
      listArchivedMonths(state.db),
      ledger.heldMonths(),
    ]);
    const periods = closed.map(({ period }) => period);
    if (JSON.stringify(await ledger.closedPeriods()) !== JSON.stringify(periods)) await ledger.setClosed(periods);
    const months = await ledger.months(await readBillingStartDay(state.db));
    const failures: string[] = [];
    for (const month of archived) {
      const known = held.find((candidate) => candidate.month === month.month);
      if (known?.hash === month.hash && known.failure === "") continue;
      const isClosed = closed.some((candidate) => candidate.month === month.month);
      // What this ledger holds of an open month may have been read or priced again since; it is what counts.
      const isHeld =
        !isClosed && months.some((known) => isSamePeriod(known, month) && known.quarterHours >= month.quarterHours);
      const failure = isHeld ? null : await takeIn(month, isClosed ? "replace" : "fill");
      await ledger.saveHeldMonth({
        month: month.month,
        hash: failure === null ? month.hash : "",
        failure: failure ?? "",
      });
      if (failure !== null) failures.push(failure);
    }
    return failures;
  }

  /** Null when the month was taken in, else why not; then nothing of it was. */
  async function takeIn(month: ArchivedMonth, how: "replace" | "fill"): Promise<string | null> {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    const path = join(staging, `${month.month}.${randomUUID()}.parquet`);
    try {
      const problem = await files.fetch(month, path);
      if (problem !== null) return refusal(month, problem);
      await ledger.readMonthFile(month.period, path, how);
      return null;
    } catch (error) {
      return refusal(month, error instanceof Error ? error.message : String(error));
    } finally {
      await rm(path, { force: true });
    }
  }

  function refusal(month: ArchivedMonth, problem: string): string {
    return `${files.nameOf(month)} cannot be used: ${problem} Restore it from a backup and start again; until then ${month.month} is missing.`;
  }

  async function verify(): Promise<{ readonly month: ArchivedMonth; readonly problem: string | null }[]> {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    const checked: { month: ArchivedMonth; problem: string | null }[] = [];
    for (const month of await listArchivedMonths(state.db)) {
      const path = join(staging, `${month.month}.${randomUUID()}.parquet`);
      const problem = await files.fetch(month, path).finally(() => rm(path, { force: true }));
      checked.push({ month, problem: problem === null ? null : `${files.nameOf(month)}: ${problem}` });
    }
    return checked;
  }

  return { store, load, verify, list: () => listArchivedMonths(state.db), nameOf: files.nameOf };
}

type Keep = (tx: Parameters<Parameters<State["transaction"]>[0]>[0]) => Promise<void>;

/** Where the files lie. A name tells people which file is meant. */
type ArchiveFiles = {
  readonly nameOf: (month: Pick<ArchivedMonth, "month" | "hash">) => string;
  /** Brings a new file to its place as far as possible; what is returned does the rest in the transaction that records it. */
  readonly prepare: (month: ArchivedMonth, path: string) => Promise<Keep>;
  /** Copies a file to `path` and checks it; null, or what is wrong with it. */
  readonly fetch: (month: ArchivedMonth, path: string) => Promise<string | null>;
  readonly forgetOthers: (month: ArchivedMonth) => Promise<void>;
};

function folderFiles(folder: string): ArchiveFiles {
  const fileOf = ({ month, hash }: Pick<ArchivedMonth, "month" | "hash">) => `${month}.${hash.slice(0, 16)}.parquet`;
  return {
    nameOf: (month) => `archive/${fileOf(month)}`,
    async prepare(month, path) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(path, 0o600);
      await syncFile(path);
      await rename(path, join(folder, fileOf(month)));
      await syncFile(folder);
      return async () => undefined;
    },
    async fetch(month, path) {
      const source = join(folder, fileOf(month));
      if (!(await exists(source))) return "The file is missing.";
      await copyTo(createReadStream(source), path);
      return await wrongness(month, path);
    },
    async forgetOthers(month) {
      for (const name of await readdir(folder)) {
        if (name.startsWith(`${month.month}.`) && name !== fileOf(month)) await rm(join(folder, name), { force: true });
      }
    },
  };
}

function databaseFiles(state: State, staging: string): ArchiveFiles {
  return {
    nameOf: ({ month, hash }) => `The archived month ${month} (${hash.slice(0, 16)}) in the database`,
    async prepare(month, path) {
      const content = await readFile(path);
      return (tx) => saveArchiveFile(tx, month.hash, content);
    },
    async fetch(month, path) {
      await mkdir(staging, { recursive: true, mode: 0o700 });
      await copyTo(readArchiveFile(state.db, month.hash), path);
      return await wrongness(month, path);
    },
    forgetOthers: async () => undefined,
  };
}

async function wrongness(month: ArchivedMonth, path: string): Promise<string | null> {
  const { hash, bytes } = await hashOf(path);
  if (hash === month.hash) return null;
  return bytes === month.bytes
    ? `Its content was changed after it was written (SHA-256 ${hash.slice(0, 16)}…, not ${month.hash.slice(0, 16)}…).`
    : `It has ${bytes} bytes, not ${month.bytes}: it is not what was written.`;
}

async function hashOf(path: string): Promise<{ readonly hash: string; readonly bytes: number }> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return { hash: hash.digest("hex"), bytes: (await stat(path)).size };
}

async function copyTo(source: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const target = await open(path, "w", 0o600);
  try {
    for await (const chunk of source) await target.write(chunk);
  } finally {
    await target.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Archives the months of which the workspace is about to forget a part, or has forgotten it: the running one too where it
 * remembers less than a month. What may still change is archived again each time. `oldestKept` is the oldest instant that the
 * workspace still tells; null when it tells nothing. Returns the months that were archived.
 */
export async function archiveForgotten(
  { archive, ledger, state }: { readonly archive: Archive; readonly ledger: Ledger; readonly state: State },
  oldestKept: Instant | null,
): Promise<string[]> {
  const closed = new Set((await listClosedMonths(state.db)).map(({ month }) => month));
  const known = new Map((await archive.list()).map((month) => [month.month, month]));
  const stored: string[] = [];
  for (const { month, period, bookVersions, quarterHours } of await ledger.months(
    await readBillingStartDay(state.db),
  )) {
    const isForgotten = oldestKept === null || period.start < oldestKept + FORGETTING_SOON_MS;
    if (closed.has(month) || !isForgotten) continue;
    const before = known.get(month);
    const mayChange = oldestKept !== null && period.end > oldestKept;
    const isSame =
      before !== undefined &&
      isSamePeriod(before, { period }) &&
      before.quarterHours >= quarterHours &&
      String(before.bookVersions) === String(bookVersions);
    if (isSame && !mayChange) continue;
    await archive.store(month, period);
    stored.push(month);
  }
  return stored;
}

/** Another start day cuts the same month name at other days. */
function isSamePeriod(a: Pick<ArchivedMonth, "period">, b: Pick<ArchivedMonth, "period">): boolean {
  return a.period.start === b.period.start && a.period.end === b.period.end;
}

/** A month is archived this long before its first day falls out of the workspace. */
const FORGETTING_SOON_MS = 7 * 86_400_000;
