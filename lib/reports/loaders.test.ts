import { afterEach, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { MetricSeriesName, SourceClock } from "../ledger/ledger.ts";
import { type LogAnalytics, LogAnalyticsError } from "../log-analytics/log-analytics.ts";
import { parseMoney } from "../money/money.ts";
import type { NowRow } from "../queries/now-by-minute.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { parseReceiptParam } from "../url/figure-ref.ts";
import { DEFAULT_PARAMS } from "../url/report-params.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import { loadCategorySlots } from "./category-slots.ts";
import { loadBadges } from "./load-badges.ts";
import { loadData } from "./load-data.ts";
import { loadDeployment } from "./load-deployment.ts";
import { loadDeployments } from "./load-deployments.ts";
import { loadMeasureReceipt } from "./load-measure-receipt.ts";
import { loadNow } from "./load-now.ts";
import { loadReceipt } from "./load-receipt.ts";
import { loadTeams } from "./load-teams.ts";
import { sourcesOr } from "./page-context.ts";
import { type FakeContent, inMemoryLedger } from "./testing/in-memory-ledger.ts";
import { reportSources } from "./testing/report-sources.ts";

const now = toInstant("2026-11-21T12:00:30Z");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function sourcesOf(content: Partial<FakeContent>) {
  const sources = await reportSources(inMemoryLedger({ now, charges: [], ...content }), now);
  closers.push(sources.close);
  return sources;
}

const clock = (change: Partial<SourceClock>): SourceClock => ({
  source: "usage_log",
  workspace: "w",
  resource: "/subscriptions/s/accounts/east",
  state: "connected",
  lastRow: now,
  watermark: now,
  dataTo: now,
  lagP50Ms: 60_000,
  lagP95Ms: 120_000,
  lagMaxMs: null,
  failure: null,
  checkedAt: now,
  ...change,
});

describe("deployments", () => {
  test("the rows add up to the foot, and what has no price is unknown, not zero", async () => {
    const sources = await sourcesOf({
      charges: [
        {
          at: toInstant("2026-11-02T00:00:00Z"),
          keys: { deployment: "east/chat" },
          cost: parseMoney("1.25"),
          tokens: 10n,
        },
        {
          at: toInstant("2026-11-03T00:00:00Z"),
          keys: { deployment: "east/chat" },
          cost: parseMoney("0.75"),
          tokens: 10n,
        },
        {
          at: toInstant("2026-11-03T00:00:00Z"),
          keys: { deployment: "east/tuned" },
          cost: parseMoney("0"),
          tokens: 7n,
          isUnpriced: true,
        },
      ],
      metrics: [
        { at: toInstant("2026-11-03T00:00:00Z"), account: "east", deployment: "chat", series: "requests", value: 200 },
        { at: toInstant("2026-11-03T00:00:00Z"), account: "east", deployment: "chat", series: "throttled", value: 5 },
      ],
      coverage: [
        {
          account: "/subscriptions/s/accounts/east" as AccountId,
          deployment: "chat" as DeploymentName,
          requests: 200n,
          requestsWithTokens: 190n,
          requestsWithOwner: 100n,
          tokens: 20n,
          pricedTokens: 20n,
          ownedTokens: 10n,
          metricOnlyTokens: 0n,
          estimatedTokens: 0n,
          requestsByLog: 190n,
          requestsByMetric: 200n,
          requestsByGateway: null,
        },
      ],
    });
    const report = await loadDeployments(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
    const cells = new Map(report.rows.map((row) => [row.id, row.cells]));
    expect(cells.get("east/chat")).toMatchObject({
      cost: { text: "$2.00", exact: "2000000000000" },
      throttled: { text: "2.5\u00a0%", state: "watch" },
      withTokens: { text: "95.0\u00a0%" },
      withOwner: { text: "50.0\u00a0%" },
    });
    expect(cells.get("east/tuned")).toMatchObject({
      cost: { text: "unknown", note: "no price" },
      throttled: { text: "unknown" },
    });
    expect(report.foot.cost).toMatchObject({ text: "$2.00", exact: "2000000000000" });
  });

  test("one deployment: the figures that are no cost open receipts whose parts add up", async () => {
    const at = toInstant("2026-11-21T03:15:00Z");
    const keys = { deployment: "east/chat" };
    const metric = (series: MetricSeriesName, value: number, label = "") => ({
      at,
      account: "east",
      deployment: "chat",
      series,
      label,
      value,
    });
    const sources = await sourcesOf({
      requests: [
        { at, keys, cause: "ok", requests: 90n, latencyMs: 1_000 },
        { at, keys, cause: "throttled", requests: 7n },
        { at, keys: { deployment: "west/other" }, cause: "ok", requests: 500n },
      ],
      metrics: [
        metric("requests", 97),
        metric("throttled", 7),
        metric("rejectedByFilter", 2, "hate"),
        metric("rejectedByFilter", 1, "violence"),
      ],
    });
    const params = { ...DEFAULT_PARAMS, period: { kind: "last", days: 1 } as const };
    const { receipts } = await loadDeployment(LOCAL_ADMINISTRATOR, params, "east/chat", sources);
    const open = async (receipt: string) => {
      const figure = parseReceiptParam(receipt);
      if (!figure || figure.isLive || !figure.measure || figure.measure === "cost") throw new Error("No such receipt.");
      const { value, parts } = await loadMeasureReceipt(
        LOCAL_ADMINISTRATOR,
        figure,
        figure.measure,
        await sourcesOr(sources),
      );
      return [value.exact, ...parts.map(({ what, exact }) => `${what} ${exact}`)];
    };
    expect(await open(receipts.requests)).toEqual(["97", "ok 90", "throttled 7"]);
    expect(await open(receipts.throttled)).toEqual(["7", "east/chat 7"]);
    expect(await open(receipts.filtered)).toEqual(["3", "east/chat · hate 2", "east/chat · violence 1"]);
  });

  test("one deployment: hours for a few days, a gap where the platform counted nothing", async () => {
    const sources = await sourcesOf({
      charges: [
        {
          at: toInstant("2026-11-21T03:15:00Z"),
          keys: { deployment: "east/chat", tokenKind: "input" },
          cost: parseMoney("1"),
          tokens: 10n,
        },
      ],
      metrics: [
        { at: toInstant("2026-11-21T03:00:00Z"), account: "east", deployment: "chat", series: "requests", value: 4 },
      ],
    });
    const params = { ...DEFAULT_PARAMS, period: { kind: "last", days: 1 } as const };
    const { charts, cost } = await loadDeployment(LOCAL_ADMINISTRATOR, params, "east/chat", sources);
    expect(cost.amount.exact).toBe("1000000000000");
    expect(charts.tokens.points.find(({ key }) => key === "2026-11-21T03:00:00.000Z")?.total?.exact).toBe("10");
    expect(charts.throttling.points.map(({ values }) => values[0]?.n)).toEqual([
      null,
      null,
      null,
      0,
      ...Array(9).fill(null),
    ]);
    expect(charts.ptu).toBeNull();
  });
});

test("teams: shares and changes, and nobody's cost is a row", async () => {
  const sources = await sourcesOf({
    charges: [
      {
        at: toInstant("2026-11-02T00:00:00Z"),
        keys: { team: "search", deployment: "east/chat" },
        cost: parseMoney("3"),
      },
      {
        at: toInstant("2026-11-02T00:00:00Z"),
        keys: { team: "unattributed", deployment: "east/chat" },
        cost: parseMoney("1"),
      },
      {
        at: toInstant("2026-10-02T00:00:00Z"),
        keys: { team: "search", deployment: "east/chat" },
        cost: parseMoney("2"),
      },
    ],
  });
  const report = await loadTeams(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
  const cells = new Map(report.rows.map((row) => [row.id, row.cells]));
  expect(cells.get("search")).toMatchObject({
    share: { text: "75.0\u00a0%" },
    change: { text: "+$1.00" },
    percent: { text: "+50.0\u00a0%" },
  });
  expect(cells.get("unattributed")).toMatchObject({
    name: { text: "Unattributed", slot: "nobody" },
    percent: { text: "new" },
  });
  expect(report.foot.cost).toMatchObject({ exact: "4000000000000" });
});

test("a name keeps its colour when later names appear", async () => {
  const old = [
    { at: toInstant("2026-09-02T00:00:00Z"), keys: { team: "search" }, cost: parseMoney("1") },
    { at: toInstant("2026-09-02T00:00:00Z"), keys: { team: "support" }, cost: parseMoney("2") },
  ];
  const newer = [...old, { at: toInstant("2026-11-02T00:00:00Z"), keys: { team: "alpha" }, cost: parseMoney("900") }];
  const before = await loadCategorySlots(inMemoryLedger({ now, charges: old }), "team", now);
  const after = await loadCategorySlots(inMemoryLedger({ now, charges: newer }), "team", now);
  for (const team of ["search", "support"]) expect(after(team)).toBe(before(team));
  expect([after("support"), after("search"), after("alpha"), after("unattributed"), after("never seen")]).toEqual([
    0,
    1,
    2,
    "nobody",
    "other",
  ]);
});

test("data: a quiet resource is not late and does not hold the clock back; one whose metrics go on does", async () => {
  const west = { resource: "/subscriptions/s/accounts/west", lastRow: toInstant("2026-11-21T08:00:00Z") };
  const metric = (lastRow: Instant) =>
    clock({ ...west, source: "metric", workspace: "metrics API", lastRow, dataTo: now, lagP95Ms: null });
  const clocks = [clock({}), clock(west), clock({ source: "span", state: "not_connected", dataTo: null })];
  const quiet = await sourcesOf({ clocks: [...clocks, metric(toInstant("2026-11-21T08:20:00Z"))] });
  const shown = await loadData(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, quiet);
  expect(shown.context.clock).toMatchObject({ state: "current", dataTo: toInstant("2026-11-21T11:58:30Z") });
  expect(shown.sources.map((row) => row.cells.state?.text)).toEqual(["ok", "quiet", "not connected", "ok"]);

  const late = await sourcesOf({ clocks: [...clocks, metric(toInstant("2026-11-21T11:58:00Z"))] });
  const held = await loadData(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, late);
  expect(held.context.clock).toMatchObject({ state: "late", dataTo: west.lastRow, late: ["usage log"] });
  expect(held.sources.map((row) => row.cells.state?.text)).toEqual(["ok", "late", "not connected", "ok"]);
});

test("badges: a deployment throttles from one in a hundred and five requests on", async () => {
  const minute = (deployment: string, series: "requests" | "throttled", value: number) => ({
    at: toInstant("2026-11-21T11:50:00Z"),
    account: "east",
    deployment,
    series,
    value,
  });
  const of = (deployment: string, requests: number, throttled: number) => [
    minute(deployment, "requests", requests),
    minute(deployment, "throttled", throttled),
  ];
  const sources = await sourcesOf({
    metrics: [...of("at-the-line", 500, 5), ...of("under-it", 501, 5), ...of("an-accident", 100, 4)],
  });
  expect(await loadBadges(LOCAL_ADMINISTRATOR, sources)).toEqual({ throttling: 1, firing: 0 });
});

describe("now", () => {
  const row = (minute: string, status: string, requests: bigint, deployment = "chat"): NowRow => ({
    minute: toInstant(minute),
    account: "/subscriptions/s/accounts/east",
    deployment,
    operation: "ChatCompletions_Create",
    streamType: "",
    status,
    requests,
    rows: 2n * requests,
    duplicates: 0n,
    buckets: [],
    counts: [],
  });

  const asking = (answer: () => Promise<unknown>): LogAnalytics =>
    // Only `run` is called, and each test says what it answers.
    ({ run: answer }) as unknown as LogAnalytics;

  test("the sentence names who throttles and since when; minutes that have not arrived are unknown", async () => {
    const sources = await sourcesOf({
      metrics: [
        { at: toInstant("2026-11-21T11:40:00Z"), account: "east", deployment: "chat", series: "throttled", value: 9 },
        { at: toInstant("2026-11-21T11:48:00Z"), account: "east", deployment: "chat", series: "throttled", value: 20 },
        { at: toInstant("2026-11-21T11:48:00Z"), account: "east", deployment: "chat", series: "requests", value: 100 },
        { at: toInstant("2026-11-21T09:30:00Z"), account: "east", deployment: "chat", series: "throttled", value: 1 },
      ],
    });
    const rows = [
      row("2026-11-21T11:48:00Z", "200", 80n),
      row("2026-11-21T11:50:00Z", "403", 2n),
      row("2026-11-21T11:50:00Z", "200", 30n, "mini"),
    ];
    const logs = asking(async () => ({ status: "complete", rows, asOf: now, kql: "T", executionMs: 1 }));
    const report = await loadNow(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, { ...sources, logs });
    const text = report.sentence.map((part) => (typeof part === "string" ? part : part.figure)).join("");
    expect(text).toBe("1 of 2 deployments throttle: east/chat, since 11:40 UTC.");
    expect(report.grid.map(({ id, cells }) => [id, cells.state?.text])).toEqual([
      ["east/chat", "failing"],
      ["east/mini", "ok"],
    ]);
    const causes = report.charts.causes.points;
    expect(causes.find(({ key }) => key === "2026-11-21T11:50:00.000Z")?.total?.exact).toBe("2");
    expect(causes.at(-1)).toMatchObject({ state: "unknown", values: [{ n: null }, {}, {}, {}, {}, {}] });
  });

  test("each headline figure opens a receipt that says the same", async () => {
    const metric = (series: "requests" | "throttled", value: number) => ({
      at: toInstant("2026-11-21T11:50:00Z"),
      account: "east",
      deployment: "chat",
      series,
      value,
    });
    const sources = await sourcesOf({ metrics: [metric("requests", 100), metric("throttled", 20)] });
    const rows = [
      row("2026-11-21T11:48:00Z", "200", 80n),
      row("2026-11-21T11:50:00Z", "403", 2n),
      row("2026-11-21T11:50:00Z", "500", 3n, "mini"),
      row("2026-11-21T11:50:00Z", "400", 4n, "mini"),
      row("2026-11-21T11:20:00Z", "403", 50n),
    ];
    const logs = asking(async () => ({ status: "complete", rows, asOf: now, kql: "T | count", executionMs: 1 }));
    const report = await loadNow(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, { ...sources, logs });
    const opened = await Promise.all(
      report.figures.map(async ({ label, receipt }) => {
        const figure = parseReceiptParam(receipt);
        if (!figure) throw new Error(`${label} has no receipt.`);
        const view = await loadReceipt(LOCAL_ADMINISTRATOR, figure, { ...sources, logs });
        if (view.kind !== "measure") throw new Error(`${label} is no cost.`);
        return [
          label,
          view.value.exact,
          view.parts.map(({ what, exact }) => `${what} ${exact}`),
          view.questions.length,
        ];
      }),
    );
    expect(opened).toEqual([
      ["Requests", "89", ["east/chat 82", "east/mini 7"], 1],
      ["Throttled (429)", "20", ["east/chat 20"], 1],
      ["Server errors", "3", ["east/mini 3"], 1],
      ["Access denied", "2", ["east/chat 2"], 1],
      ["Client errors", "4", ["east/mini 4"], 1],
      ["Latency p95", "", ["east/chat, 80 calls "], 1],
    ]);
    expect(report.figures.map(({ exact }) => exact)).toEqual(opened.map(([, exact]) => exact));
  });

  test("a workspace that refuses is a failed face with its reason, and the rest of the page stays", async () => {
    const sources = await sourcesOf({});
    const logs = asking(async () => {
      throw new LogAnalyticsError("access_denied", {
        query: "now-by-minute",
        message: "The workspace refused: 403. Grant Log Analytics Reader.",
      });
    });
    const report = await loadNow(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, { ...sources, logs });
    expect(report.failure?.happened).toContain("Grant Log Analytics Reader");
    expect(report.sentence[0]).toContain("unknown");
  });
});
