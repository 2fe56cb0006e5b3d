import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** Whole lines in UTF-8, LF between them and none after the last; `firstLine` counts from 1. */
export type LineBlock = { readonly firstLine: number; readonly lines: number; readonly bytes: Buffer };

/** What a file yields: lines, or the number of a line that is longer than any record can be. */
export type FilePart = LineBlock | { readonly oversizedLine: number };

/** Large enough that a statement per block costs nothing, small enough that a few of them fit beside the workspace. */
const BLOCK_BYTES = 4 * 1_048_576;
const BLOCK_LINES = 65_536;
/** Azure cuts a log record at 1 MiB; an Event Hubs envelope holds many. */
const MAX_LINE_BYTES = 32 * 1_048_576;
const LF = 10;
const BYTE_ORDER_MARK = Buffer.from("\uFEFF");

/**
 * Streams a text file, gunzipped when its name ends in .gz, in blocks of bounded size. LF ends a line; a CR before it is
 * part of the line. Bytes that are no UTF-8 become U+FFFD and byte order marks are dropped. Throws the error of the file
 * system or of the decompression after the whole lines before it.
 */
export async function* readBlocks(path: string): AsyncGenerator<FilePart> {
  const cutter = createCutter();
  try {
    for await (const bytes of open(path)) yield* cutter.add(bytes);
  } catch (error) {
    yield* cutter.wholeLines();
    throw error;
  }
  yield* cutter.end();
}

/** Where line `line` (from 0) begins in bytes that hold more lines than that. */
export function startOfLine(bytes: Buffer, line: number): number {
  let start = 0;
  for (let skipped = 0; skipped < line; skipped++) start = bytes.indexOf(LF, start) + 1;
  return start;
}

/** The text of line `line` (from 0) of a block. */
export function textOfLine(bytes: Buffer, line: number): string {
  const start = startOfLine(bytes, line);
  const end = bytes.indexOf(LF, start);
  return bytes.toString("utf8", start, end < 0 ? undefined : end);
}

type Cutter = {
  readonly add: (bytes: Buffer) => Generator<FilePart>;
  readonly wholeLines: () => Generator<FilePart>;
  readonly end: () => Generator<FilePart>;
};

function createCutter(): Cutter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let hasWholeLine = false;
  let isSkipping = false;
  let nextLine = 1;

  function hold(bytes: Buffer): void {
    held.push(bytes);
    heldBytes += bytes.length;
    hasWholeLine ||= bytes.includes(LF);
  }
  function release(): Buffer {
    const [only] = held;
    const bytes = held.length === 1 && only ? only : Buffer.concat(held);
    [held, heldBytes, hasWholeLine] = [[], 0, false];
    return bytes;
  }
  function* add(bytes: Buffer): Generator<FilePart> {
    const isOver = isSkipping ? bytes.indexOf(LF) : 0;
    if (isOver < 0) return;
    if (isSkipping) yield { oversizedLine: nextLine++ };
    hold(isSkipping ? bytes.subarray(isOver + 1) : bytes);
    isSkipping = false;
    if (heldBytes >= BLOCK_BYTES) yield* wholeLines();
    if (heldBytes <= MAX_LINE_BYTES) return;
    release();
    isSkipping = true;
  }
  function* wholeLines(): Generator<FilePart> {
    if (!hasWholeLine) return;
    const bytes = release();
    const end = bytes.lastIndexOf(LF);
    hold(bytes.subarray(end + 1));
    yield* cut(bytes.subarray(0, end));
  }
  function* end(): Generator<FilePart> {
    yield* wholeLines();
    if (isSkipping) yield { oversizedLine: nextLine++ };
    else if (heldBytes > 0) yield* cut(release());
  }
  function* cut(bytes: Buffer): Generator<FilePart> {
    for (let start = 0; start <= bytes.length; ) {
      let lines = 0;
      let end = start - 1;
      while (lines < BLOCK_LINES && end < bytes.length) {
        const next = bytes.indexOf(LF, end + 1);
        end = next < 0 ? bytes.length : next;
        lines++;
      }
      yield { firstLine: nextLine, lines, bytes: asText(bytes.subarray(start, end)) };
      nextLine += lines;
      start = end + 1;
    }
  }
  return { add, wholeLines, end };
}

/** Hardly any block is changed by this; that one is decoded and encoded again. */
function asText(bytes: Buffer): Buffer {
  if (isUtf8(bytes) && !bytes.includes(BYTE_ORDER_MARK)) return bytes;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return Buffer.from(text.replaceAll(/^\uFEFF+/gm, ""));
}

function open(path: string): Readable {
  const file = createReadStream(path, { highWaterMark: 1_048_576 });
  if (!path.toLowerCase().endsWith(".gz")) return file;
  const unzipped = createGunzip({ chunkSize: 262_144 });
  file.on("error", (error) => unzipped.destroy(error));
  return file.pipe(unzipped);
}
