import { beforeAll, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { TelemetryVariant } from "../embedded/demo/telemetry-variant.ts";
import { loadAlerts } from "../reports/load-alerts.ts";
import { loadBudgets } from "../reports/load-budgets.ts";
import { loadData } from "../reports/load-data.ts";
import { loadDeployment } from "../reports/load-deployment.ts";
import { loadDeployments } from "../reports/load-deployments.ts";
import { loadNow } from "../reports/load-now.ts";
import { loadOverview } from "../reports/load-overview.ts";
import { loadTeams } from "../reports/load-teams.ts";
import { demoReportSources } from "../reports/testing/demo-reports.ts";
import { addMs, HOUR_MS, period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { DEFAULT_PARAMS } from "../url/report-params.ts";
import { openDemoPipe } from "./demo-pipe.testing.ts";

const CREATED = toInstant("2026-11-12T12:00:00Z");
const WITHIN = period(addMs(CREATED, -20 * HOUR_MS), addMs(CREATED, -4 * HOUR_MS));
const EVERYTHING = { kind: "everything" } as const;

type Figures = {
  readonly tokens: bigint;
  readonly requests: bigint;
  readonly sources: readonly string[];
  readonly owned: bigint;
  readonly confidences: readonly string[];
  readonly clocks: readonly string[];
  readonly throttled: number;
  readonly pages: Pages;
  readonly notConnected: Readonly<Record<string, string>>;
};

async function figuresOf(variant?: TelemetryVariant): Promise<Figures> {
  const pipe = await openDemoPipe({
    createdAt: CREATED,
    days: 2,
    requestsPerDay: 400,
    zones: [UTC],
    ...(variant ? { variant } : {}),
  });
  const { ledger, ingestion } = await pipe.openFresh();
  expect((await ingestion.runCycle(CREATED)).failures).toEqual([]);
  const charges = await ledger.sumCharges({
    sees: EVERYTHING,
    period: WITHIN,
    zone: UTC,
    grain: "total",
    groupBy: ["source", "confidence"],
    filter: {},
  });
  const requests = await ledger.sumRequests({
    sees: EVERYTHING,
    period: WITHIN,
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
    hasLatency: false,
  });
  const metrics = await ledger.sumMetrics({
    sees: EVERYTHING,
    period: WITHIN,
    zone: UTC,
    grain: "total",
    series: ["requests"],
    groupBy: [],
    filter: {},
  });
  const coverage = await ledger.coverage({ sees: EVERYTHING, period: WITHIN });
  const clocks = await ledger.sourceClocks();
  const told = (key: "source" | "confidence") => {
    const withTokens = charges.filter((row) => row.inputTokens + row.cachedInputTokens + row.outputTokens > 0n);
    return [...new Set(withTokens.map((row) => row.keys[key] ?? ""))].toSorted();
  };
  const pages = await pagesOf({ ...pipe, ledger, now: CREATED });
  const figures = {
    pages,
    tokens: charges.reduce((sum, row) => sum + row.inputTokens + row.cachedInputTokens + row.outputTokens, 0n),
    requests: requests.reduce((sum, row) => sum + row.requests, 0n),
    sources: told("source"),
    owned: coverage.reduce((sum, row) => sum + row.ownedTokens, 0n),
    confidences: told("confidence"),
    clocks: [...new Set(clocks.filter(({ lastRow }) => lastRow !== null).map(({ source }) => source))].toSorted(),
    notConnected: Object.fromEntries(
      clocks.filter(({ state }) => state === "not_connected").map(({ source, failure }) => [source, failure ?? ""]),
    ),
    throttled: metrics.reduce((sum, row) => sum + (row.total ?? 0), 0),
  };
  ledger.close();
  await pipe.close();
  return figures;
}

/** What a person sees of a tenant: the ids of the gaps on Data, the texts that stand for figures, and the state of the clock. */
type Pages = {
  readonly gaps: readonly string[];
  readonly clock: string;
  readonly throttledNow: string;
  readonly throttledOfDeployment: string;
  readonly coverage: Readonly<Record<"log" | "metric" | "gateway", readonly string[]>>;
  readonly cost: string;
  readonly nowFailure: string | null;
};

/** Opens every page's loader, as a browser would; none may fail, and none may show what cannot be shown. */
async function pagesOf(options: Parameters<typeof demoReportSources>[0]): Promise<Pages> {
  const sources = await demoReportSources(options);
  const params = { ...DEFAULT_PARAMS, period: { kind: "last", days: 2 } as const };
  const who = LOCAL_ADMINISTRATOR;
  const [overview, teams, deployments, deployment, data, now] = await Promise.all([
    loadOverview(who, params, sources),
    loadTeams(who, params, sources),
    loadDeployments(who, params, sources),
    loadDeployment(who, params, "aoai-prod-eus2/chat-prod", sources),
    loadData(who, params, sources),
    loadNow(who, params, sources),
    loadBudgets(who, params, sources),
    loadAlerts(who, params, sources),
  ]);
  for (const report of [overview, teams, deployments, deployment, data, now])
    expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity|\bundefined\b|\[object/);
  await sources.close();
  const shown = (id: string) => [...new Set(data.coverage.map(({ cells }) => cells[id]?.text ?? ""))];
  const isWord = (text: string) => !/^[\d,]+$/.test(text);
  return {
    gaps: data.gaps.map(({ id }) => id.replace(/-\/.*/, "")),
    clock: data.context.clock.state,
    throttledNow: now.figures.find(({ label }) => label.startsWith("Throttled"))?.value ?? "",
    throttledOfDeployment:
      deployments.rows.find(({ id }) => id === "aoai-prod-eus2/chat-prod")?.cells.throttled?.text ?? "",
    coverage: {
      log: shown("log").filter(isWord),
      metric: shown("metric").filter(isWord),
      gateway: shown("gateway").filter(isWord),
    },
    cost: deployments.foot.cost?.text ?? "",
    nowFailure: now.failure?.happened ?? null,
  };
}

let full: Figures;
beforeAll(async () => {
  full = await figuresOf();
}, 280_000);

/** A poorer tenant's figures, after what holds for each: never more than the whole one's, and every page opens. */
async function poorer(name: TelemetryVariant): Promise<Figures> {
  const figures = await figuresOf(name);
  expect(figures.tokens).toBeGreaterThan(0n);
  expect(figures.tokens).toBeLessThanOrEqual(full.tokens);
  expect(figures.requests).toBeLessThanOrEqual(full.requests);
  expect(["current", "late"]).toContain(figures.pages.clock);
  expect(figures.pages.cost).toMatch(/\$\d/);
  return figures;
}

describe("poor tenants show what they know and say what is missing", { timeout: 280_000 }, () => {
  test("the whole one has every source connected", () => {
    expect(full.notConnected).toEqual({});
    expect(full.pages.gaps).not.toContain("no-metrics");
    expect(full.pages.throttledOfDeployment).toMatch(/%|^0$/);
  });

  test("metrics only: tokens and cost without requests, callers or an owner", async () => {
    const { sources, clocks, requests, notConnected, pages } = await poorer("metrics-only");
    expect([sources, clocks, requests]).toEqual([["metric"], ["metric"], 0n]);
    expect(notConnected.usage_log).toBe("The workspace has no table AzureDiagnostics.");
    expect(pages.gaps).toEqual(expect.arrayContaining(["no-logs", "no-gateway", "metric-only-deployments", "unowned"]));
    expect(pages.coverage.log).toEqual(["not connected"]);
    expect(pages.nowFailure).toContain("AzureDiagnostics");
  });

  test("RequestResponse only: cost as a range, throttling unknown", async () => {
    const { sources, clocks, pages } = await poorer("request-response-only");
    expect([sources, clocks]).toEqual([["request_response"], ["request_response"]]);
    expect(pages.gaps).toEqual(expect.arrayContaining(["no-metrics", "no-usage-log", "no-gateway"]));
    expect(pages.coverage.metric).toEqual(["not connected"]);
    expect([pages.throttledNow, pages.throttledOfDeployment]).toEqual(["unknown", "unknown"]);
  });

  test("no API Management: the same tokens", async () => {
    const { tokens, clocks, notConnected, pages } = await poorer("no-gateway");
    expect(tokens).toBe(full.tokens);
    expect(clocks).toEqual(["metric", "request_response", "span", "usage_log"]);
    expect(notConnected.gateway_log).toBe("The workspace has no table ApiManagementGatewayLogs.");
    expect(pages.gaps).toContain("no-gateway");
    expect(pages.coverage.gateway).toEqual(["not connected"]);
  });

  test("keys only: the same tokens, fewer of them owned", async () => {
    const { tokens, owned, pages } = await poorer("keys-only");
    expect(tokens).toBe(full.tokens);
    expect(owned).toBeLessThan(full.owned);
    expect(pages.gaps).toContain("unowned");
  });

  test("the gateway on the Basic plan: refused, and named as that", async () => {
    const { tokens, clocks, notConnected, pages } = await poorer("basic-gateway");
    expect(tokens).toBe(full.tokens);
    expect(clocks).toEqual(["metric", "request_response", "span", "usage_log"]);
    expect(notConnected.gateway_log).toContain("Basic or Auxiliary plan");
    expect(pages.gaps).toContain("gateway-basic-plan");
    expect(pages.gaps).not.toContain("no-gateway");
  });

  test("logs only: no throttling per deployment, and no remainder of the metrics", async () => {
    const { sources, throttled, notConnected, pages } = await poorer("logs-only");
    expect(throttled).toBe(0);
    expect(sources).not.toContain("metric");
    expect(notConnected.metric).toContain("does not have authorization");
    expect(pages.gaps).toContain("no-metrics");
    expect([pages.throttledNow, pages.throttledOfDeployment]).toEqual(["unknown", "unknown"]);
    expect(pages.coverage.metric).toEqual(["not connected"]);
  });

  test("two settings for one account: nothing counted twice, and the doubling is named", async () => {
    const { pages, ...figures } = await poorer("two-settings");
    expect({ ...figures, clocks: [] }).toEqual({ ...full, clocks: [], pages: undefined });
    expect(pages.gaps).toContain("two-settings");
    expect(full.pages.gaps).not.toContain("two-settings");
  });

  test("30 days of retention change nothing of the last two", async () => {
    const { pages: _pages, ...figures } = await poorer("retention-30");
    expect(figures).toEqual({ ...full, pages: undefined });
  });
});
