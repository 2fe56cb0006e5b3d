import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { afterEach, describe, expect, test } from "vitest";
import { type AzureLoopback, type AzureLoopbackOptions, startAzureLoopback } from "./azure-loopback.ts";
import { tableBody } from "./scripted-wire.ts";

const WORKSPACE = "00000000-0000-4000-8000-000000000001";
const ACCOUNT = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/aoai";
const PROBE = new URL("connected-probe.ts", import.meta.url).pathname;

const answering = (body: string): HttpClient => ({
  sendRequest: async (request) => ({
    request,
    status: 200,
    headers: createHttpHeaders({ "content-type": "application/json" }),
    bodyAsText: body,
  }),
});
const engine = answering(tableBody([["calls", "long"]], [[42]]));
const metricsHttpClient = answering(
  JSON.stringify({
    timespan: "2026-11-21T09:00:00Z/2026-11-21T10:00:00Z",
    value: [
      {
        id: "x",
        type: "Microsoft.Insights/metrics",
        name: { value: "AzureOpenAIRequests", localizedValue: "" },
        unit: "Count",
        timeseries: [
          {
            metadatavalues: [{ name: { value: "modeldeploymentname" }, value: "chat-prod" }],
            data: [{ timeStamp: "2026-11-21T09:00:00Z", total: 7 }, { timeStamp: "2026-11-21T10:00:00Z" }],
          },
        ],
      },
    ],
  }),
);

let azure: AzureLoopback | undefined;
afterEach(() => azure?.close());

async function probe(
  credential: "default" | "managed",
  concurrent: number,
  options: Partial<AzureLoopbackOptions> = {},
  env: Record<string, string> = {},
) {
  azure = await startAzureLoopback({ engine, metricsHttpClient, ...options });
  const args = ["--conditions=react-server", PROBE, credential, WORKSPACE, ACCOUNT, String(concurrent)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { NODE_ENV: "test", PATH: process.env.PATH, HOME: process.env.HOME, ...azure.env, ...env },
    timeout: 25_000,
  });
  const queries = azure.requests.filter((request) => request.path.includes("/query"));
  return { result: JSON.parse(stdout), queries, loopback: azure };
}

describe("connected mode over the network", () => {
  test("200 identical questions at once are exactly one call, with one token", async () => {
    const { result, queries, loopback } = await probe("default", 200);
    expect(result.answers).toHaveLength(200);
    expect(new Set(result.answers.map((answer: { status: string }) => answer.status))).toEqual(new Set(["complete"]));
    expect(result.answers[0].rows).toEqual([{ calls: 42 }]);
    expect(queries).toHaveLength(1);
    expect(queries[0]?.path).toBe(`/v1/workspaces/${WORKSPACE}/query`);
    expect(result.series).toMatchObject({
      status: "complete",
      series: [
        {
          metricName: "AzureOpenAIRequests",
          dimensions: { ModelDeploymentName: "chat-prod" },
          points: [{ total: 7 }, { total: null }],
        },
      ],
    });
    const resources = loopback.tokenRequests.map((request) =>
      new URL(request.path, "http://x").searchParams.get("resource"),
    );
    expect(resources).toEqual(["https://api.loganalytics.io", "https://management.azure.com/"]);
  });

  test("a managed identity asked for by name works as well", async () => {
    const { result } = await probe("managed", 1);
    expect(result.answers).toMatchObject([{ status: "complete", rows: [{ calls: 42 }] }]);
  });

  test("a 429, a torn connection and a torn body on the way are asked again", async () => {
    const { result, queries } = await probe("managed", 3, {
      faults: (request, index) =>
        (
          [
            { kind: "http", status: 429, body: "{}", headers: { "retry-after": "0" } },
            { kind: "network", code: "ECONNRESET" },
            { kind: "http", status: 200, body: '{"tables":[{"na' },
          ] as const
        )[request.path.includes("/query") ? index : 9] ?? null,
    });
    expect(result.answers.every((answer: { status: string }) => answer.status === "complete")).toBe(true);
    expect(queries).toHaveLength(4);
    expect(result.calls).toMatchObject({ asked: 3, upstream: 4, failed: 3, throttled: 1 });
  });

  test("a wrong identity is named, and no viewer waits for ever", async () => {
    const { result } = await probe("managed", 1, {}, { IDENTITY_HEADER: "wrong" });
    expect(result.answers[0].failed).toMatch(/no token could be had.*managed identity/s);
  });
});
