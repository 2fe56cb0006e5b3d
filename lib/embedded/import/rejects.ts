import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import type { RejectedLine } from "./import-summary.ts";

const FIRST = 100;

export type Rejects = {
  /** Puts a line aside with its text. */
  readonly line: (rejected: RejectedLine, text: string) => void;
  /** A file or folder that could not be read at all. */
  readonly path: (path: string, reason: string) => void;
  readonly count: () => number;
  readonly first: () => readonly RejectedLine[];
  readonly close: () => Promise<void>;
};

/** Puts rejected lines aside as JSON lines of file, line, reason and text; the file exists only when there is one. */
export function createRejects(path: string, onRejected: (line: RejectedLine) => void): Rejects {
  let stream: WriteStream | undefined;
  let count = 0;
  const first: RejectedLine[] = [];

  function line(rejected: RejectedLine, text: string): void {
    count++;
    if (first.length < FIRST) first.push(rejected);
    onRejected(rejected);
    if (!stream) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      stream = createWriteStream(path, { mode: 0o600 });
    }
    stream.write(`${JSON.stringify({ ...rejected, text })}\n`);
  }

  return {
    line,
    path: (file, reason) => line({ file, line: 0, reason }, ""),
    count: () => count,
    first: () => first,
    close: async () => {
      if (!stream) return;
      stream.end();
      await finished(stream);
    },
  };
}
