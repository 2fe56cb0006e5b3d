import { describe, expect, test } from "vitest";
import { importLines } from "./import-lines.testing.ts";

const RESOURCE =
  "/SUBSCRIPTIONS/9F0B5C1E-7D3E-4C57-8A53-0E5D1B7F6A21/RESOURCEGROUPS/RG-AI/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/AOAI";
const MB = 1_048_576;

/** A record as JSON text; `more` is text of further keys. */
function line(id: string, more = ""): string {
  return `{"time":"2026-11-18T09:14:22Z","resourceId":"${RESOURCE}","category":"RequestResponse","correlationId":"${id}"${more}}`;
}

/** What became of a line between two good ones: how many rows there are and what was put aside of it. */
async function between(hostile: string | Buffer): Promise<{ rows: number; aside: { line: number; reason: string }[] }> {
  const content = Buffer.concat([
    Buffer.from(`${line("first")}\n`),
    Buffer.from(hostile),
    Buffer.from(`\n${line("last")}\n`),
  ]);
  return importLines(content, async ({ aside, rows, summary }) => {
    const good = await rows(`SELECT count(*) AS n FROM "AzureDiagnostics" WHERE CorrelationId IN ('first', 'last')`);
    expect(good).toEqual([{ n: "2" }]);
    const [file] = summary.files;
    expect([file?.rejected, summary.rejectedCount]).toEqual([aside.length, aside.length]);
    const all = await rows(`SELECT count(*) AS n FROM "AzureDiagnostics"`);
    expect(Number(all[0]?.n)).toBe(file?.added);
    // Whoever reads the row, every column of it can be read.
    await rows(`SELECT max(properties_s), max(AdditionalFields) FROM "AzureDiagnostics"`);
    return { rows: Number(all[0]?.n) - 2, aside: aside.map(({ line, reason }) => ({ line, reason })) };
  });
}

describe("a hostile line", () => {
  test.each<[string, string | Buffer]>([
    ["with a number that no double holds", line("x", ',"properties":{"promptTokens":1e999,"requestTime":-1e999}')],
    [
      "with an integer of 5,000 digits",
      line("x", `,"properties":{"promptTokens":${"9".repeat(5_000)},"requestTime":${"9".repeat(40)}}`),
    ],
    ["with NUL as an escape", line("x", ',"operationName":"a\\u0000b","properties":{"modelName":"\\u0000"}')],
    [
      "with keys that stand twice",
      line("x", ',"category":"RequestResponse","properties":{"promptTokens":1,"promptTokens":2},"a":1,"a":2'),
    ],
    [
      "with a quotation mark in every text",
      line("x", `,"operationName":"'; DROP TABLE \\"AzureDiagnostics\\"; --","properties":{"modelName":"\\"'"}`),
    ],
    [
      "with other types than the table's",
      line("x", ',"operationName":{"a":[1]},"level":4,"properties":[1,2,{"promptTokens":3}]'),
    ],
    ["with properties that are a number", line("x", ',"properties":7')],
    ["with properties that are a text but no JSON", line("x", ',"properties":"{oops"')],
    ["with empty properties as text", line("x", ',"properties":""')],
    ["with a key of the empty name", line("x", ',"":1,"properties":{"":2}')],
    ["with emoji and a byte order mark inside", line("x", ',"operationName":"\u{1F600}\uFEFF\u2028"')],
    ["that ends with CR and spaces", `  ${line("x")} \t\r`],
    ["with a byte order mark before it", `\uFEFF${line("x")}`],
    [
      "with bytes that are no UTF-8",
      Buffer.concat([
        Buffer.from(line("x", ',"operationName":"').slice(0, -1)),
        Buffer.from([0xff, 0xc0]),
        Buffer.from('"}'),
      ]),
    ],
    ["with a text of 10 MB", line("x", `,"operationName":"${"x".repeat(10 * MB)}"`)],
    [
      "with 200,000 keys that no column takes",
      line("x", `,${Array.from({ length: 200_000 }, (_, key) => `"k${key}":1`).join(",")}`),
    ],
    [
      "nested 500 deep",
      line(
        "x",
        `,"deep":${"[".repeat(500)}${"]".repeat(500)},"properties":{"deep":${'{"a":'.repeat(500)}1${"}".repeat(500)}}`,
      ),
    ],
    ["whose time has a zone", line("x").replace("22Z", "22+05:30")],
  ])("%s is taken", async (_name, hostile) => {
    expect(await between(hostile)).toEqual({ rows: 1, aside: [] });
  });

  test.each<[string, string | Buffer, string]>([
    ["that is cut off", line("x").slice(0, -20), "not JSON"],
    ["with a NUL byte", line("x").replace("Request", "Req\0uest"), "not JSON"],
    ["of NUL bytes", "\0".repeat(100), "not JSON"],
    ["with half of a surrogate pair", line("x", ',"operationName":"\\ud83d"'), "not JSON"],
    ["with a control character", line("x", ',"operationName":"a\u0001b"'), "not JSON"],
    ["with two records", `${line("x")} ${line("y")}`, "not JSON"],
    ["of brackets, 5 million deep", "[".repeat(5_000_000), "not JSON"],
    ["that is a text", `"${line("x").replaceAll('"', "'")}"`, "not a JSON object"],
    ["that is an array of records", `[${line("x")}]`, "not a JSON object"],
    ["that is null", "null", "not a JSON object"],
    ["that is nothing but an object", "{}", "no time"],
    ["whose time is an object", line("x").replace('"2026-11-18T09:14:22Z"', '{"a":1}'), "the time cannot be read"],
    [
      "whose time never ends",
      line("x").replace("2026-11-18T09:14:22Z", "infinity"),
      "the time is before 2000 or more than a year ahead",
    ],
    [
      "of the year 1999",
      line("x").replace("2026-11-18T09:14:22Z", "1999-12-31T23:59:59.999Z"),
      "the time is before 2000 or more than a year ahead",
    ],
    [
      "of the year 9999",
      line("x").replace("2026-11-18", "9999-11-18"),
      "the time is before 2000 or more than a year ahead",
    ],
    ["whose resource is null", line("x").replace(`"${RESOURCE}"`, "null"), "no resourceId"],
    ["whose duration is no number", line("x", ',"durationMs":NaN'), "durationMs is not a number"],
    ["whose duration is beyond every number", line("x", ',"durationMs":1e999'), "durationMs is not a number"],
  ])("%s is put aside", async (_name, hostile, reason) => {
    expect(await between(hostile)).toEqual({ rows: 0, aside: [{ line: 2, reason }] });
  });

  test.each([
    ["empty", ""],
    ["of spaces", " \t \r"],
    ["that ends with CR alone", "\r"],
    ["an envelope without records", '{"records":[]}'],
  ])("%s is neither a record nor a fault", async (_name, hostile) => {
    expect(await between(hostile)).toEqual({ rows: 0, aside: [] });
  });

  test("in an envelope is put aside alone, with the envelope's line", async () => {
    const hostile = `{ "records": [${line("x")}, 7, {"time":"2026-11-18T09:14:22Z"}, ${line("y")}] }`;
    expect(await between(hostile)).toEqual({
      rows: 2,
      aside: [
        { line: 2, reason: "not a JSON object" },
        { line: 2, reason: "no resourceId" },
      ],
    });
  });
});

test("a file whose last line is cut off has every other line, and the cut one is told with its number", async () => {
  const content = `${line("a")}\r\n\r\n${line("b")}\r\n${line("c").slice(0, 60)}`;
  await importLines(content, async ({ summary, aside }) => {
    expect(summary.files).toMatchObject([{ lines: 4, added: 2, rejected: 1 }]);
    expect(aside).toMatchObject([{ line: 4, reason: "not JSON", text: line("c").slice(0, 60) }]);
  });
});
