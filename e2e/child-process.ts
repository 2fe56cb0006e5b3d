import { type ChildProcess, spawn } from "node:child_process";

/** A script of the product in a process of its own. */
export type Child = {
  readonly child: ChildProcess;
  /** Everything that it has printed so far, on both streams. */
  readonly said: () => string;
  /** Waits for a line that matches on either stream; throws with what was said when the process ends before it. */
  readonly saying: (wanted: RegExp) => Promise<RegExpExecArray>;
  readonly exited: Promise<number | null>;
  /** Asks it to stop and waits for its end. */
  readonly stop: () => Promise<void>;
};

/** Starts `node scripts/NAME ARGS` with exactly these variables besides the machine's own. */
export function startScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): Child {
  const child = spawn("node", ["--disable-warning=ExperimentalWarning", ...options, `scripts/${script}`, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", ...env },
    stdio: "pipe",
  });
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      for (const listener of listeners) listener();
    });
  let hasEnded = false;
  const exited = new Promise<number | null>((resolve) =>
    child.once("close", (code) => {
      hasEnded = true;
      for (const listener of listeners) listener();
      resolve(code);
    }),
  );
  return {
    child,
    said: () => text,
    exited,
    saying: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = wanted.exec(text);
          if (!found && !hasEnded) return;
          listeners.delete(look);
          if (found) resolve(found);
          else reject(new Error(`${script} ended without saying ${wanted}. It said:\n${text}`));
        };
        listeners.add(look);
        look();
      }),
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
