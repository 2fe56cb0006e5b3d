// Runs on the host's Node (20 or newer) before anything is installed, so it uses nothing but Node itself:
// installs what the lock names, chooses the pinned Node, and passes the command on.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const callerCwd = process.env.INIT_CWD ?? process.cwd();
process.chdir(root);

const [verb, ...rest] = process.argv.slice(2);

install();
const node = pinnedNode();
const path = [join(root, "node_modules", ".bin"), dirname(node), process.env.PATH ?? ""].join(delimiter);
const scriptByVerb = { start: "start.ts", dev: "start.ts", test: "test.ts", check: "check.ts", run: "command.ts" };
const script = verb === "script" ? `${rest.shift()}.ts` : scriptByVerb[verb];
if (!script)
  fail(
    `Unknown command "${verb}". Use npm start, npm test, npm run dev, npm run check or a command of the README.`,
    64,
  );

// V8 lets a heap grow to four times what is alive when it may become larger than 2 GB, and to less than twice below that.
const MAX_HEAP = "--max-old-space-size=1536";
const args = [
  ...(process.env.NODE_OPTIONS?.includes("--max-old-space-size") ? [] : [MAX_HEAP]),
  // Next renders with its own React, so the process that hosts it keeps Node's ordinary conditions.
  ...(verb === "start" || verb === "dev" ? [] : ["--conditions=react-server"]),
  "--disable-warning=ExperimentalWarning",
  join("scripts", script),
  ...(verb === "dev" ? ["--dev"] : []),
  ...rest,
];
const child = spawn(node, args, {
  stdio: "inherit",
  env: { ...process.env, PATH: path, TOKEN_LEDGER_CWD: callerCwd, NEXT_TELEMETRY_DISABLED: "1" },
});
const HINTS = {
  SIGKILL: ": somebody ended it, or the machine had no memory left (see `dmesg`)",
  SIGABRT: ": the program or its database gave up; the lines above say why",
  SIGSEGV: ": a native library failed",
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  // Without a word the end of a process that the system killed looks like one of its own.
  if (signal) process.stderr.write(`${script} was ended by ${signal}${HINTS[signal] ?? ""}.\n`);
  process.exit(signal ? 1 : (code ?? 1));
});

function install() {
  const lock = readFileSync("package-lock.json");
  const wanted = createHash("sha256")
    .update(lock)
    .update(readFileSync("package.json"))
    .update(process.platform + process.arch)
    .digest("hex");
  const mark = join("node_modules", ".token-ledger-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  process.stderr.write("Installing the packages that package-lock.json names …\n");
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith(".js") ? [process.execPath, npm] : [process.platform === "win32" ? "npm.cmd" : "npm"];
  const installArgs = [
    "install",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--include=dev",
    "--include=optional",
  ];
  const result = spawnSync(command[0], [...command.slice(1), ...installArgs], { stdio: ["ignore", 2, "inherit"] });
  if (result.status !== 0) {
    fail(
      "npm install did not finish: see its message above. Check that the npm registry can be reached, then run the command again.",
      1,
    );
  }
  mkdirSync("node_modules", { recursive: true });
  writeFileSync(mark, wanted);
}

function pinnedNode() {
  const binary = join(
    root,
    "node_modules",
    `node-${platformName()}-${process.arch}`,
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (existsSync(binary) && spawnSync(binary, ["--version"]).status === 0) return binary;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  return fail(
    `This machine's Node is ${process.versions.node} and the pinned Node 24 has no package for ${process.platform} ${process.arch}. Install Node 24 or newer and run the command again.`,
    78,
  );
}

function platformName() {
  return process.platform === "win32" ? "win" : process.platform;
}

function fail(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
