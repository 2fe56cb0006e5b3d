import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Runtime } from "../runtime.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";
import { type JsonLine, readJsonLines } from "./json-lines.ts";
import { csvOf, innermostMessage, readAnswer, tableOf } from "./kql-output.ts";

const USAGE = `Usage: npm run kql -- 'QUERY' [--timespan P7D] [--wait 60] [--json | --csv]
       npm run kql -- --file q.kql
       npm run kql -- --jsonl < queries.jsonl

  --timespan  ISO 8601 duration or interval; filters TimeGenerated beside the query's own text
  --wait      seconds a query may run, up to 600; without it 9 on the embedded engine, 180 on Azure
  --json      exactly the body that Log Analytics sends
  --csv       comma-separated values with a header line
  --jsonl     reads lines {"id","query"}, each perhaps with its own "timespan", and writes lines {"id","status","body"} in
              the same order; ends with 0 once every line has its status
`;

type Options = { readonly timespan?: string; readonly prefer?: string; readonly form: "table" | "json" | "csv" };

/** `npm run kql`: asks the workspace a question in KQL. */
export const kqlCommand: Command = {
  name: "kql",
  usage: USAGE,
  onMissingFolder: "demo",
  run: async (args, io) => {
    const { values, positionals } = parsed(args);
    if (values.json === true && values.csv === true) throw new UsageError("Choose --json or --csv.");
    const options: Options = {
      timespan: values.timespan,
      prefer: preferOf(values.wait),
      form: values.json === true ? "json" : values.csv === true ? "csv" : "table",
    };
    if (values.jsonl === true) return answerLines(options, io);
    const text = await queryText(values.file, positionals, io);
    return answerOne(text, options, io);
  },
};

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { type: "string" },
        timespan: { type: "string" },
        wait: { type: "string" },
        json: { type: "boolean" },
        csv: { type: "boolean" },
        jsonl: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "These arguments cannot be read.");
  }
}

async function queryText(file: string | undefined, positionals: readonly string[], io: CommandIo): Promise<string> {
  if (file !== undefined && positionals.length === 0) {
    return readFile(path.resolve(io.cwd, file), "utf8").catch(() => {
      throw new UsageError(`The file ${file} cannot be read.`);
    });
  }
  const [text] = positionals;
  if (text === undefined || positionals.length > 1 || file !== undefined) {
    throw new UsageError("Give one query in quotes, or --file, or --jsonl.");
  }
  return text;
}

function preferOf(wait: string | undefined): string | undefined {
  if (wait === undefined) return undefined;
  const seconds = Number(wait);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 600)
    throw new UsageError(`--wait is a whole number of seconds from 1 to 600, not ${wait}.`);
  return `wait=${seconds}`;
}

async function answerOne(text: string, { timespan, prefer, form }: Options, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const { status, body } = await runtime.askKql({ text, timespan, prefer, signal: io.signal });
  if (form === "json") {
    await io.out(`${body}\n`);
    return status === 200 && !isPartial(body) ? 0 : 1;
  }
  if (status !== 200) {
    io.err(`${innermostMessage(body)}\n`);
    return 1;
  }
  const { columns, rows, error } = readAnswer(body);
  await io.out(form === "csv" ? csvOf(columns, rows) : tableOf(columns, rows));
  if (error === null) return 0;
  io.err(`The answer is not complete: ${error}\n`);
  return 1;
}

function isPartial(body: string): boolean {
  return readAnswer(body).error !== null;
}

const questionSchema = z.object({ id: z.unknown(), query: z.string(), timespan: z.string().nullish() });

/**
 * Answers line by line, in order; a line that is no question gets a refusal of its own. Every line has its status, so the
 * command as a whole is done whatever they are.
 */
async function answerLines(options: Options, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  for await (const line of readJsonLines(io.stdin)) {
    const { id, status, body } = await answerLine(line, options, runtime, io.signal);
    // The body is JSON text already; it goes in as it stands, so that no number loses digits.
    await io.out(`{"id":${JSON.stringify(id ?? null)},"status":${status},"body":${body === "" ? "null" : body}}\n`);
  }
  return 0;
}

async function answerLine(
  line: JsonLine,
  { timespan, prefer }: Options,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<{ id: unknown; status: number; body: string }> {
  const question = questionSchema.safeParse(line.value);
  if (line.error !== undefined || !question.success) {
    const message = line.error ?? `line ${line.line} is not {"id","query"}`;
    return {
      id: idOf(line.value),
      status: 400,
      body: JSON.stringify({ error: { code: "BadArgumentError", message } }),
    };
  }
  const { id, query: text } = question.data;
  const { status, body } = await runtime.askKql({
    text,
    timespan: question.data.timespan ?? timespan,
    prefer,
    signal,
  });
  return { id, status, body };
}

/** The id of a line that is no question, where it has one. */
function idOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "id" in value ? value.id : null;
}
