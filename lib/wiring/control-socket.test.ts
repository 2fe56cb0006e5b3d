import { mkdtempSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { handOver, serveControlSocket } from "./control-socket.ts";

const folder = () => mkdtempSync(join(tmpdir(), "token-ledger-control-"));

function terminal(stdin: string, signal = new AbortController().signal) {
  const written = { out: "", err: "" };
  const io = {
    stdin: (async function* () {
      yield Buffer.from(stdin);
    })(),
    out: async (text: string) => {
      written.out += text;
    },
    err: (text: string) => {
      written.err += text;
    },
    isTerminal: false,
    cwd: "/somewhere",
    signal,
  };
  return { io, written };
}

describe("a command handed over to the server", () => {
  test("sends its arguments and input, and gets output, progress and exit code back", async () => {
    const dataDir = folder();
    const server = await serveControlSocket(dataDir, async (command, args, io) => {
      let text = "";
      for await (const chunk of io.stdin) text += Buffer.from(chunk).toString("utf8");
      io.err("working\n");
      await io.out(`${command} ${args.join(" ")} in ${io.cwd}: ${text}`);
      return 1;
    });
    const { io, written } = terminal("zażółć");
    expect(await handOver(dataDir, "kql", ["print 1", "--json"], io)).toBe(1);
    expect(written).toEqual({ out: "kql print 1 --json in /somewhere: zażółć", err: "working\n" });
    server.close();
  });

  test("streams a large result whole and in order", async () => {
    const dataDir = folder();
    const server = await serveControlSocket(dataDir, async (_command, _args, io) => {
      for (let line = 0; line < 20_000; line++) await io.out(`${line}\n`);
      return 0;
    });
    const { io, written } = terminal("");
    expect(await handOver(dataDir, "report", [], io)).toBe(0);
    expect(written.out.split("\n").slice(0, -1).map(Number)).toEqual(Array.from({ length: 20_000 }, (_, line) => line));
    server.close();
  });

  test("is not handed over when nobody listens", async () => {
    expect(await handOver(folder(), "kql", [], terminal("").io)).toBeUndefined();
  });

  test("only the same user may connect", async () => {
    const dataDir = folder();
    const server = await serveControlSocket(dataDir, async () => 0);
    expect(statSync(join(dataDir, "control.sock")).mode & 0o777).toBe(0o600);
    server.close();
  });

  test("a line that is no message ends that connection and nothing else", async () => {
    const dataDir = folder();
    const server = await serveControlSocket(dataDir, async (_command, _args, io) => {
      await io.out("fine");
      return 0;
    });
    const stray = createConnection(join(dataDir, "control.sock"));
    stray.write("GET / HTTP/1.1\r\n");
    await new Promise((resolve) => stray.once("close", resolve));
    const { io, written } = terminal("");
    expect(await handOver(dataDir, "kql", [], io)).toBe(0);
    expect(written.out).toBe("fine");
    server.close();
  });

  test("learns when the person gives up", async () => {
    const dataDir = folder();
    let wasAborted = false;
    const server = await serveControlSocket(dataDir, async (_command, _args, io) => {
      await new Promise<void>((resolve) => io.signal.addEventListener("abort", () => resolve()));
      wasAborted = true;
      return 1;
    });
    const abort = new AbortController();
    const given = handOver(dataDir, "import", [], terminal("", abort.signal).io);
    setTimeout(() => abort.abort(), 50);
    expect(await given).toBe(1);
    await expect.poll(() => wasAborted).toBe(true);
    server.close();
  });
});
