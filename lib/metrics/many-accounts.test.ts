import { describe, expect, test } from "vitest";
import { type MeteredAccounts, readMetricMinutes, readMetricTokens } from "../ingestion/read-metrics.ts";
import { createScriptedWire, STATIC_CREDENTIAL, type WireAnswer } from "../log-analytics/testing/scripted-wire.ts";
import { period, toInstant } from "../time/instant.ts";
import type { AccountId } from "../usage/usage-fact.ts";
import { createMetrics } from "./create-metrics.ts";
import { AZURE_METRIC_LIMITS } from "./metric-limits.ts";

const NOW = toInstant("2026-11-21T12:00:30Z");
const HOUR = period(toInstant("2026-11-21T10:00:00Z"), toInstant("2026-11-21T11:00:00Z"));
const REGIONS = ["eastus2", "swedencentral", "westus3", "japaneast"];

/** 40 accounts in four regions and two subscriptions; 500 deployments, 12 or 13 to an account. */
const ACCOUNTS = Array.from({ length: 40 }, (_, index) => ({
  id: `/subscriptions/4d2c7e5a-91b3-4f08-8c6d-2a7f1e0b9c3${index % 2}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai-${index}`,
  region: REGIONS[Math.floor(index / 2) % REGIONS.length] ?? "",
  deployments: Array.from({ length: index % 2 === 0 ? 13 : 12 }, (_one, at) => `deployment-${index}-${at}`),
}));
const metered: MeteredAccounts = {
  ids: ACCOUNTS.map(({ id }) => id as AccountId),
  regionOf: (account) => ACCOUNTS.find(({ id }) => id === account)?.region,
};

/** What the service answers for one account: a point per deployment, cut at `top` series as the service cuts. */
function valuesOf(account: (typeof ACCOUNTS)[number], names: readonly string[], top: number): object[] {
  return names.map((name) => ({
    id: `${account.id}/${name}`,
    type: "Microsoft.Insights/metrics",
    name: { value: name, localizedValue: name },
    unit: "Count",
    timeseries: account.deployments.slice(0, top).map((deployment) => ({
      metadatavalues: [{ name: { value: "modeldeploymentname", localizedValue: "x" }, value: deployment }],
      data: [{ timeStamp: "2026-11-21T10:15:00Z", total: 10, average: 10 }],
    })),
  }));
}

function metricsOver(options: {
  readonly isBatchAllowed: (region: string) => boolean;
  readonly top?: number;
  readonly leavesOut?: string;
}) {
  const wire = createScriptedWire((request): WireAnswer => {
    const url = new URL(request.url);
    const names = (url.searchParams.get("metricnames") ?? "").split(",");
    const top = Number(url.searchParams.get("top") ?? 10);
    if (url.hostname.endsWith("metrics.monitor.azure.com")) {
      if (!options.isBatchAllowed(url.hostname.split(".")[0] ?? ""))
        return {
          kind: "http",
          status: 403,
          body: JSON.stringify({ error: { code: "AuthorizationFailed", message: "" } }),
        };
      const wanted: readonly string[] = JSON.parse(String(request.body)).resourceids;
      const values = ACCOUNTS.filter(({ id }) => wanted.includes(id) && id !== options.leavesOut).map((account) => ({
        starttime: "2026-11-21T10:00:00Z",
        endtime: "2026-11-21T11:00:00Z",
        interval: "PT1M",
        namespace: "Microsoft.CognitiveServices/accounts",
        resourceregion: account.region,
        resourceid: account.id,
        value: valuesOf(account, names, top),
      }));
      return { kind: "http", status: 200, body: JSON.stringify({ values }) };
    }
    const account = ACCOUNTS.find(({ id }) =>
      decodeURIComponent(url.pathname).toLowerCase().includes(`${id}/providers/`),
    );
    if (!account) return { kind: "http", status: 404, body: "{}" };
    const body = { timespan: "x", value: valuesOf(account, names, top) };
    return { kind: "http", status: 200, body: JSON.stringify(body) };
  });
  const metrics = createMetrics({
    credential: STATIC_CREDENTIAL,
    httpClient: wire.httpClient,
    batch: {
      endpointOf: (region) => `https://${region}.metrics.monitor.azure.com`,
      audience: "https://metrics.monitor.azure.com",
    },
    now: () => NOW,
    limits: {
      ...AZURE_METRIC_LIMITS,
      governor: {
        ...AZURE_METRIC_LIMITS.governor,
        lanes: { metrics: { concurrent: 4, calls: 10_000, windowMs: 60_000 } },
        overall: { calls: 10_000, windowMs: 60_000 },
      },
      ...(options.top ? { top: options.top } : {}),
    },
  });
  return { metrics, wire };
}

const deploymentsOf = (minutes: readonly { readonly account: string; readonly deployment: string }[]) =>
  new Set(minutes.map((row) => `${row.account}/${row.deployment}`)).size;

describe("500 deployments in 40 accounts", () => {
  test("are read in 8 groups of region and subscription: 32 calls for every series, 8 for the tokens", async () => {
    const { metrics, wire } = metricsOver({ isBatchAllowed: () => true });
    const { minutes, failures } = await readMetricMinutes(metrics, metered, HOUR, "PT1M");
    expect(failures).toEqual([]);
    expect(deploymentsOf(minutes)).toBe(500);
    expect(wire.requests).toHaveLength(8 * 4);
    expect(new URL(wire.requests[0]?.url ?? "").searchParams.get("top")).toBe("1000");
    expect((await readMetricTokens(metrics, metered, HOUR))?.length).toBe(500);
    expect(wire.requests).toHaveLength(8 * 5);
  });

  test("whose subscriptions may not be read are read one by one, without asking the group again", async () => {
    const { metrics, wire } = metricsOver({ isBatchAllowed: () => false });
    expect((await readMetricTokens(metrics, metered, HOUR))?.length).toBe(500);
    expect(wire.requests).toHaveLength(8 + 40);
    expect(metrics.status().refusedBatches).toHaveLength(8);
    expect((await readMetricTokens(metrics, metered, HOUR))?.length).toBe(500);
    expect(wire.requests).toHaveLength(8 + 40 + 40);
  });

  test("of which one region is refused: only that region is read one by one", async () => {
    const { metrics, wire } = metricsOver({ isBatchAllowed: (region) => region !== "westus3" });
    expect((await readMetricTokens(metrics, metered, HOUR))?.length).toBe(500);
    expect(wire.requests).toHaveLength(8 + 10);
  });

  test("with more series than were asked for are asked for again, never cut in silence", async () => {
    const { metrics, wire } = metricsOver({ isBatchAllowed: () => true, top: 12 });
    expect((await readMetricTokens(metrics, metered, HOUR))?.length).toBe(500);
    expect(wire.requests).toHaveLength(2 * 8);
  });

  test("of which the batch leaves one out: that one is asked on its own", async () => {
    const { metrics, wire } = metricsOver({ isBatchAllowed: () => true, leavesOut: ACCOUNTS[7]?.id ?? "" });
    expect((await readMetricTokens(metrics, metered, HOUR))?.length).toBe(500);
    expect(wire.requests).toHaveLength(8 + 1);
  });

  test("without known regions are asked one by one", async () => {
    const { metrics, wire } = metricsOver({ isBatchAllowed: () => true });
    const unknown = { ...metered, regionOf: () => undefined };
    expect((await readMetricTokens(metrics, unknown, HOUR))?.length).toBe(500);
    expect(wire.requests).toHaveLength(40);
  });
});
