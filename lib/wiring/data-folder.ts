import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigurationError } from "../env.ts";

/** What a data folder is for; the kinds never mix. `imported` holds offline logs, `connected` answers of Azure. */
export const FOLDER_MODES = ["demo", "imported", "connected"] as const;
export type FolderMode = (typeof FOLDER_MODES)[number];

/** Raised when a newer product changes the layout of the folder. */
const LAYOUT_VERSION = 1;

const folderSchema = z.object({ mode: z.enum(FOLDER_MODES), version: z.number().int(), createdAt: z.iso.datetime() });
const holderSchema = z.object({ pid: z.number().int(), what: z.string(), since: z.string() });

export type FolderRecord = z.infer<typeof folderSchema>;

/** Another living process holds the folder. `holder` says which. */
export class FolderHeldError extends Error {
  override readonly name = "FolderHeldError";
}

/** The lock of a data folder; the operating system frees it when the process ends, however it ends. */
export type FolderLock = { readonly release: () => void };

/**
 * Takes the exclusive lock of `dataDir`, creating the folder when it is missing.
 * `what` names the holder for whoever is refused. Throws a FolderHeldError that names the present holder.
 */
export function lockFolder(dataDir: string, what: string): FolderLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dataDir, "lock.sqlite"));
  try {
    // SQLite holds an exclusive file lock for as long as this transaction is open; a killed process loses it.
    lock.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch {
    lock.close();
    throw new FolderHeldError(
      `The data folder ${dataDir} is in use by ${describeHolder(dataDir)}. Stop that process, or set DATA_DIR to another folder.`,
    );
  }
  writeFileSync(
    join(dataDir, "holder.json"),
    JSON.stringify({ pid: process.pid, what, since: new Date().toISOString() }),
  );
  return {
    release: () => {
      rmSync(join(dataDir, "holder.json"), { force: true });
      lock.close();
    },
  };
}

/** What the folder holds, or undefined while it is new. Throws a ConfigurationError when it cannot be used. */
export function readFolder(dataDir: string): FolderRecord | undefined {
  const text = readOrUndefined(join(dataDir, "folder.json"));
  if (text === undefined) return undefined;
  const parsed = folderSchema.safeParse(safeJson(text));
  if (!parsed.success) {
    throw new ConfigurationError(
      `The variable DATA_DIR names ${dataDir}, whose folder.json cannot be read. Restore it from a backup, or begin anew with npm start -- --fresh.`,
    );
  }
  if (parsed.data.version > LAYOUT_VERSION) {
    throw new ConfigurationError(
      `The variable DATA_DIR names ${dataDir}, which a newer version of Token Ledger wrote (layout ${parsed.data.version}; this one knows ${LAYOUT_VERSION}). Upgrade, or set DATA_DIR to another folder.`,
    );
  }
  return parsed.data;
}

/** Settles what a new folder is for, or checks that an old one is for the same. Throws a ConfigurationError when they differ. */
export function settleFolder(dataDir: string, mode: FolderMode): FolderRecord {
  const existing = readFolder(dataDir);
  if (existing === undefined) {
    const record = { mode, version: LAYOUT_VERSION, createdAt: new Date().toISOString() };
    writeFileSync(join(dataDir, "folder.json"), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  }
  if (existing.mode === mode) return existing;
  throw new ConfigurationError(
    `The variable DATA_DIR names ${dataDir}, which holds ${DESCRIPTION[existing.mode]} and cannot also hold ${DESCRIPTION[mode]}. Set DATA_DIR to another folder, or begin anew with npm start -- --fresh.`,
  );
}

/** Removes everything of the product from a data folder that nobody holds. */
export function emptyFolder(dataDir: string): void {
  const lock = lockFolder(dataDir, "npm start -- --fresh");
  lock.release();
  rmSync(dataDir, { recursive: true, force: true });
}

const DESCRIPTION: Readonly<Record<FolderMode, string>> = {
  demo: "the demo tenant",
  imported: "imported logs",
  connected: "figures of a real workspace",
};

function describeHolder(dataDir: string): string {
  const parsed = holderSchema.safeParse(safeJson(readOrUndefined(join(dataDir, "holder.json")) ?? ""));
  return parsed.success
    ? `${parsed.data.what} (process ${parsed.data.pid}, since ${parsed.data.since})`
    : "another process";
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
