import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS } from "./calendar.ts";
import type { DemoCall } from "./demo-call.ts";
import { DEPLOYMENT_ERAS } from "./deployments.ts";
import { generateQuarter, LONGEST_LAG_MS } from "./generate-quarter.ts";
import { demoTenant } from "./tenant.ts";
import { DEMO_TEAMS, WORKLOADS } from "./workloads.ts";

const CREATED = Date.UTC(2026, 10, 21, 1, 7);
const TENANT = demoTenant({ seed: 7, createdAt: CREATED, days: 90, requestsPerDay: 12_500 });

function callsBetween(from: number, to: number): DemoCall[] {
  const calls: DemoCall[] = [];
  for (let quarter = Math.floor(from / QUARTER_MS); quarter * QUARTER_MS < to; quarter++) {
    calls.push(...generateQuarter(TENANT, quarter));
  }
  return calls.filter((call) => call.startedAt >= from && call.startedAt < to);
}

const deploymentOf = (call: DemoCall) => DEPLOYMENT_ERAS[call.era]?.deployment;
const accountOf = (call: DemoCall) => DEPLOYMENT_ERAS[call.era]?.account;

describe("generateQuarter", () => {
  const quarter = Math.floor((CREATED - 3 * DAY_MS) / QUARTER_MS);

  it("is a pure function of the tenant and the quarter hour", () => {
    const first = generateQuarter(TENANT, quarter);
    generateQuarter(TENANT, quarter - 50);
    expect(generateQuarter(TENANT, quarter)).toEqual(first);
    expect(first.length).toBeGreaterThan(20);
  });

  it("gives other calls for another seed", () => {
    expect(generateQuarter({ ...TENANT, seed: 8 }, quarter)).not.toEqual(generateQuarter(TENANT, quarter));
  });

  it("has nothing before the demo begins", () => {
    expect(generateQuarter(TENANT, TENANT.start / QUARTER_MS - 1)).toEqual([]);
  });

  it("orders by start, numbers every call once, and ends each within a quarter hour and each record within the lag", () => {
    const calls = callsBetween(CREATED - 2 * HOUR_MS, CREATED);
    expect(new Set(calls.map((call) => call.id)).size).toBe(calls.length);
    for (const call of calls) {
      expect(call.completedAt - call.startedAt).toBeLessThan(QUARTER_MS);
      const received = Math.max(
        call.usageReceivedAt,
        call.responseReceivedAt,
        call.gatewayReceivedAt,
        call.spanReceivedAt,
      );
      expect(received - call.startedAt).toBeLessThan(LONGEST_LAG_MS);
      expect(call.cachedTokens).toBeLessThanOrEqual(call.promptTokens);
    }
  });
});

describe("the demo company", () => {
  it("has sixteen deployments or more, none named after its model, and one name in two accounts", () => {
    const names = new Set(DEPLOYMENT_ERAS.map((era) => `${era.account}/${era.deployment}`));
    expect(names.size).toBeGreaterThanOrEqual(16);
    expect(DEPLOYMENT_ERAS.filter((era) => era.deployment.includes(era.model))).toEqual([]);
    expect([...names].filter((name) => name.endsWith("/chat-prod"))).toHaveLength(2);
    expect(new Set(DEPLOYMENT_ERAS.map((era) => era.sku))).toEqual(
      new Set(["GlobalStandard", "DataZoneStandard", "Standard", "GlobalBatch", "GlobalProvisionedManaged"]),
    );
  });

  it("has eight teams, each reached by some workload, and traffic that nobody owns", () => {
    expect(DEMO_TEAMS).toHaveLength(8);
    expect(new Set(WORKLOADS.map((workload) => workload.team))).toEqual(new Set([...DEMO_TEAMS, null]));
    expect(new Set(WORKLOADS.map((workload) => workload.path.via))).toEqual(new Set(["gateway", "entra", "key"]));
  });

  it("runs over long prompts on the long-context deployment only", () => {
    const long = callsBetween(CREATED - 3 * DAY_MS, CREATED - 2 * DAY_MS).filter((call) => call.promptTokens > 272_000);
    expect(new Set(long.map(deploymentOf))).toEqual(new Set(["contracts-long"]));
  });
});

describe("incidents", () => {
  const window = (kind: keyof typeof TENANT.incidents) => {
    const incident = TENANT.incidents[kind];
    if (incident === undefined || incident.end === null) throw new Error(`${kind} has no end`);
    return { start: incident.start, end: incident.end };
  };

  it("throttles chat-prod through its quota, and only while the campaign runs", () => {
    const { start, end } = window("throttling_storm");
    const before = callsBetween(start - 2 * HOUR_MS, start).filter((call) => accountOf(call) === "aoai-prod-eus2");
    const during = callsBetween(start, end).filter(
      (call) => accountOf(call) === "aoai-prod-eus2" && deploymentOf(call) === "chat-prod",
    );
    expect(before.filter((call) => call.status === 429 && deploymentOf(call) === "chat-prod")).toEqual([]);
    const throttled = during.filter((call) => call.status === 429);
    expect(throttled.length).toBeGreaterThan(100);
    for (let minute = Math.ceil(start / MINUTE_MS); minute < Math.floor(end / MINUTE_MS); minute++) {
      const admitted = during.filter(
        (call) => Math.floor(call.startedAt / MINUTE_MS) === minute && call.status === 200,
      );
      expect(admitted.reduce((sum, call) => sum + call.promptTokens + call.outputTokens, 0)).toBeLessThanOrEqual(
        150_000,
      );
    }
  });

  it("blocks prompts of the public chat while the wave runs", () => {
    const { start, end } = window("content_filter_wave");
    const calls = callsBetween(start, end).filter((call) => deploymentOf(call) === "assistant-fast");
    const blocked = calls.filter((call) => call.outcome === "prompt_filtered");
    expect(blocked.length / calls.length).toBeGreaterThan(0.2);
    expect(blocked.every((call) => call.status === 400 && call.promptTokens === 0)).toBe(true);
  });

  it("refuses direct callers of the closed account and lets the gateway through", () => {
    const { start, end } = window("endpoint_closed");
    const calls = callsBetween(start, end).filter(
      (call) => accountOf(call) === "aoai-data-eus" && WORKLOADS[call.workload]?.operation !== "Batch_Line",
    );
    const direct = calls.filter((call) => WORKLOADS[call.workload]?.path.via !== "gateway");
    expect(direct.length).toBeGreaterThan(10);
    expect(direct.every((call) => call.status === 403)).toBe(true);
    expect(calls.filter((call) => WORKLOADS[call.workload]?.path.via === "gateway" && call.status === 403)).toEqual([]);
  });

  it("writes no resource log in the hole, while the gateway goes on", () => {
    const { start, end } = window("log_hole");
    const inside = callsBetween(start, end).filter(
      (call) => accountOf(call) === "aoai-prod-swc" && call.requestAt >= start && call.completedAt < end,
    );
    expect(inside.filter((call) => call.usageRows > 0 || call.responseRows > 0)).toEqual([]);
    expect(inside.some((call) => call.hasGateway)).toBe(true);
  });

  it("is slow in the evening, and fast before", () => {
    const { start, end } = window("slow_evening");
    const mean = (from: number, to: number) => {
      const calls = callsBetween(from, to).filter(
        (call) => accountOf(call) === "aoai-prod-swc" && deploymentOf(call) === "chat-prod" && call.status === 200,
      );
      return calls.reduce((sum, call) => sum + call.durationMs, 0) / calls.length;
    };
    expect(mean(start, end)).toBeGreaterThan(2.5 * mean(start - 4 * HOUR_MS, start));
  });

  it("spills what does not fit onto the other deployment, once each", () => {
    const calls = callsBetween(CREATED - 2 * DAY_MS, CREATED - DAY_MS);
    const refused = calls.filter((call) => deploymentOf(call) === "core-ptu" && call.status === 429);
    const spilled = calls.filter((call) => call.isSpillover);
    expect(refused.length).toBeGreaterThan(10);
    expect(spilled.length).toBe(refused.length);
    expect(new Set(spilled.map(deploymentOf))).toEqual(new Set(["core-spill"]));
  });
});
