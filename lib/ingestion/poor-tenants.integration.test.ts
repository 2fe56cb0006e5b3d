import { describe, expect, test } from "vitest";
import { TELEMETRY_VARIANTS, type TelemetryVariant } from "../embedded/demo/telemetry-variant.ts";
import { addMs, HOUR_MS, period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
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
  readonly notConnected: Readonly<Record<string, string>>;
};

async function figuresOf(variant?: TelemetryVariant): Promise<Figures> {
  const pipe = await openDemoPipe({
    createdAt: CREATED,
    days: 2,
    requestsPerDay: 700,
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
  const figures = {
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

describe("poor tenants", () => {
  test("have the same tokens or fewer, never more, and the missing source has no clock", {
    timeout: 280_000,
  }, async () => {
    const full = await figuresOf();
    expect(full.tokens).toBeGreaterThan(0n);
    const names = Object.keys(TELEMETRY_VARIANTS) as TelemetryVariant[];
    const of = {} as Record<TelemetryVariant, Figures>;
    for (const name of names) of[name] = await figuresOf(name);

    expect({ ...of["two-settings"], clocks: [] }).toEqual({ ...full, clocks: [] });
    expect(of["retention-30"]).toEqual(full);
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

    expect(of["logs-only"].throttled).toBe(0);
    expect(of["logs-only"].sources).not.toContain("metric");
  });
});
