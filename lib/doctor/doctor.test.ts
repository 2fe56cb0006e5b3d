import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseEnv } from "../env.ts";
import type { WireAnswer } from "../log-analytics/testing/scripted-wire.ts";
import { toInstant } from "../time/instant.ts";
import type { Check, DoctorSources } from "./check.ts";
import { DATA_CHECKS } from "./data-checks.ts";
import { connected, first, sources, WORKSPACE } from "./doctor.testing.ts";
import { runDoctor } from "./run-doctor.ts";

const failure = (status: number, code: string, message: string): WireAnswer => ({
  kind: "http",
  status,
  body: JSON.stringify({ error: { code, message } }),
});

describe("towards Azure, the first fault named is the one that was planted", () => {
  test("nothing is wrong", async () => {
    const checks = await connected();
    expect(first(checks)).toBe("none");
    expect(checks.find(({ id }) => id === "D08")?.seen).toBe("1 workspace(s) answered print 1.");
    expect(JSON.stringify(checks)).not.toContain(WORKSPACE);
  });

  const cases: readonly (readonly [string, Parameters<typeof connected>[0], RegExp])[] = [
    [
      "a name that does not resolve",
      { endpoint: "https://nowhere.invalid" },
      /^D03 fail nowhere\.invalid does not resolve/,
    ],
    ["a closed port", { endpoint: "https://localhost:1" }, /^D06 fail .*ECONNREFUSED.*Blocked at TCP/],
    ["a proxy's certificate", { trusts: false }, /^D06 fail .*NODE_EXTRA_CA_CERTS/],
    ["a clock five minutes ahead", { aheadMs: 300_000 }, /^D02 fail This host is (299|300|301) s ahead\./],
    ["401", { fault: failure(401, "AuthenticationFailed", "no") }, /^D08 fail Workspace …000001: HTTP 401.*refused/],
    [
      "403 for want of a role",
      { fault: failure(403, "InsufficientAccessError", "The provided credentials have insufficient access") },
      /^D08 fail .*Log Analytics Reader.*60 minutes/,
    ],
    [
      "403 of the network",
      { fault: failure(403, "Forbidden", "Public access is disabled. Please configure private endpoint.") },
      /^D08 fail .*refuses public queries.*private link scope/,
    ],
    [
      "403 of the audience",
      { fault: failure(403, "InvalidTokenError", "The token audience https://management.azure.com is invalid") },
      /^D08 fail .*wrong resource.*AZURE_CLOUD/,
    ],
    ["404", { fault: failure(404, "PathNotFoundError", "no such workspace") }, /^D08 fail .*GUID, not its name/],
  ];
  test.each(cases)("%s", async (_name, options, words) => {
    expect(first(await connected(options))).toMatch(words);
  });

  test("what depends on a fault is skipped and says on which", async () => {
    const checks = await connected({ endpoint: "https://localhost:1" });
    const skipped = Object.fromEntries(
      checks.filter(({ status }) => status === "skipped").map(({ id, seen }) => [id, seen]),
    );
    expect(skipped.D07).toBe("Not made because of D06: correct that first.");
    expect(skipped.D08).toBe("Not made because of D07: correct that first.");
  });

  test("an identity that may do too much is told so, and one that Resource Manager refuses is not blamed", async () => {
    const env = {
      AZURE_OPENAI_RESOURCE_IDS:
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/aoai",
    };
    const owner = await connected({
      env,
      resourceManager: { "Authorization/permissions": { value: [{ actions: ["*"] }] } },
    });
    expect(owner.find(({ id }) => id === "D09")).toMatchObject({
      status: "warn",
      seen: "On aoai this identity may change accounts, delete deployments, grant roles.",
    });
    const reader = await connected({ env });
    expect(reader.find(({ id }) => id === "D09")).toMatchObject({
      status: "skipped",
      seen: expect.stringContaining("Resource Manager does not tell this identity its own rights"),
    });
  });

  test("a misspelt variable is named with the right one", async () => {
    const checks = await connected({ variables: { LOG_ANALYTICS_WORKSPACES_ID: "x" } });
    expect(checks.find(({ id }) => id === "D01")).toMatchObject({
      status: "warn",
      seen: "LOG_ANALYTICS_WORKSPACES_ID is unknown: did you mean LOG_ANALYTICS_WORKSPACE_ID?",
    });
  });
});

describe("the workspace's data", () => {
  const NOW = toInstant("2026-11-20T12:00:00Z");
  const account = "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai";
  const row = {
    source: "usage_log",
    resource: account,
    lastRow: toInstant("2026-11-20T11:55:00Z"),
    lagP95Ms: 240_000,
    rows: 5n,
  };

  async function checked(id: string, answer: (name: string) => object) {
    const dataDir = await mkdtemp(join(tmpdir(), "doctor-"));
    const run = async (query: { name: string }) => answer(query.name);
    const { checks } = await runDoctor(
      sources({
        dataDir,
        now: () => NOW,
        env: parseEnv({ AZURE_OPENAI_RESOURCE_IDS: account }, "/"),
        logs: { run } as unknown as DoctorSources["logs"],
      }),
      DATA_CHECKS.filter((check) => check.id === id),
    );
    await rm(dataDir, { recursive: true });
    return checks[0];
  }
  const rows = (...list: readonly object[]) => ({ status: "complete", rows: list });
  const category = (name: string, withTokens: bigint, withCaller = 3n) => ({
    category: name,
    rows: 9n,
    withTokens,
    withDeployment: 9n,
    withCaller,
  });

  test("a missing table", async () => {
    const found = await checked("D10", (name) =>
      name === "last-data-diagnostics"
        ? { status: "not_connected", missing: { kind: "table", name: "AzureDiagnostics" } }
        : rows(),
    );
    expect(found).toMatchObject({ status: "fail", seen: expect.stringContaining("AzureDiagnostics is absent") });
  });

  test("missing columns, a missing category and calls by key", async () => {
    expect(await checked("D11", () => rows(category("RequestResponse", 0n)))).toMatchObject({
      status: "fail",
      seen: "RequestResponse seen, but token columns absent, and no AzureOpenAIRequestUsage.",
    });
    expect(await checked("D11", () => rows(category("AzureOpenAIRequestUsage", 9n)))).toMatchObject({
      status: "warn",
      means: "Status, latency and callers are unknown.",
    });
    expect(
      await checked("D11", () => rows(category("AzureOpenAIRequestUsage", 9n), category("RequestResponse", 9n, 0n))),
    ).toMatchObject({ status: "warn", seen: "No row names a caller: every call used an API key." });
  });

  test("late and stopped data", async () => {
    expect(await checked("D12", () => rows(row))).toMatchObject({ status: "ok" });
    expect(await checked("D12", () => rows({ ...row, lagP95Ms: 1_500_000 }))).toMatchObject({
      status: "warn",
      seen: "aoai: p95 lag 25 min",
    });
    expect(await checked("D12", () => rows({ ...row, lastRow: toInstant("2026-11-20T02:00:00Z") }))).toMatchObject({
      status: "warn",
      means: "The newest figures are missing, not small.",
    });
  });

  test("an account that sends only a part", async () => {
    expect(await checked("D13", () => rows(row))).toMatchObject({
      status: "warn",
      seen: "aoai sends no RequestResponse (last 24 h).",
    });
  });
});

describe("the daily cap and our own calls", () => {
  const warning = (capped: bigint) => ({
    operation: "Data collection Status",
    rows: 2n,
    lastAt: toInstant("2026-11-20T03:00:00Z"),
    capped,
  });
  const checked = async (id: string, given: Partial<DoctorSources>) => {
    const all = sources({ now: () => toInstant("2026-11-20T12:00:00Z"), azure: {} as never, ...given });
    const { checks } = await runDoctor(
      all,
      DATA_CHECKS.filter((check) => check.id === id),
    );
    return checks[0];
  };
  const answering = (answer: object) => ({ run: async () => answer }) as unknown as DoctorSources["logs"];

  test.each([
    [
      "a cap that was reached",
      [warning(2n)],
      "fail",
      "The daily cap was reached: Data collection Status 2 time(s), last 9 h ago.",
    ],
    ["another limit", [warning(0n)], "warn", "The workspace warns of its ingestion: Data collection Status 2"],
    ["nothing", [], "ok", "No daily cap and no limit of ingestion was reached in 31 days."],
  ])("%s", async (_name, rows, status, words) => {
    const found = await checked("D15", { logs: answering({ status: "complete", rows }) });
    expect(found?.status).toBe(status);
    expect(found?.seen).toContain(words);
  });

  test("a table that may not be read is skipped with the question to ask", async () => {
    const missing = { kind: "table", name: "_LogOperation" };
    const found = await checked("D15", { logs: answering({ status: "not_connected", missing }) });
    expect(found).toMatchObject({ status: "skipped", command: expect.stringContaining("_LogOperation") });
  });

  test.each([
    [0, "ok", ""],
    [3, "warn", "shared with somebody who asks more"],
  ])("%d answers of 429", async (throttled, status, means) => {
    const calls = new Map([["tokens", { asked: 9, upstream: 12, failed: throttled, throttled, partial: 0 }]]);
    const logs = { status: () => ({ calls, breaker: "closed", load: { mostIn30s: 7, mostAtOnce: 3 } }) };
    const metrics = { status: () => ({ upstreamCalls: 40, failedCalls: 1, refusedBatches: [] }) };
    const found = await checked("D16", { logs, metrics } as unknown as Partial<DoctorSources>);
    expect(found?.status).toBe(status);
    expect(found?.seen).toContain(
      "12 calls to Log Analytics since the start, at most 7 of 200 in 30 s and 3 of 5 at once",
    );
    expect(found?.means ?? "").toContain(means);
  });
});

test("a check that hangs is cut off, and one that throws is a failure", async () => {
  const checks: readonly Check[] = [
    { id: "D01", title: "hangs", needs: [], run: () => new Promise(() => {}) },
    {
      id: "D02",
      title: "throws",
      needs: [],
      run: async () => {
        throw new Error("It broke.");
      },
    },
  ];
  const report = await runDoctor(sources({}), checks, { checkMs: 50, allMs: 100 });
  expect(report.checks).toMatchObject([
    { status: "warn", seen: "No answer within 0.05 s." },
    { status: "fail", seen: "It broke." },
  ]);
  expect(report.status).toBe("fail");
});
