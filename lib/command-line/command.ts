import type { Runtime } from "../runtime.ts";

/** What a command talks to: the terminal of the person who typed it, also when a running server executes it for them. */
export type CommandIo = {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** The result only. Resolves when the receiver took it, so a large result does not pile up in memory. */
  readonly out: (text: string) => Promise<void>;
  /** Progress and explanations. */
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  /** The folder that relative paths in the arguments start from. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** The stores and clients of the data folder, opened on the first call. */
  readonly runtime: () => Promise<Runtime>;
};

/** 0 done · 1 refused or partial · 2 failed check (`doctor`) · 64 usage · 78 configuration. */
export type ExitCode = 0 | 1 | 2 | 64 | 78;

/**
 * One `npm run …` command. `usage` is printed with exit code 64.
 * `onMissingFolder`: what a new data folder becomes when the command asks for its runtime.
 * `usesDataFolder`: false for a call that reads and writes no store, so it runs beside any server; true when left out.
 */
export type Command = {
  readonly name: string;
  readonly usage: string;
  readonly onMissingFolder: "demo" | "empty";
  readonly usesDataFolder?: (args: readonly string[]) => boolean;
  readonly run: (args: readonly string[], io: CommandIo) => Promise<ExitCode>;
};

/** Arguments that a command cannot use; the message says which and what to write. Exit code 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
