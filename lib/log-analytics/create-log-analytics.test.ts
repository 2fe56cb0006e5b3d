import { describe, expect, test } from "vitest";
import { z } from "zod";
import { kql } from "../kql/kql.ts";
import { type Instant, period, toInstant } from "../time/instant.ts";
import { createLogAnalytics } from "./create-log-analytics.ts";
import type { KqlQuery } from "./kql-query.ts";
import { type LogAnalytics, LogAnalyticsError, type QueryResult } from "./log-analytics.ts";
import { AZURE_QUERY_LIMITS, type QueryLimits } from "./query-limits.ts";
import {
  createScriptedWire,
  ok,
  type ScriptedWire,
  STATIC_CREDENTIAL,
  serviceError,
  tableBody,
  type WireAnswer,
} from "./testing/scripted-wire.ts";
import type { Workspace } from "./workspaces.ts";

type Row = { readonly at: Date | null; readonly tokens: number };
const NOW = toInstant("2026-11-21T12:00:30Z");
const DAY = period(toInstant("2026-11-20T00:00:00Z"), toInstant("2026-11-21T00:00:00Z"));
const ONE = "00000000-0000-4000-8000-000000000001";
const TWO = "00000000-0000-4000-8000-000000000002";
const tokens: KqlQuery<{ top: number }, Row> = {
  name: "tokens",
  text: () => kql`AzureDiagnostics | summarize tokens = count() by at = bin(TimeGenerated, 15m)`,
  row: z.object({ at: z.date().nullable(), tokens: z.int() }),
  splitAlignMs: 900_000,
};
const COLUMNS = [
  ["at", "datetime"],
  ["tokens", "long"],
] as const;
const oneRow = ok(tableBody(COLUMNS, [["2026-11-20T09:00:00Z", 48211]]));
const fast: QueryLimits = {
  ...AZURE_QUERY_LIMITS,
  retryBaseMs: 1,
  retryMaxMs: 2,
  staleWaitMs: 200,
  sharedFailureMs: 0,
};

function logsOver(
  wire: ScriptedWire,
  options: { limits?: Partial<QueryLimits>; workspaces?: readonly Workspace[]; now?: () => Instant } = {},
): LogAnalytics {
  return createLogAnalytics({
    workspaces: options.workspaces ?? [{ workspaceId: ONE, roles: ["logs", "gateway", "spans", "activity"] }],
    credential: STATIC_CREDENTIAL,
    httpClient: wire.httpClient,
    now: options.now ?? (() => NOW),
    limits: { ...fast, ...options.limits },
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => expect.fail("it should have failed"),
    (thrown: unknown) => thrown,
  );
  return error instanceof LogAnalyticsError ? error.code : expect.fail(`not a LogAnalyticsError: ${String(error)}`);
}

const background = { priority: "background", period: DAY } as const;
const interactive = { priority: "interactive", period: DAY } as const;
const scripted = (...answers: WireAnswer[]): ScriptedWire =>
  createScriptedWire((_request, index) => answers[Math.min(index, answers.length - 1)] ?? oneRow);

describe("rows", () => {
  test("arrive validated, with the period as the API's timespan", async () => {
    const wire = scripted(oneRow);
    const result = await logsOver(wire).run(tokens, { top: 1 }, background);
    expect(result).toMatchObject({
      status: "complete",
      asOf: NOW,
      rows: [{ at: new Date("2026-11-20T09:00:00Z"), tokens: 48211 }],
    });
    expect(wire.requests[0]?.url).toBe(`https://api.loganalytics.io/v1/workspaces/${ONE}/query`);
    expect(JSON.parse(String(wire.requests[0]?.body))).toMatchObject({
      timespan: "2026-11-20T00:00:00.000Z/2026-11-21T00:00:00.000Z",
    });
    expect(wire.requests[0]?.headers.get("prefer")).toBe("wait=180");
  });

  test("keep a null datetime null and a real 1970 as it is", async () => {
    const wire = scripted(
      ok(
        tableBody(COLUMNS, [
          [null, 1],
          ["1970-01-01T00:00:00Z", 2],
        ]),
      ),
    );
    const result = await logsOver(wire).run(tokens, { top: 1 }, background);
    expect(result).toMatchObject({
      rows: [
        { at: null, tokens: 1 },
        { at: new Date(0), tokens: 2 },
      ],
    });
  });

  test.each([
    ["a long above 2^53", [["2026-11-20T09:00:00Z", 9007199254740994]]],
    ["a text for a number", [["2026-11-20T09:00:00Z", "48211"]]],
    ["a row that is too short", [["2026-11-20T09:00:00Z"]]],
    ["a row that is none", ["oops"]],
    ["a null where none may be", [["2026-11-20T09:00:00Z", null]]],
  ])("with %s are refused as a whole", async (_name, rows) => {
    const body = JSON.stringify({
      tables: [{ name: "PrimaryResult", columns: COLUMNS.map(([name, type]) => ({ name, type })), rows }],
    });
    expect(await codeOf(logsOver(scripted(ok(body))).run(tokens, { top: 1 }, background))).toBe("malformed");
  });
});

describe("what is not there", () => {
  test("a table that does not exist is not connected", async () => {
    const wire = scripted(
      serviceError(400, [
        { code: "BadArgumentError", message: "The request had some invalid properties" },
        { code: "SemanticError", message: "A semantic error occurred." },
        {
          code: "SEM0100",
          message: "'where' operator: Failed to resolve table or column expression named 'AzureDiagnostics'",
        },
      ]),
    );
    const result = await logsOver(wire).run(tokens, { top: 1 }, background);
    expect(result).toMatchObject({ status: "not_connected", missing: { kind: "table", name: "AzureDiagnostics" } });
  });

  test("a column that does not exist is not connected", async () => {
    const wire = scripted(
      serviceError(400, [
        { code: "BadArgumentError", message: "The request had some invalid properties" },
        { code: "SEM0100", message: "'extend' operator: Failed to resolve scalar expression named 'properties_s'" },
      ]),
    );
    const result = await logsOver(wire).run(tokens, { top: 1 }, background);
    expect(result).toMatchObject({ status: "not_connected", missing: { kind: "column", name: "properties_s" } });
  });

  test("a workspace without data (204) is not connected and not zero", async () => {
    const result = await logsOver(scripted({ kind: "http", status: 204, body: "" })).run(
      tokens,
      { top: 1 },
      background,
    );
    expect(result).toMatchObject({ status: "not_connected", missing: { kind: "data" } });
  });

  test("any other 400 is our mistake, and its message does not quote the query", async () => {
    const wire = scripted(
      serviceError(400, [
        { code: "BadArgumentError", message: "The request had some invalid properties" },
        { code: "SYN0002", message: "Query could not be parsed at 'secret team'" },
      ]),
    );
    const failed = await logsOver(wire)
      .run(tokens, { top: 1 }, background)
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "invalid_query" });
    expect(String(failed)).toContain("SYN0002");
    expect(String(failed)).not.toContain("secret team");
    expect(wire.requests).toHaveLength(1);
  });
});

describe("retries", () => {
  const throttled = { code: "TooManyRequests", message: "Too many requests" };
  test.each<[string, WireAnswer]>([
    ["a 429 with seconds", serviceError(429, [throttled], { "retry-after": "0" })],
    ["a 429 with a date", serviceError(429, [throttled], { "retry-after": "Sat, 21 Nov 2026 12:00:30 GMT" })],
    ["a 429 without a header", serviceError(429, [throttled])],
    ["a 500", serviceError(500, [{ code: "InternalServerError", message: "oops" }])],
    [
      "a 503 that is a proxy's page",
      { kind: "http", status: 503, body: "<html>", headers: { "content-type": "text/html" } },
    ],
    ["a name that does not resolve for a moment", { kind: "network", code: "EAI_AGAIN" }],
    ["a connection reset", { kind: "network", code: "ECONNRESET" }],
    ["an empty 200", ok("")],
    ["half a JSON body", ok('{"tables":[{"name":"Primary')],
    ["a JSON body of another shape", ok('{"tables":null}')],
  ])("%s is asked again", async (_name, first) => {
    const wire = scripted(first, oneRow);
    const logs = logsOver(wire);
    expect(await logs.run(tokens, { top: 1 }, background)).toMatchObject({ status: "complete" });
    expect(wire.requests).toHaveLength(2);
    expect(logs.status().calls.get("tokens")).toMatchObject({ asked: 1, upstream: 2, failed: 1 });
  });

  test("a Retry-After of an hour is not slept through", async () => {
    const wire = scripted(serviceError(429, [throttled], { "retry-after": "3600" }));
    const failed = await logsOver(wire, { limits: { retryAfterMaxMs: 5 } })
      .run(tokens, { top: 1 }, background)
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "throttled", retryAfterMs: 3_600_000 });
    expect(wire.requests).toHaveLength(1);
  });

  test("a workspace that only hangs can be told from an idle one", async () => {
    const logs = logsOver(scripted({ kind: "hang" }), {
      limits: { maxAttempts: 1, totalMs: { ...fast.totalMs, background: 120 } },
    });
    expect(logs.status().waitingMs).toBe(0);
    const asked = codeOf(logs.run(tokens, { top: 1 }, { period: DAY, priority: "background" }));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(logs.status().waitingMs).toBeGreaterThan(20);
    expect(await asked).toBe("timeout");
    expect(logs.status().waitingMs).toBe(0);
  });

  test("a wire that never answers ends as a time-out", async () => {
    const wire = scripted({ kind: "hang" });
    const logs = logsOver(wire, { limits: { totalMs: { ...fast.totalMs, background: 60 } } });
    expect(await codeOf(logs.run(tokens, { top: 1 }, background))).toBe("timeout");
  });

  test.each([
    [401, "unauthenticated", 2],
    [403, "access_denied", 1],
    [404, "workspace_not_found", 1],
  ])("a %d is %s after %d calls", async (status, code, calls) => {
    const wire = scripted(serviceError(status, [{ code: "X", message: "no" }]));
    expect(await codeOf(logsOver(wire).run(tokens, { top: 1 }, background))).toBe(code);
    expect(wire.requests).toHaveLength(calls);
  });

  test("after five failures in a row the workspace is left alone", async () => {
    const wire = scripted(serviceError(500, [{ code: "InternalServerError", message: "oops" }]));
    const logs = logsOver(wire, { limits: { maxAttempts: 1 } });
    for (let index = 0; index < 5; index++) {
      expect(await codeOf(logs.run(tokens, { top: index }, background))).toBe("unavailable");
    }
    expect(await codeOf(logs.run(tokens, { top: 9 }, background))).toBe("breaker_open");
    expect(logs.status().breaker).toBe("open");
    expect(wire.requests).toHaveLength(5);
  });
});

describe("single flight and age", () => {
  test("200 identical questions at once are one call", async () => {
    const wire = scripted(oneRow);
    const logs = logsOver(wire);
    const results = await Promise.all(Array.from({ length: 200 }, () => logs.run(tokens, { top: 1 }, interactive)));
    expect(results.every((result) => result.status === "complete")).toBe(true);
    expect(wire.requests).toHaveLength(1);
    expect(logs.status().calls.get("tokens")).toMatchObject({ asked: 200, upstream: 1 });
  });

  test("an answer is served until it is too old", async () => {
    let now = NOW;
    const wire = scripted(oneRow);
    const logs = logsOver(wire, { now: () => now });
    const asked = (): Promise<QueryResult<Row>> => logs.run(tokens, { top: 1 }, { ...interactive, maxAgeMs: 15_000 });
    await asked();
    now = toInstant(NOW + 15_000);
    expect(await asked()).toMatchObject({ asOf: NOW });
    now = toInstant(NOW + 15_001);
    expect(await asked()).toMatchObject({ asOf: NOW + 15_001 });
    expect(wire.requests).toHaveLength(2);
  });

  test("a viewer keeps the older answer, with its age, while the workspace is down; the schedule does not", async () => {
    let now = NOW;
    const wire = createScriptedWire((_request, index) =>
      index === 0 ? oneRow : serviceError(500, [{ code: "X", message: "oops" }]),
    );
    const logs = logsOver(wire, { now: () => now });
    await logs.run(tokens, { top: 1 }, interactive);
    now = toInstant(NOW + 3_600_000);
    expect(await logs.run(tokens, { top: 1 }, interactive)).toMatchObject({
      status: "complete",
      asOf: NOW,
      refreshError: "unavailable",
    });
    expect(await codeOf(logs.run(tokens, { top: 1 }, background))).toBe("breaker_open");
  });

  test("one who leaves does not stop the others", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const wire = createScriptedWire(async () => {
      await gate;
      return oneRow;
    });
    const logs = logsOver(wire);
    const leaver = new AbortController();
    const left = codeOf(logs.run(tokens, { top: 1 }, { ...interactive, signal: leaver.signal }));
    const stays = logs.run(tokens, { top: 1 }, interactive);
    leaver.abort();
    expect(await left).toBe("cancelled");
    open();
    expect(await stays).toMatchObject({ status: "complete" });
  });
});

describe("answers that are too large", () => {
  const partial = ok(
    JSON.stringify({
      tables: [
        {
          name: "PrimaryResult",
          columns: COLUMNS.map(([name, type]) => ({ name, type })),
          rows: [["2026-11-20T09:00:00Z", 1]],
        },
      ],
      error: {
        code: "PartialError",
        message: "There were some errors when processing your query.",
        details: [
          {
            code: "EngineError",
            message: "Something went wrong",
            innererror: { code: "-2133196797", message: "Too many rows" },
          },
        ],
      },
    }),
  );
  const lengthOf = (body: string): number => {
    const [start = "", end = ""] = String(JSON.parse(body).timespan).split("/");
    return Date.parse(end) - Date.parse(start);
  };

  test("a partial answer is never complete", async () => {
    const { splitAlignMs: _whole, ...unsplit } = tokens;
    const result = await logsOver(scripted(partial)).run(unsplit, { top: 1 }, background);
    expect(result).toMatchObject({
      status: "partial",
      reason: "service",
      message: "Too many rows",
      rows: [{ tokens: 1 }],
    });
  });

  test.each<[string, WireAnswer]>([
    ["cut short", partial],
    ["timed out (504)", serviceError(504, [{ code: "GatewayTimeout", message: "too slow" }])],
  ])("a window that is %s is asked in halves until it fits", async (_name, tooMuch) => {
    const wire = createScriptedWire((request) => (lengthOf(String(request.body)) > 21_600_000 ? tooMuch : oneRow));
    const result = await logsOver(wire).run(tokens, { top: 1 }, background);
    expect(result).toMatchObject({ status: "complete" });
    expect(result.status === "complete" && result.rows).toHaveLength(4);
    expect(wire.requests).toHaveLength(7);
  });

  test("a window that never fits says that it is too large", async () => {
    const wire = scripted(serviceError(504, [{ code: "GatewayTimeout", message: "too slow" }]));
    expect(await codeOf(logsOver(wire).run(tokens, { top: 1 }, background))).toBe("too_large");
  });
});

describe("several workspaces", () => {
  const both: readonly Workspace[] = [
    { workspaceId: ONE, roles: ["logs"] },
    { workspaceId: TWO, roles: ["logs", "gateway"] },
  ];

  test("are asked in one call, so that duplicates across them are seen", async () => {
    const wire = scripted(oneRow);
    await logsOver(wire, { workspaces: both }).run(tokens, { top: 1 }, background);
    expect(wire.requests[0]?.url).toContain(ONE);
    expect(JSON.parse(String(wire.requests[0]?.body))).toMatchObject({ workspaces: [TWO] });
  });

  test("only those with the source are asked", async () => {
    const wire = scripted(oneRow);
    const gateway = {
      ...tokens,
      text: () => kql`ApiManagementGatewayLogs | summarize tokens = count() by at = bin(TimeGenerated, 15m)`,
    };
    await logsOver(wire, { workspaces: both }).run(gateway, { top: 1 }, background);
    expect(wire.requests[0]?.url).toContain(TWO);
    expect(JSON.parse(String(wire.requests[0]?.body))).not.toHaveProperty("workspaces");
  });

  test("one that refuses does not stop the others, and the answer says so", async () => {
    const refuses = (request: { url: string; body?: unknown }): boolean =>
      request.url.includes(TWO) || String(request.body).includes(TWO);
    const wire = createScriptedWire((request) =>
      refuses(request) ? serviceError(403, [{ code: "InsufficientAccessError", message: "no" }]) : oneRow,
    );
    const logs = logsOver(wire, { workspaces: both });
    expect(await logs.run(tokens, { top: 1 }, background)).toMatchObject({
      status: "partial",
      reason: "workspace_failed",
    });
    expect([...logs.status().failingWorkspaces]).toEqual([[TWO, "access_denied"]]);
    const before = wire.requests.length;
    await logs.run(tokens, { top: 1 }, background);
    expect(wire.requests.length - before).toBe(1);
  });
});

test("typed KQL gives status and body exactly as they came, for success and error", async () => {
  const error = serviceError(400, [{ code: "BadArgumentError", message: "line 1" }]);
  const logs = logsOver(scripted(oneRow, error));
  expect(await logs.askTyped({ text: "print 1" })).toEqual({
    status: 200,
    body: oneRow.kind === "http" ? oneRow.body : "",
  });
  expect(await logs.askTyped({ text: "print" })).toEqual({
    status: 400,
    body: error.kind === "http" ? error.body : "",
  });
});

test("at most 12 viewer questions start in a minute and the rest wait their turn", async () => {
  const wire = scripted(oneRow);
  const logs = logsOver(wire, { limits: { totalMs: { ...fast.totalMs, interactive: 300 } } });
  const numbered = (top: number) => ({ ...tokens, text: () => kql`AzureDiagnostics`, name: `n${top}` });
  const results = await Promise.allSettled(
    Array.from({ length: 15 }, (_, index) => logs.run(numbered(index), { top: index }, interactive)),
  );
  expect(wire.requests).toHaveLength(12);
  expect(results.filter((result) => result.status === "rejected")).toHaveLength(3);
});

describe("where only resources may be read", () => {
  const [EAST, WEST] = ["/subscriptions/s/accounts/east", "/subscriptions/s/accounts/west"];
  const byResource = (answer: (resource: string) => WireAnswer) => {
    const wire = createScriptedWire(({ url }) => answer(new URL(url).pathname));
    const logs = createLogAnalytics({
      workspaces: [],
      resourceIds: [EAST, WEST],
      credential: STATIC_CREDENTIAL,
      httpClient: wire.httpClient,
      now: () => NOW,
      limits: fast,
    });
    return { wire, run: () => logs.run(tokens, { top: 1 }, { period: DAY, priority: "background" }) };
  };
  const noTable = serviceError(400, [
    { code: "BadArgumentError", message: "x" },
    { code: "SEM0100", message: "Failed to resolve table or column expression named 'AzureDiagnostics'" },
  ]);
  const refusedOne = serviceError(403, [{ code: "InsufficientAccessError", message: "no" }]);

  test("each is asked for its own rows, and the rows are put together", async () => {
    const { wire, run } = byResource(() => oneRow);
    expect(await run()).toMatchObject({ status: "complete", rows: [{ tokens: 48211 }, { tokens: 48211 }] });
    expect(wire.requests.map(({ url }) => new URL(url).pathname)).toEqual([`/v1${EAST}/query`, `/v1${WEST}/query`]);
  });

  test("one without rows leaves the other, and none at all is not connected", async () => {
    const one = byResource((path) => (path.includes("west") ? noTable : oneRow));
    expect(await one.run()).toMatchObject({ status: "complete", rows: [{ tokens: 48211 }] });
    expect(await byResource(() => noTable).run()).toMatchObject({
      status: "not_connected",
      missing: { kind: "table", name: "AzureDiagnostics" },
    });
  });

  test("one that refuses makes the answer partial and is named; all of them refuse the question", async () => {
    const one = byResource((path) => (path.includes("west") ? refusedOne : oneRow));
    expect(await one.run()).toMatchObject({
      status: "partial",
      reason: "workspace_failed",
      message: "west refused; the rows of the others are shown.",
      rows: [{ tokens: 48211 }],
    });
    expect(await codeOf(byResource(() => refusedOne).run())).toBe("access_denied");
  });
});
