import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const EXTENSIONS = [".json", ".jsonl", ".ndjson", ".log", ".csv"];

/** A file to read. `blobPath` is its name from `resourceId=` on, or from the folder or file that was named. */
export type FoundFile = {
  readonly path: string;
  readonly blobPath: string;
  readonly bytes: number;
  readonly modifiedMs: number;
};

export type FoundFiles = {
  readonly files: readonly FoundFile[];
  readonly unreadable: readonly { path: string; reason: string }[];
};

/** Files and everything below folders that may hold logs, in order of path; what cannot be read is named. */
export async function findFiles(paths: readonly string[]): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  for (const path of paths) {
    try {
      await collect(path, path, files);
    } catch (error) {
      unreadable.push({ path, reason: reasonOf(error) });
    }
  }
  return { files, unreadable };
}

async function collect(path: string, named: string, files: FoundFile[]): Promise<void> {
  const found = await stat(path);
  if (found.isFile()) {
    files.push({ path, blobPath: blobPathOf(path, named), bytes: found.size, modifiedMs: Math.round(found.mtimeMs) });
    return;
  }
  const names = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() || hasLogs(entry.name))
    .map((entry) => entry.name)
    .sort();
  for (const name of names) await collect(join(path, name), named, files);
}

function hasLogs(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.gz$/, "");
  return EXTENSIONS.some((extension) => plain.endsWith(extension));
}

/** The same blob in another folder has the same path from `resourceId=` on. */
export function blobPathOf(path: string, named: string): string {
  const start = path.toLowerCase().lastIndexOf("resourceid=");
  if (start >= 0) return path.slice(start).replaceAll("\\", "/").toLowerCase();
  return path === named ? path.replace(/^.*[\\/]/, "") : path.slice(named.length + 1).replaceAll("\\", "/");
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "no such file or folder";
  if (code === "EACCES") return "no permission to read it";
  return code || String(error);
}
