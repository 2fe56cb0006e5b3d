import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** Lines of a file with their numbers from 1. `oversized` are lines that are longer than any record can be. */
export type LineBatch = {
  readonly firstLine: number;
  readonly lines: readonly string[];
  readonly oversized: readonly number[];
};

const BATCH_LINES = 8_192;
const BATCH_CHARACTERS = 8 * 1_048_576;
/** Azure cuts a log record at 1 MiB; an Event Hubs envelope holds many. */
const MAX_LINE_CHARACTERS = 32 * 1_048_576;

/** Streams a text file, gunzipped when its name ends in .gz, in batches of bounded size. LF and CRLF end lines; empty lines are kept. */
export async function* readLines(path: string): AsyncGenerator<LineBatch> {
  const decoder = new TextDecoder("utf-8");
  let pending = "";
  let isSkipping = false;
  let lines: string[] = [];
  let oversized: number[] = [];
  let characters = 0;
  let firstLine = 1;

  function add(line: string, isOversized: boolean): void {
    if (isOversized) oversized.push(firstLine + lines.length);
    lines.push(isOversized ? "" : line.endsWith("\r") ? line.slice(0, -1) : line);
    characters += line.length;
  }
  function take(): LineBatch {
    const batch = { firstLine, lines, oversized };
    firstLine += lines.length;
    lines = [];
    oversized = [];
    characters = 0;
    return batch;
  }

  for await (const bytes of open(path)) {
    const parts = (pending + decoder.decode(bytes, { stream: true })).split("\n");
    pending = parts.pop() ?? "";
    for (const part of parts) {
      add(part, isSkipping || part.length > MAX_LINE_CHARACTERS);
      isSkipping = false;
      if (lines.length >= BATCH_LINES || characters >= BATCH_CHARACTERS) yield take();
    }
    if (pending.length > MAX_LINE_CHARACTERS) {
      isSkipping = true;
      pending = "";
    }
  }
  pending += decoder.decode();
  if (pending !== "" || isSkipping) add(pending, isSkipping);
  if (lines.length > 0) yield take();
}

function open(path: string): Readable {
  const file = createReadStream(path, { highWaterMark: 1_048_576 });
  if (!path.toLowerCase().endsWith(".gz")) return file;
  const unzipped = createGunzip();
  file.on("error", (error) => unzipped.destroy(error));
  return file.pipe(unzipped);
}
