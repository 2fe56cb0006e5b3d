import { once } from "node:events";
import { type Command, type CommandIo, type ExitCode, UsageError } from "../command-line/command.ts";
import { ConfigurationError, type Env, parseEnv } from "../env.ts";
import type { Runtime } from "../runtime.ts";
import { handOver } from "./control-socket.ts";
import { FolderHeldError } from "./data-folder.ts";
import { openRuntime } from "./open-runtime.ts";

/** Every command, loaded only when it is asked for, so that `npm run price` does not wait for the KQL binder. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  kql: async () => (await import("../command-line/kql.ts")).kqlCommand,
  import: async () => (await import("../command-line/import.ts")).importCommand,
  demo: async () => (await import("../command-line/demo.ts")).demoCommand,
  report: async () => (await import("../command-line/report.ts")).reportCommand,
  inventory: async () => (await import("../command-line/inventory.ts")).inventoryCommand,
  "summary-rule": async () => (await import("../command-line/summary-rule.ts")).summaryRuleCommand,
  doctor: async () => (await import("../command-line/doctor.ts")).doctorCommand,
  evaluate: async () => (await import("../command-line/evaluate.ts")).evaluateCommand,
  prices: async () => (await import("../command-line/prices.ts")).pricesCommand,
  price: async () => (await import("../command-line/price.ts")).priceCommand,
  soak: async () => (await import("../command-line/soak.ts")).soakCommand,
  close: async () => (await import("../command-line/close.ts")).closeCommand,
  archive: async () => (await import("../command-line/archive.ts")).archiveCommand,
  reconcile: async () => (await import("../command-line/reconcile.ts")).reconcileCommand,
};

/** Executes a command for the terminal of this process and returns its exit code. */
export async function runFromTerminal(name: string, args: readonly string[]): Promise<ExitCode> {
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
  const io = {
    stdin: process.stdin,
    out: writeOut,
    err: (text: string) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    cwd: process.env.TOKEN_LEDGER_CWD ?? process.cwd(),
    signal: abort.signal,
  };
  return guarded(name, args, io, async (command) => {
    const env = parseEnv(process.env, process.cwd());
    if (command.usesDataFolder?.(args) ?? true) {
      const code = await handOver(env.dataDir, name, args, io);
      if (code !== undefined) return code;
    }
    return await runHere(command, args, io, env);
  });
}

/** Executes a command that another process handed over, with the server's own runtime. */
export async function runHandedOver(
  name: string,
  args: readonly string[],
  io: Omit<CommandIo, "runtime">,
  runtime: Runtime,
): Promise<ExitCode> {
  return guarded(name, args, io, (command) => command.run(args, { ...io, runtime: async () => runtime }));
}

async function runHere(
  command: Command,
  args: readonly string[],
  io: Omit<CommandIo, "runtime">,
  env: Env,
): Promise<ExitCode> {
  let opened: Promise<Runtime> | undefined;
  const runtime = () => {
    opened ??= openRuntime(env, {
      what: `npm run ${command.name}`,
      onMissingFolder: command.onMissingFolder,
      onProgress: io.err,
    });
    return opened;
  };
  try {
    return await command.run(args, { ...io, runtime });
  } finally {
    if (opened) await opened.then((open) => open.close()).catch(() => undefined);
  }
}

async function guarded(
  name: string,
  args: readonly string[],
  io: Omit<CommandIo, "runtime">,
  execute: (command: Command) => Promise<ExitCode>,
): Promise<ExitCode> {
  const load = COMMANDS[name];
  if (load === undefined) {
    io.err(`There is no command "${name}". The commands are: ${Object.keys(COMMANDS).join(", ")}.\n`);
    return 64;
  }
  const command = await load();
  if (args.includes("--help") || args.includes("-h")) {
    await io.out(`${command.usage}\n`);
    return 0;
  }
  try {
    return await execute(command);
  } catch (error) {
    if (io.signal.aborted) return 1;
    // Compared by name: a bundler may have made a second copy of these classes.
    const kind = error instanceof Error ? error.name : "";
    const message = messageOf(error);
    io.err(kind === UsageError.name ? `${message}\n\n${command.usage}\n` : `${message}\n`);
    if (kind === UsageError.name) return 64;
    return kind === ConfigurationError.name || kind === FolderHeldError.name ? 78 : 1;
  }
}

/** What went wrong in words; a file that cannot be opened is named without the system's own code. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!("code" in error && "syscall" in error)) return error.message;
  if (error.code === "EISDIR") return "A folder was named where a file is expected. Name a file.";
  if (!("path" in error) || error.syscall !== "open") return error.message;
  if (error.code === "ENOENT") return `There is no file ${error.path}.`;
  return error.code === "EACCES" ? `${error.path} may not be read by this user.` : error.message;
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
