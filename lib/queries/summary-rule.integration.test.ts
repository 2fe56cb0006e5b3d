import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readAnswer } from "../command-line/kql-output.ts";
import { GOLDEN_RECORDS } from "../embedded/golden-records.testing.ts";
import { appendRecords } from "../embedded/store/append-records.ts";
import { type EmbeddedWorkspace, openEmbeddedWorkspace } from "../embedded/workspace.ts";
import { LOG_ANALYTICS_TABLES } from "../kql/tables/log-analytics-tables.ts";
import { SUMMARY_COLUMNS, TOKEN_LEDGER_SUMMARY } from "../kql/tables/token-ledger-summary.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import { EMBEDDED_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import { HOUR_MS, period, toInstant } from "../time/instant.ts";
import { type SummaryRow, summaryReach, summaryRows } from "./summary-rows.ts";
import { summaryRuleQuery } from "./summary-rule.ts";

const NOW = toInstant("2026-11-22T12:00:00Z");
const EVERYTHING = { gateway: true, gatewayLlm: true, spans: true };
const BIN = period(toInstant("2026-11-20T10:00:00Z"), toInstant("2026-11-20T11:00:00Z"));
const WHOLE = period(toInstant("2026-11-20T00:00:00Z"), toInstant("2026-11-21T00:00:00Z"));

async function openWorkspace(): Promise<EmbeddedWorkspace> {
  const workspace = await openEmbeddedWorkspace({ path: ":memory:", now: () => NOW });
  await workspace.database.withConnection(async (connection) => {
    for (const table of LOG_ANALYTICS_TABLES) await appendRecords(connection, table, GOLDEN_RECORDS[table.name] ?? []);
  });
  return workspace;
}

/** What a run of the rule writes for a bin. */
async function runRule(
  workspace: EmbeddedWorkspace,
  bin: typeof BIN,
  more: { readonly name?: string; readonly modified?: string; readonly workspaceId?: string } = {},
): Promise<void> {
  const { status, body } = await workspace.engine.query({
    text: summaryRuleQuery(EVERYTHING),
    timespan: { from: bin.start, to: bin.end },
  });
  expect(status, body).toBe(200);
  const { columns, rows } = readAnswer(body);
  const records = rows.map((row) => ({
    ...Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])),
    TenantId: more.workspaceId ?? "one",
    TimeGenerated: new Date(bin.end + HOUR_MS).toISOString(),
    _RuleName: more.name ?? "token-ledger-summary",
    _RuleLastModifiedTime: more.modified ?? "2026-11-01T00:00:00Z",
    _BinSize: (bin.end - bin.start) / 60_000,
    _BinStartTime: new Date(bin.start).toISOString(),
  }));
  await workspace.database.withConnection((connection) => appendRecords(connection, TOKEN_LEDGER_SUMMARY, records));
}

function ask(workspace: EmbeddedWorkspace) {
  const logs = createLogAnalytics({
    workspaces: [{ workspaceId: "00000000-0000-4000-8000-00000000e3bd", roles: ["logs"] }],
    credential: { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + HOUR_MS }) },
    httpClient: workspace.logsHttpClient,
    now: () => NOW,
    limits: EMBEDDED_QUERY_LIMITS,
  });
  return {
    rows: async (window: typeof BIN): Promise<readonly SummaryRow[]> => {
      const result = await logs.run(summaryRows, { window }, { priority: "background" });
      if (result.status !== "complete") throw new Error(result.status);
      return result.rows;
    },
    reach: async () => {
      const result = await logs.run(summaryReach, { window: WHOLE }, { priority: "background" });
      if (result.status !== "complete") throw new Error(result.status);
      return result.rows;
    },
  };
}

describe("the query of the summary rule", () => {
  let workspace: EmbeddedWorkspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  afterAll(() => workspace.close());

  test.each([
    ["everything", EVERYTHING],
    ["no gateway", { gateway: false, gatewayLlm: false, spans: true }],
    ["only the accounts' logs", { gateway: false, gatewayLlm: false, spans: false }],
    ["a gateway without its language-model log", { gateway: true, gatewayLlm: false, spans: false }],
  ])("runs with %s, and writes only columns of its table, with their types", async (_name, sources) => {
    const { status, body } = await workspace.engine.query({
      text: summaryRuleQuery(sources),
      timespan: { from: BIN.start, to: BIN.end },
    });
    expect(status, body).toBe(200);
    const known = new Map(SUMMARY_COLUMNS.map(({ name, type }) => [name, type]));
    const { columns } = readAnswer(body);
    for (const { name, type } of columns) expect([name, type]).toEqual([name, known.get(name)]);
    if (sources === EVERYTHING) expect(columns).toHaveLength(SUMMARY_COLUMNS.length);
  });

  test("names no column that a custom table reserves and nothing that a rule may not hold", () => {
    // https://learn.microsoft.com/azure/azure-monitor/logs/summary-rules and …/create-custom-table
    const reserved = /^(TimeGenerated|TenantId|Type|Title|UniqueId|id|_ResourceId|_SubscriptionId|_IsBillable)$/i;
    for (const { name } of SUMMARY_COLUMNS) {
      expect(name).not.toMatch(reserved);
      expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_]{0,44}$/);
    }
    const text = summaryRuleQuery(EVERYTHING);
    expect(text).not.toMatch(
      /workspace\(|app\(|resource\(|adx\(|arg\(|bag_unpack|narrow|pivot|externaldata|ago\(|now\(/i,
    );
    expect(text).not.toMatch(/TimeGenerated [<>]/);
    // A user-defined function has brackets after its name.
    expect(text).not.toMatch(/let\s+\w+\s*=\s*\(/);
    expect(text).not.toContain("'''");
  });

  test("leaves a bin row also where nothing happened", async () => {
    const { body } = await workspace.engine.query({
      text: summaryRuleQuery(EVERYTHING),
      timespan: { from: toInstant("2026-01-01T00:00:00Z"), to: toInstant("2026-01-02T00:00:00Z") },
    });
    const { columns, rows } = readAnswer(body);
    const at = (name: string) => columns.findIndex((column) => column.name === name);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.[at("rowOf")]).toBe("bin");
    expect(rows[0]?.[at("rows")]).toBe(0);
  });
});

describe("what the summary tells", () => {
  let workspace: EmbeddedWorkspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  beforeEach(() =>
    workspace.database.withConnection(
      async (connection) => void (await connection.run(`DELETE FROM "${TOKEN_LEDGER_SUMMARY.name}"`)),
    ),
  );
  afterAll(() => workspace.close());
  const told = async (...without: SummaryRow["rowOf"][]) =>
    (await ask(workspace).rows(WHOLE)).filter(({ rowOf }) => rowOf !== "bin" && !without.includes(rowOf));

  test("is what the rule counted, and bins say what is told at all", async () => {
    await runRule(workspace, BIN);
    const rows = Object.groupBy(await ask(workspace).rows(WHOLE), ({ rowOf }) => rowOf);
    // Six rows of the account; c has two that are one call with the tokens of its usage row, b and d have no tokens.
    expect(rows.bin).toEqual([{ rowOf: "bin", start: BIN.start, minutes: 60n, sourceRows: 6n }]);
    const tokens = (rows.usage ?? []).map((row) =>
      row.rowOf === "usage" ? [row.source, row.prompt, row.cached, row.output] : [],
    );
    expect(tokens.toSorted()).toEqual([
      ["request_response", 10n, 0n, 5n],
      ["request_response", 7n, 0n, 1n],
      ["usage_log", 20n, 4n, 8n],
    ]);
    const requests = (rows.requests ?? []).reduce(
      (sum, row) => sum + (row.rowOf === "requests" ? row.requests : 0n),
      0n,
    );
    expect(requests).toBe(5n);
    expect(rows.gateway?.length).toBeGreaterThan(0);
    expect(rows.span?.length).toBeGreaterThan(0);
    expect(await ask(workspace).reach()).toEqual([{ from: BIN.start, to: BIN.end, bins: 1n }]);
  });

  test.each([
    ["a row that was written twice", {}, []],
    ["what the same rule wrote after a change", { modified: "2026-11-15T00:00:00Z" }, []],
    ["what a second rule wrote", { name: "a-second-rule" }, []],
    // Spans of two workspaces are those of two applications; nothing tells them from a copy.
    ["the same account in two workspaces", { workspaceId: "two" }, ["span" as const]],
  ] satisfies [string, object, SummaryRow["rowOf"][]][])("counts once %s", async (_what, again, without) => {
    await runRule(workspace, BIN);
    const once = sorted(await told(...without));
    await runRule(workspace, BIN, again);
    expect(sorted(await told(...without))).toEqual(once);
  });

  test("lets a new rule with other bins follow the old one without counting their overlap twice", async () => {
    await runRule(workspace, BIN, { modified: "2026-11-15T00:00:00Z" });
    const once = sorted(await told("gateway", "span"));
    await runRule(workspace, period(BIN.start, toInstant("2026-11-20T10:30:00Z")));
    expect(sorted(await told("gateway", "span"))).toEqual(once);
  });
});

function sorted(rows: readonly SummaryRow[]): string[] {
  return rows
    .map((row) => JSON.stringify(row, (_name, value) => (typeof value === "bigint" ? `${value}` : value)))
    .toSorted();
}
