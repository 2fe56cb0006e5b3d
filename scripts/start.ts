// `npm start` and `npm run dev`: one process that holds the data folder, does the scheduled work and serves the pages.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import next from "next";
import { ConfigurationError, checkServing, isLoopback, parseEnv } from "../lib/env.ts";
import { publishRuntime, type Runtime } from "../lib/runtime.ts";
import { serveControlSocket } from "../lib/wiring/control-socket.ts";
import { emptyFolder, FolderHeldError } from "../lib/wiring/data-folder.ts";
import { openRuntime } from "../lib/wiring/open-runtime.ts";
import { runHandedOver } from "../lib/wiring/run-command.ts";
import { startServerWork } from "../lib/wiring/server-work.ts";
import { buildWhenNeeded } from "./build.ts";

const startedAt = performance.now();
const progress = (text: string) => void process.stderr.write(text);

try {
  await serve();
} catch (error) {
  if (error instanceof ConfigurationError || error instanceof FolderHeldError) {
    progress(`${error.message}\n`);
    process.exit(78);
  }
  progress(`Token Ledger could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function serve(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dev: { type: "boolean" },
      fresh: { type: "boolean" },
      demo: { type: "string" },
      port: { type: "string" },
    },
  });
  const env = parseEnv({ ...process.env, ...(values.port ? { PORT: values.port } : {}) }, process.cwd());
  checkServing(env);
  if (values.fresh) emptyFolder(env.dataDir);

  const opening = openRuntime(env, {
    what: "the Token Ledger server",
    onMissingFolder: "demo",
    demoVariant: values.demo,
    onProgress: progress,
  });
  opening.catch(() => undefined);
  const runtime = await opening;
  if (!values.dev) buildWhenNeeded(process.cwd());
  publishRuntime(runtime);
  // The first bind takes a second; nobody should wait for it.
  await runtime.embedded?.engine.warmUp();
  outliveOneRequest(runtime);

  // Who asks between listening and the pages being prepared waits for the answer.
  const pages = Promise.withResolvers<(request: IncomingMessage, response: ServerResponse) => void>();
  const server = createServer((request, response) => void pages.promise.then((answer) => answer(request, response)));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(env.PORT, env.HOST, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EADDRINUSE"
      ? new ConfigurationError(
          `The variable PORT is ${env.PORT}, where another program listens. Write another port, such as PORT=${env.PORT + 1}.`,
        )
      : error;
  });
  const port = (server.address() as AddressInfo).port;
  const app = next({ dev: values.dev === true, hostname: env.HOST, port, httpServer: server, dir: process.cwd() });
  const handle = app.getRequestHandler();
  await app.prepare();
  const isOurHost = hostCheck(env.HOST, port, env.APP_URL);
  pages.resolve((request, response) => {
    if (!isOurHost(request.headers.host)) {
      response.writeHead(421, { "content-type": "text/plain; charset=utf-8" });
      response.end("This server does not answer for that host name. Set APP_URL to the address that people use.\n");
      return;
    }
    timeServer(response);
    void handle(request, response);
  });
  const control = await serveControlSocket(env.dataDir, (name, args, io) => runHandedOver(name, args, io, runtime));
  const work = startServerWork(runtime);

  const address = env.APP_URL ?? `http://${isLoopback(env.HOST) ? "localhost" : env.HOST}:${port}`;
  process.stdout.write(
    `Token Ledger is at ${address}  (ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, data in ${env.dataDir})\n`,
  );

  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      setTimeout(() => process.exit(1), 9_000).unref();
      server.close();
      server.closeAllConnections();
      control.close();
      void work
        .stop()
        .then(() => runtime.close())
        .then(() => process.exit(0));
    });
  }
}

/**
 * A promise that nobody waited for fails one answer or one step of the work, never the server: it is logged and the server goes on.
 * A terminal or pipe that has gone away is no reason to stop either. Anything else that is thrown ends the process, named.
 */
function outliveOneRequest({ log }: Pick<Runtime, "log">): void {
  process.on("unhandledRejection", (reason) => {
    log.error(
      { message: reason instanceof Error ? reason.message : String(reason), stack: stackOf(reason) },
      "Something failed that nobody waited for; the server goes on",
    );
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    });
  }
}

function stackOf(reason: unknown): string[] {
  const lines = reason instanceof Error ? (reason.stack ?? "").split("\n").slice(1, 6) : [];
  return lines.map((line) => line.trim());
}

/** Says in `Server-Timing` how long the server worked, from the request's headers to the answer's. */
function timeServer(response: ServerResponse): void {
  const received = performance.now();
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((...head: Parameters<typeof writeHead>) => {
    if (!response.headersSent)
      response.setHeader("server-timing", `app;dur=${(performance.now() - received).toFixed(1)}`);
    return writeHead(...head);
  }) as typeof response.writeHead;
}

/** On loopback only loopback names are answered, so a page of the web that points its name here reads nothing. */
function hostCheck(host: string, port: number, appUrl: string | undefined): (header: string | undefined) => boolean {
  const known = new Set([`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `${host}:${port}`.toLowerCase()]);
  if (appUrl) known.add(new URL(appUrl).host.toLowerCase());
  return (header) =>
    !isLoopback(host) ||
    (header !== undefined &&
      (known.has(header.toLowerCase()) || (port === 80 && known.has(`${header.toLowerCase()}:80`))));
}
