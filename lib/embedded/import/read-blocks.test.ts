import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBlocks, textOfLine } from "./read-blocks.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "blocks-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const MB = 1_048_576;

/** Every line with its number; a line that is too long is "…". */
async function linesOf(content: string | Buffer, name = "a.json"): Promise<[number, string][]> {
  const path = join(folder, name);
  await writeFile(path, content);
  const lines: [number, string][] = [];
  for await (const part of readBlocks(path)) {
    if ("oversizedLine" in part) lines.push([part.oversizedLine, "…"]);
    else {
      const texts = part.bytes.toString("utf8").split("\n");
      expect(texts.length).toBe(part.lines);
      expect(textOfLine(part.bytes, part.lines - 1)).toBe(texts.at(-1));
      lines.push(...texts.map((text, index): [number, string] => [part.firstLine + index, text]));
    }
  }
  return lines;
}

describe("readBlocks", () => {
  test.each<[string, string | Buffer, [number, string][]]>([
    ["an empty file", "", []],
    ["a line without an end", "a", [[1, "a"]]],
    ["a line with an end", "a\n", [[1, "a"]]],
    [
      "empty lines",
      "\n\na\n",
      [
        [1, ""],
        [2, ""],
        [3, "a"],
      ],
    ],
    [
      "CR LF",
      "a\r\nb\r\n",
      [
        [1, "a\r"],
        [2, "b\r"],
      ],
    ],
    [
      "a byte order mark, also of a file that was appended",
      "\uFEFFa\n\uFEFFb",
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    ["a zero-width space inside a text", "a\uFEFFb\n", [[1, "a\uFEFFb"]]],
    [
      "NUL bytes",
      "a\0b\nc",
      [
        [1, "a\0b"],
        [2, "c"],
      ],
    ],
    [
      "bytes that are no UTF-8",
      Buffer.from([0x61, 0xff, 0x0a, 0xe2, 0x82, 0x0a, 0x62]),
      [
        [1, "a\uFFFD"],
        [2, "\uFFFD"],
        [3, "b"],
      ],
    ],
  ])("reads %s", async (_name, content, expected) => {
    expect(await linesOf(content)).toEqual(expected);
    expect(await linesOf(gzipSync(content), "a.json.gz")).toEqual(expected);
  });

  test("cuts a large file between lines and counts them through", async () => {
    const expected = Array.from({ length: 130_000 }, (_, index): [number, string] => [index + 1, `line ${index} ü`]);
    expect(await linesOf(`${expected.map(([, text]) => text).join("\n")}\n`)).toEqual(expected);
  });

  test("takes a line of 10 MB whole", async () => {
    const lines = await linesOf(`a\n${"x".repeat(10 * MB)}\nb\n`);
    expect(lines.map(([line, text]) => [line, text.length])).toEqual([
      [1, 1],
      [2, 10 * MB],
      [3, 1],
    ]);
  });

  test("names a line that is longer than any record can be and goes on behind it", async () => {
    const long = "x".repeat(33 * MB);
    expect(await linesOf(`a\n${long}\nb\n`)).toEqual([
      [1, "a"],
      [2, "…"],
      [3, "b"],
    ]);
    expect(await linesOf(`a\n${long}`)).toEqual([
      [1, "a"],
      [2, "…"],
    ]);
  });

  test("yields the whole lines of a gzip file that is cut off, then throws", async () => {
    const lines = Array.from({ length: 200_000 }, (_, index) => `line ${index} ${(index * 7919) % 104_729}`);
    const zipped = gzipSync(lines.join("\n"));
    const path = join(folder, "cut.json.gz");
    await writeFile(path, zipped.subarray(0, Math.floor(zipped.length / 2)));
    let read = 0;
    const all = async () => {
      for await (const part of readBlocks(path)) {
        if (!("lines" in part)) continue;
        expect(textOfLine(part.bytes, 0)).toBe(lines[read]);
        read += part.lines;
        expect(textOfLine(part.bytes, part.lines - 1)).toBe(lines[read - 1]);
      }
    };
    await expect(all()).rejects.toMatchObject({ code: "Z_BUF_ERROR" });
    expect(read).toBeGreaterThan(50_000);
  });
});
