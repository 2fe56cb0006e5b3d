import { readFile } from "node:fs/promises";
import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { ManagedIdentityCredential } from "@azure/identity";
import { vi } from "vitest";
import { parseEnv } from "../env.ts";
import { startAzureLoopback } from "../log-analytics/testing/azure-loopback.ts";
import { tableBody, type WireAnswer } from "../log-analytics/testing/scripted-wire.ts";
import { toInstant } from "../time/instant.ts";
import type { CheckResult, DoctorSources } from "./check.ts";
import { CONNECTION_CHECKS } from "./connection-checks.ts";
import { runDoctor } from "./run-doctor.ts";

export const WORKSPACE = "00000000-0000-4000-8000-000000000001";
const engine: HttpClient = {
  sendRequest: async (request) => ({
    request,
    status: 200,
    headers: createHttpHeaders({ "content-type": "application/json" }),
    bodyAsText: tableBody([["print_0", "long"]], [[1]]),
  }),
};

/** The connection checks against an Azure on the loopback in which one thing is wrong. */
export async function connected(
  options: {
    readonly fault?: WireAnswer;
    readonly endpoint?: string;
    readonly trusts?: boolean;
    readonly identityHeader?: string;
    readonly aheadMs?: number;
    readonly variables?: Readonly<Record<string, string>>;
    /** What Resource Manager answers to a GET whose path holds this word; everything else is 404. */
    readonly resourceManager?: Readonly<Record<string, object>>;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<readonly CheckResult[]> {
  const { fault, trusts = true, aheadMs = 0 } = options;
  const armAnswer = (path: string): WireAnswer | null => {
    const found = Object.entries(options.resourceManager ?? {}).find(([word]) => path.includes(word));
    return found ? { kind: "http", status: 200, body: JSON.stringify(found[1]) } : null;
  };
  const azure = await startAzureLoopback({
    engine,
    metricsHttpClient: engine,
    // A HEAD only shows that the way is open; what goes wrong is the question.
    faults: (request) => (request.method === "POST" ? (fault ?? null) : armAnswer(request.path)),
  });
  const {
    LOG_ANALYTICS_ENDPOINT = "",
    IDENTITY_ENDPOINT = "",
    IDENTITY_HEADER = "",
    NODE_EXTRA_CA_CERTS = "",
  } = azure.env;
  vi.stubEnv("IDENTITY_ENDPOINT", IDENTITY_ENDPOINT);
  vi.stubEnv("IDENTITY_HEADER", options.identityHeader ?? IDENTITY_HEADER);
  const endpoint = options.endpoint ?? LOG_ANALYTICS_ENDPOINT;
  try {
    const report = await runDoctor(
      sources({
        mode: "connected",
        env: parseEnv({ LOG_ANALYTICS_WORKSPACE_ID: WORKSPACE, ...options.env }, "/"),
        variables: { IDENTITY_ENDPOINT, ...options.variables },
        now: () => toInstant(Date.now() + aheadMs),
        azure: {
          credential: new ManagedIdentityCredential({ retryOptions: { maxRetries: 0 } }),
          authorityHost: "https://login.microsoftonline.com",
          logs: endpoint,
          logsAudience: "https://api.loganalytics.io",
          resourceManager: endpoint,
          resourceManagerAudience: "https://management.azure.com",
          ...(trusts ? { ca: await readFile(NODE_EXTRA_CA_CERTS, "utf8") } : {}),
        },
      }),
      CONNECTION_CHECKS,
    );
    return report.checks;
  } finally {
    vi.unstubAllEnvs();
    await azure.close();
  }
}

/** What a test does not give is a demo without anything in it. */
export function sources(given: Partial<DoctorSources>): DoctorSources {
  return {
    mode: "demo",
    env: parseEnv({}, "/"),
    variables: {},
    now: () => toInstant(Date.now()),
    azure: undefined,
    productDir: process.cwd(),
    ledger: { sourceClocks: async () => [] },
    metrics: { status: () => ({ upstreamCalls: 0, failedCalls: 0, refusedBatches: [] }) },
    ...given,
  } as unknown as DoctorSources;
}

/** The first check that found a fault, with its words. */
export function first(checks: readonly CheckResult[]): string {
  const found = checks.find(({ id, status }) => id !== "D01" && (status === "fail" || status === "warn"));
  return found ? `${found.id} ${found.status} ${found.seen} ${found.means ?? ""} ${found.next ?? ""}` : "none";
}
