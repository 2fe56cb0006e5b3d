import { existsSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { CommandIo, ExitCode } from "../command-line/command.ts";

/**
 * The protocol of `DATA_DIR/control.sock`: one JSON message to a line. A command sends `start`, then its standard input as
 * `in` messages and `end`; the server answers with `out`, `err` and at last `exit`. Bytes travel as base64.
 */
const requestSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("start"),
    command: z.string(),
    args: z.array(z.string()),
    cwd: z.string(),
    isTerminal: z.boolean(),
  }),
  z.object({ type: z.literal("in"), data: z.string() }),
  z.object({ type: z.literal("end") }),
]);
const answerSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("out"), data: z.string() }),
  z.object({ type: z.literal("err"), data: z.string() }),
  z.object({ type: z.literal("exit"), code: z.number() }),
]);

type RunHandedOver = (command: string, args: readonly string[], io: Omit<CommandIo, "runtime">) => Promise<ExitCode>;

/** Listens for commands of this machine's same user (mode 0600). `run` executes one; several may run at once. */
export async function serveControlSocket(dataDir: string, run: RunHandedOver): Promise<Server> {
  const path = socketPath(dataDir);
  rmSync(path, { force: true });
  const server = createServer((socket) => serveConnection(socket, run));
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  server.unref();
  return server;
}

/**
 * Hands a command over to the process that holds `dataDir` and streams its input, output and exit code.
 * Returns undefined when nobody listens.
 */
export async function handOver(
  dataDir: string,
  command: string,
  args: readonly string[],
  io: Omit<CommandIo, "runtime">,
): Promise<ExitCode | undefined> {
  const socket = await connect(socketPath(dataDir));
  if (socket === undefined) return undefined;
  const send = (message: z.infer<typeof requestSchema>) => writeLine(socket, message);
  await send({ type: "start", command, args: [...args], cwd: io.cwd, isTerminal: io.isTerminal });
  void (async () => {
    for await (const chunk of io.stdin) await send({ type: "in", data: Buffer.from(chunk).toString("base64") });
    await send({ type: "end" });
  })().catch(() => socket.destroy());
  io.signal.addEventListener("abort", () => socket.destroy(), { once: true });
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  // A destroyed socket never ends, so readline has to be told.
  socket.once("close", () => lines.close());
  for await (const line of lines) {
    const answer = answerSchema.parse(JSON.parse(line));
    if (answer.type === "out") await io.out(answer.data);
    else if (answer.type === "err") io.err(answer.data);
    else {
      socket.end();
      return answer.code as ExitCode;
    }
  }
  io.err("The server stopped before the command was done. Start it again, or run the command without it.\n");
  return 1;
}

function serveConnection(socket: Socket, run: RunHandedOver): void {
  const abort = new AbortController();
  const input = new InputQueue();
  socket.on("error", () => abort.abort());
  socket.on("close", () => {
    abort.abort();
    input.end();
  });
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on("line", (line) => {
    const parsed = requestSchema.safeParse(safeJson(line));
    if (!parsed.success) {
      socket.destroy();
      return;
    }
    const message = parsed.data;
    if (message.type === "in") input.push(Buffer.from(message.data, "base64"));
    else if (message.type === "end") input.end();
    else void execute(message.command, message.args, message.cwd, message.isTerminal);
  });

  async function execute(command: string, args: readonly string[], cwd: string, isTerminal: boolean): Promise<void> {
    const io = {
      stdin: input,
      out: (text: string) => writeLine(socket, { type: "out", data: text }),
      err: (text: string) => void writeLine(socket, { type: "err", data: text }),
      isTerminal,
      cwd,
      signal: abort.signal,
    };
    const code = await run(command, args, io);
    await writeLine(socket, { type: "exit", code });
    socket.end();
  }
}

/** Standard input of a handed-over command, as it arrives. */
class InputQueue implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #isEnded = false;
  #wake: () => void = () => {};

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) yield chunk;
      else if (this.#isEnded) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

function writeLine(socket: Socket, message: unknown): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    if (socket.write(`${JSON.stringify(message)}\n`)) resolve();
    else {
      const done = () => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.once("drain", done);
      socket.once("close", done);
    }
  });
}

function connect(path: string): Promise<Socket | undefined> {
  if (!existsSync(path)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

/** A Unix socket's path may have 107 bytes, so a deep folder is reached from the working directory. */
function socketPath(dataDir: string): string {
  const absolute = join(dataDir, "control.sock");
  if (Buffer.byteLength(absolute) < 104) return absolute;
  return relative(process.cwd(), absolute);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
