import { describe, expect, test } from "vitest";
import type { Runtime } from "../runtime.ts";
import { UsageError } from "./command.ts";
import { kqlCommand } from "./kql.ts";

type Asked = Parameters<Runtime["askKql"]>[0];

const refusal = (message: string) => JSON.stringify({ error: { code: "BadArgumentError", message } });
const answer = (cell: string) =>
  `{"tables":[{"name":"PrimaryResult","columns":[{"name":"a","type":"long"}],"rows":[[${cell}]]}]}`;

/** A workspace that answers `print N` with N and refuses everything else; remembers what it was asked. */
async function run(args: string[], input = "", chunk = 7) {
  const asked: Asked[] = [];
  const out: string[] = [];
  const err: string[] = [];
  const bytes = new TextEncoder().encode(input);
  const runtime = {
    askKql: async (question: Asked) => {
      asked.push(question);
      const number = /^print (\d+)$/.exec(question.text)?.[1];
      return number === undefined ? { status: 400, body: refusal("no") } : { status: 200, body: answer(number) };
    },
  };
  const code = await kqlCommand.run(args, {
    stdin: (async function* () {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    })(),
    out: async (text) => void out.push(text),
    err: (text) => void err.push(text),
    isTerminal: false,
    cwd: ".",
    signal: new AbortController().signal,
    // The command asks its runtime for nothing else.
    runtime: async () => runtime as unknown as Runtime,
  });
  return { code, out: out.join(""), lines: out.join("").split("\n").slice(0, -1), err: err.join(""), asked };
}

describe("npm run kql -- --jsonl", () => {
  test("answers every line in order with its status, whatever the chunks, and is done", async () => {
    const input = '{"id":"a","query":"print 1"}\n{"id":2,"query":"bad"}\n{"id":null,"query":"print 3"}\n';
    for (const chunk of [1, 7, 10_000]) {
      const { code, lines } = await run(["--jsonl"], input, chunk);
      expect(lines).toEqual([
        `{"id":"a","status":200,"body":${answer("1")}}`,
        `{"id":2,"status":400,"body":${refusal("no")}}`,
        `{"id":null,"status":200,"body":${answer("3")}}`,
      ]);
      expect(code).toBe(0);
    }
  });

  test.each([
    ["a line that is no JSON", "{oops", null, "line 1 is not JSON"],
    ["a line without a query keeps its id", '{"id":"q7"}', "q7", 'line 1 is not {"id","query"}'],
    ["a query that is no text", '{"id":1,"query":2}', 1, 'line 1 is not {"id","query"}'],
    ["a line that is a list", "[1]", null, 'line 1 is not {"id","query"}'],
    ["null", "null", null, 'line 1 is not {"id","query"}'],
  ])("%s is refused where it stands", async (_name, line, id, message) => {
    const { lines, asked } = await run(["--jsonl"], `${line}\n{"id":"next","query":"print 2"}`);
    expect(JSON.parse(lines[0] ?? "")).toEqual({ id, status: 400, body: JSON.parse(refusal(message)) });
    expect(lines[1]).toBe(`{"id":"next","status":200,"body":${answer("2")}}`);
    expect(asked).toHaveLength(1);
  });

  test("passes over a byte-order mark, blank lines and carriage returns, and takes a line without an id", async () => {
    const { lines } = await run(["--jsonl"], '\uFEFF{"query":"print 1"}\r\n\r\n  \n{"id":5,"query":"print 2"}\r\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([null, 5]);
  });

  test("a line's own time span goes before the one of the command line", async () => {
    const input = '{"id":1,"query":"print 1","timespan":"PT1H"}\n{"id":2,"query":"print 2"}\n';
    const { asked } = await run(["--jsonl", "--timespan", "P7D", "--wait", "30"], input);
    expect(asked.map(({ timespan, prefer }) => [timespan, prefer])).toEqual([
      ["PT1H", "wait=30"],
      ["P7D", "wait=30"],
    ]);
  });

  test("a number past 2^53 keeps its digits", async () => {
    const { out } = await run(["--jsonl"], '{"id":1,"query":"print 9223372036854775807"}\n');
    expect(out).toContain("[[9223372036854775807]]");
  });

  test("ten thousand lines come out in their order", async () => {
    const input = Array.from({ length: 10_000 }, (_, id) => `{"id":${id},"query":"print ${id}"}\n`).join("");
    const { lines } = await run(["--jsonl"], input, 65_536);
    expect(lines).toHaveLength(10_000);
    expect(lines.every((line, id) => line.startsWith(`{"id":${id},"status":200,`))).toBe(true);
  });
});

describe("npm run kql", () => {
  test.each([
    ["--wait with a word", ["print 1", "--wait", "long"]],
    ["--wait past the service's ten minutes", ["print 1", "--wait", "601"]],
    ["--json and --csv at once", ["print 1", "--json", "--csv"]],
    ["two queries", ["print 1", "print 2"]],
  ])("%s is a usage error", async (_name, args) => {
    await expect(run(args)).rejects.toThrow(UsageError);
  });

  test("prints a table, the body or CSV, and ends with 1 when refused", async () => {
    expect(await run(["print 1"])).toMatchObject({ code: 0, out: "a\n-\n1\n" });
    expect(await run(["print 1", "--json"])).toMatchObject({ code: 0, out: `${answer("1")}\n` });
    expect(await run(["print 1", "--csv"])).toMatchObject({ code: 0, out: "a\r\n1\r\n" });
    expect(await run(["bad"])).toMatchObject({ code: 1, out: "", err: "no\n" });
  });
});
