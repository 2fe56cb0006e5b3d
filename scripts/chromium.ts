import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const INSTALLED = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** The path of a Chromium: `CHROMIUM_PATH`, an installed one, Debian's package when root, else Playwright's own download. */
export function findChromium(root: string): string | undefined {
  return process.env.CHROMIUM_PATH ?? installed() ?? installFromDebian() ?? installFromPlaywright(root);
}

function installed(): string | undefined {
  for (const name of INSTALLED) {
    const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout?.trim();
    if (found) return found;
  }
  return existsSync(MAC) ? MAC : undefined;
}

function installFromDebian(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync("sh", ["-c", "command -v apt-get"]).status !== 0) return undefined;
  process.stdout.write("Installing Debian's chromium …\n");
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit", env: environment });
  spawnSync("apt-get", ["install", "-y", "-qq", "chromium"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: environment,
  });
  return installed();
}

function installFromPlaywright(root: string): string | undefined {
  const cli = join(root, "node_modules", "playwright", "cli.js");
  if (spawnSync(process.execPath, [cli, "install", "chromium"], { stdio: "inherit" }).status !== 0) return undefined;
  const script = 'process.stdout.write(require("playwright").chromium.executablePath())';
  const path = spawnSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" }).stdout;
  return path && existsSync(path) ? path : undefined;
}
