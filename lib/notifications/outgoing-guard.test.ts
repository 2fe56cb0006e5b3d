import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classifyAddress } from "./ip-address.ts";
import { checkTarget, type OutgoingPolicy } from "./outgoing-guard.ts";
import { postGuarded } from "./post-guarded.ts";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "hooks.example.com": ["93.184.216.34"],
  "two.example.com": ["93.184.216.34", "10.0.0.5"],
  "inside.example.com": ["10.1.2.3"],
  "loop.example.com": ["127.0.0.1"],
  "meta.example.com": ["169.254.169.254"],
  "v6.example.com": ["2606:2800:220:1::1"],
};

function policy(parts: Partial<OutgoingPolicy> = {}): OutgoingPolicy {
  return {
    resolve: async (host) => NAMES[host] ?? [],
    isAllowed: () => false,
    allowsHttp: false,
    ports: [443],
    testReceivers: [],
    ...parts,
  };
}

const REFUSED = [
  "https://127.0.0.1/",
  "https://127.1/",
  "https://127.0.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0x7f.0.0.1/",
  "https://0177.0.0.1/",
  "https://017700000001/",
  "https://127.0.0.1./",
  "https://127.255.255.254/",
  "https://0.0.0.0/",
  "https://0/",
  "https://１２７.０.０.１/",
  "https://127。0。0。1/",
  "https://[::1]/",
  "https://[::]/",
  "https://[0:0:0:0:0:0:0:1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[64:ff9b::169.254.169.254]/",
  "https://[64:ff9b:1::1]/",
  "https://[2002:7f00:1::]/",
  "https://[2002:a9fe:a9fe::1]/",
  "https://[2001::1]/",
  "https://[2001:db8::1]/",
  "https://[fe80::1]/",
  "https://[fec0::1]/",
  "https://[fc00::1]/",
  "https://[fd12:3456::1]/",
  "https://[ff02::1]/",
  "https://[100::1]/",
  "https://169.254.169.254/metadata/instance",
  "https://2852039166/",
  "https://0xa9fea9fe/",
  "https://0xA9.0xFE.0xA9.0xFE/",
  "https://0251.0376.0251.0376/",
  "https://[::ffff:a9fe:a9fe]/",
  "https://168.63.129.16/",
  "https://2822734096/",
  "https://10.0.0.1/",
  "https://10.255.255.255/",
  "https://100.64.0.1/",
  "https://100.127.255.255/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.0.1/",
  "https://192.0.0.8/",
  "https://192.0.2.1/",
  "https://198.18.0.1/",
  "https://198.19.255.255/",
  "https://198.51.100.7/",
  "https://203.0.113.7/",
  "https://224.0.0.1/",
  "https://240.0.0.1/",
  "https://255.255.255.255/",
  "https://inside.example.com/",
  "https://loop.example.com/",
  "https://meta.example.com/",
  "https://two.example.com/",
  "https://nowhere.example.com/",
  "http://hooks.example.com/",
  "ftp://hooks.example.com/",
  "file:///etc/passwd",
  "https://hooks.example.com:8443/",
  "https://user:pass@hooks.example.com/",
  "https://hooks.example.com@127.0.0.1/",
  "https:\\\\127.0.0.1\\x",
  "https://127.0.0.1#@hooks.example.com/",
  "hooks.example.com",
  "",
  `https://hooks.example.com/${"x".repeat(2_048)}`,
];

describe("checkTarget", () => {
  test.each(REFUSED)("refuses %s", async (url) => {
    expect((await checkTarget(url, policy())).ok).toBe(false);
  });

  test.each([
    ["https://hooks.example.com/x", "93.184.216.34"],
    ["https://HOOKS.example.com:443/x", "93.184.216.34"],
    ["https://v6.example.com/", "2606:2800:220:1::1"],
    ["https://8.8.8.8/", "8.8.8.8"],
    ["https://[2606:4700::1111]/", "2606:4700::1111"],
    ["https://[2002:808:808::1]/", "2002:808:808::1"],
    ["https://172.15.255.255/", "172.15.255.255"],
    ["https://172.32.0.0/", "172.32.0.0"],
  ])("lets %s through, to %s", async (url, address) => {
    expect(await checkTarget(url, policy())).toMatchObject({ ok: true, address });
  });

  test("asks the administrator's list for private addresses, never for loopback, link-local or Azure's own", async () => {
    const open = policy({ isAllowed: () => true });
    expect((await checkTarget("https://inside.example.com/", open)).ok).toBe(true);
    for (const host of ["127.0.0.1", "[::1]", "169.254.169.254", "168.63.129.16", "[fe80::1]", "[::ffff:127.0.0.1]"])
      expect((await checkTarget(`https://${host}/`, open)).ok).toBe(false);
  });

  test("lets exactly the named loopback receivers through, and only those", async () => {
    const tests = policy({ testReceivers: ["127.0.0.1:9999"] });
    expect((await checkTarget("http://127.0.0.1:9999/hook", tests)).ok).toBe(true);
    for (const url of [
      "http://127.0.0.1:9998/",
      "http://127.0.0.2:9999/",
      "http://localhost:9999/",
      "http://loop.example.com:9999/",
    ])
      expect((await checkTarget(url, tests)).ok).toBe(false);
  });
});

test("an unreadable address is forbidden", () => {
  expect(["", "1.2.3", "256.1.1.1", "::1::", "1:2:3:4:5:6:7:8:9", "g::1"].map(classifyAddress)).toEqual(
    Array.from({ length: 6 }, () => "forbidden"),
  );
});

describe("postGuarded", () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  let port = 0;
  beforeAll(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterAll(() => server.close());

  test("makes no connection to a blocked address, however it is written and whatever its name resolves to", async () => {
    const spellings = [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.1",
      "[::ffff:127.0.0.1]",
      "loop.example.com",
    ];
    for (const host of spellings)
      for (const scheme of ["http", "https"]) {
        const result = await postGuarded(
          `${scheme}://${host}:${port}/`,
          {},
          "{}",
          policy({ allowsHttp: true, ports: [port] }),
        );
        expect(result.kind).toBe("refused");
      }
    expect(connections).toBe(0);
  });

  test("connects to the address that was checked, not to what the name says a moment later", async () => {
    const answers = [["93.184.216.34"], ["127.0.0.1"]];
    let asked = 0;
    const rebinding = policy({
      allowsHttp: true,
      ports: [port],
      resolve: async () => {
        asked += 1;
        return answers[asked - 1] ?? ["127.0.0.1"];
      },
    });
    const limits = { connectMs: 100, wholeMs: 200, answerBytes: 10 };
    await postGuarded(`http://rebind.example.com:${port}/`, {}, "{}", rebinding, { limits });
    expect([asked, connections]).toEqual([1, 0]);
  });
});
