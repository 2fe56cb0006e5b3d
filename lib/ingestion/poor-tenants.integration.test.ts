import { describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { TELEMETRY_VARIANTS, type TelemetryVariant } from "../embedded/demo/telemetry-variant.ts";
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

describe("poor tenants", () => {
  test("have the same tokens or fewer, never more, and the missing source has no clock", {
    timeout: 280_000,
  }, async () => {
    const full = await figuresOf();
    expect(full.tokens).toBeGreaterThan(0n);
    const names = Object.keys(TELEMETRY_VARIANTS) as TelemetryVariant[];
    const of = {} as Record<TelemetryVariant, Figures>;
    for (const name of names) of[name] = await figuresOf(name);

    expect({ ...of["two-settings"], clocks: [], pages: [] }).toEqual({ ...full, clocks: [], pages: [] });
    expect({ ...of["retention-30"], pages: [] }).toEqual({ ...full, pages: [] });
    for (const [name, { tokens, requests }] of Object.entries(of)) {
      expect(tokens, name).toBeLessThanOrEqual(full.tokens);
      expect(requests, name).toBeLessThanOrEqual(full.requests);
      expect(tokens, name).toBeGreaterThan(0n);
    }

    expect(of["metrics-only"].sources).toEqual(["metric"]);
    expect(of["metrics-only"].clocks).toEqual(["metric"]);
    expect(of["metrics-only"].requests).toBe(0n);

    expect(of["request-response-only"].clocks).toEqual(["request_response"]);
    expect(of["request-response-only"].sources).toEqual(["request_response"]);

    expect(of["no-gateway"].clocks).toEqual(["metric", "request_response", "span", "usage_log"]);
    expect(of["no-gateway"].tokens).toBe(full.tokens);
    expect(of["keys-only"].tokens).toBe(full.tokens);
    expect(of["keys-only"].owned).toBeLessThan(full.owned);
    expect(of["basic-gateway"].tokens).toBe(full.tokens);
    expect(of["basic-gateway"].clocks).toEqual(["metric", "request_response", "span", "usage_log"]);
    expect(of["basic-gateway"].notConnected.gateway_log).toContain("Basic or Auxiliary plan");
    expect(of["no-gateway"].notConnected.gateway_log).toBe("The workspace has no table ApiManagementGatewayLogs.");
    expect(of["metrics-only"].notConnected.usage_log).toBe("The workspace has no table AzureDiagnostics.");
    expect(of["logs-only"].notConnected.metric).toContain("does not have authorization");
    expect(full.notConnected).toEqual({});

    for (const [name, { pages }] of Object.entries({ full, ...of })) {
      expect(pages.clock, name).not.toBe("empty");
      expect(pages.clock, name).not.toBe("failed");
      expect(pages.cost, name).toMatch(/\$\d/);
    }
    expect(of["logs-only"].throttled).toBe(0);
    expect(of["logs-only"].sources).not.toContain("metric");
  });
});
