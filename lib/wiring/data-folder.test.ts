import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../env.ts";
import { emptyFolder, FolderHeldError, lockFolder, readFolder, settleFolder } from "./data-folder.ts";

const folder = () => mkdtempSync(join(tmpdir(), "token-ledger-folder-"));

describe("the lock of a data folder", () => {
  test("a second holder is refused, and told who is first", () => {
    const dataDir = folder();
    const first = lockFolder(dataDir, "the Token Ledger server");
    expect(() => lockFolder(dataDir, "npm run import")).toThrow(FolderHeldError);
    expect(() => lockFolder(dataDir, "npm run import")).toThrow(
      `in use by the Token Ledger server (process ${process.pid}`,
    );
    first.release();
    lockFolder(dataDir, "npm run import").release();
  });

  test("a killed holder never blocks", async () => {
    const dataDir = folder();
    const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, "data-folder.ts"))};
      lockFolder(${JSON.stringify(dataDir)}, "a process about to be killed"); process.stdout.write("held"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(() => lockFolder(dataDir, "this test")).toThrow("a process about to be killed");
    child.kill("SIGKILL");
    await once(child, "exit");
    lockFolder(dataDir, "this test").release();
  });
});

describe("what a data folder is for", () => {
  test("is settled once and kept", () => {
    const dataDir = folder();
    expect(readFolder(dataDir)).toBeUndefined();
    const settled = settleFolder(dataDir, "demo");
    expect(settleFolder(dataDir, "demo")).toEqual(settled);
  });

  test("demo and real never mix", () => {
    const dataDir = folder();
    settleFolder(dataDir, "demo");
    expect(() => settleFolder(dataDir, "imported")).toThrow(ConfigurationError);
    expect(() => settleFolder(dataDir, "imported")).toThrow("holds the demo tenant and cannot also hold imported logs");
  });

  test.each([
    ["broken", "{", "folder.json cannot be read"],
    [
      "of a newer version",
      JSON.stringify({ mode: "demo", version: 99, createdAt: "2026-11-21T00:00:00Z" }),
      "a newer version",
    ],
  ])("a record that is %s is refused with a way out", (_name, text, message) => {
    const dataDir = folder();
    writeFileSync(join(dataDir, "folder.json"), text);
    expect(() => readFolder(dataDir)).toThrow(message);
  });

  test("--fresh empties a folder that nobody holds, and only that", () => {
    const dataDir = folder();
    settleFolder(dataDir, "demo");
    const lock = lockFolder(dataDir, "a server");
    expect(() => emptyFolder(dataDir)).toThrow(FolderHeldError);
    expect(readFileSync(join(dataDir, "folder.json"), "utf8")).toContain("demo");
    lock.release();
    emptyFolder(dataDir);
    expect(existsSync(dataDir)).toBe(false);
  });
});
