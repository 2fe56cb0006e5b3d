import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RECEIVER } from "./loopback-receiver.ts";

/** Fixed, so that the figures on the screen can be checked: a Saturday noon late in a month. */
export const DEMO_NOW = "2026-11-21T12:00:00Z";
/** The README's picture shows the product's own tenant; everything else is told by a small one. */
const TENANT = process.env.UPDATE_SCREENSHOT === "1" ? "full" : "small";
const PORT = Number(process.env.E2E_PORT ?? 3210);
const READY_WITHIN_MS = 480_000;

/** Starts the product as a person would, on a demo tenant in a folder of its own, and waits for its figures. */
export default async function startProduct(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), "token-ledger-e2e-"));
  const server = spawn("node", ["--disable-warning=ExperimentalWarning", "scripts/start.ts", "--demo", TENANT], {
    env: {
      ...process.env,
      PORT: String(PORT),
      DATA_DIR: dataDir,
      DEMO_NOW,
      NODE_ENV: "production",
      TEST_RECEIVERS: RECEIVER,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  let hasExited = false;
  const exited = new Promise<void>((resolve) =>
    server.once("exit", () => {
      hasExited = true;
      resolve();
    }),
  );
  const stop = async () => {
    server.kill("SIGTERM");
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  };

  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && !hasExited) {
    const isReady = await fetch(`http://localhost:${PORT}/api/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) {
      process.env.PRODUCT_DATA_DIR = dataDir;
      return stop;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await stop();
  throw new Error(`The product did not become ready. It said:\n${log}`);
}
