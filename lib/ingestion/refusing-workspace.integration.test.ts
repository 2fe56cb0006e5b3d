import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HttpClient, PipelineRequest } from "@azure/core-rest-pipeline";
import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { appendRecords, type TableRecord } from "../embedded/store/append-records.ts";
import { type EmbeddedWorkspace, openEmbeddedWorkspace } from "../embedded/workspace.ts";
import { AZURE_DIAGNOSTICS } from "../kql/tables/azure-diagnostics.ts";
import { type OpenedLedger, openLedger } from "../ledger/open-ledger.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import { EMBEDDED_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS, period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { createIngestion } from "./ingestion.ts";
import { nothingConfigured } from "./testing/nothing-configured.ts";

const EAST_ID = "00000000-0000-4000-8000-00000000000e";
const WEST_ID = "00000000-0000-4000-8000-00000000000f";
const NOW = toInstant("2026-11-12T12:00:30Z");
const book = loadBundledCatalogue();

type Name = "east" | "west";

/** A call of an account, received a minute later; the account's rows are in the workspace of its name. */
function call(account: Name, at: Instant): TableRecord {
  const properties = { modelDeploymentName: "chat", modelName: "gpt-4o", promptTokens: 10, completionTokens: 5 };
  return {
    TimeGenerated: new Date(at).toISOString(),
    ResourceProvider: "MICROSOFT.COGNITIVESERVICES",
    Category: "RequestResponse",
    OperationName: "ChatCompletions_Create",
    ResultSignature: "200",
    DurationMs: 40,
    CorrelationId: `${account}-${at}`,
    _ResourceId: `/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/${account}`,
    _TimeReceived: new Date(addMs(at, MINUTE_MS)).toISOString(),
    properties_s: JSON.stringify(properties),
  };
}

let folder: string;
let clock = NOW;
let isRefusing = false;
/** What both workspaces hold together, and what the western one holds alone. */
let both: EmbeddedWorkspace;
let western: EmbeddedWorkspace;
let ledger: OpenedLedger;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "refusing-"));
  clock = NOW;
  isRefusing = false;
  both = await openEmbeddedWorkspace({ path: ":memory:", now: () => clock });
  western = await openEmbeddedWorkspace({ path: ":memory:", now: () => clock });
  ledger = await openLedger({ path: ":memory:", zones: [UTC], questions: () => [] });
});
afterEach(async () => {
  ledger.close();
  await both.close();
  await western.close();
  await rm(folder, { recursive: true, force: true });
});

async function happen(account: Name, ...times: readonly Instant[]): Promise<void> {
  const records = times.map((at) => call(account, at));
  for (const workspace of account === "west" ? [both, western] : [both])
    await workspace.database.withConnection((connection) => appendRecords(connection, AZURE_DIAGNOSTICS, records));
}

const httpClient: HttpClient = {
  async sendRequest(request: PipelineRequest) {
    const isEast = request.url.includes(EAST_ID) || String(request.body).includes(EAST_ID);
    if (!isEast) return western.logsHttpClient.sendRequest(request);
    if (!isRefusing) return both.logsHttpClient.sendRequest(request);
    const bodyAsText = JSON.stringify({ error: { code: "InsufficientAccessError", message: "no" } });
    return { request, status: 403, headers: createHttpHeaders({ "content-type": "application/json" }), bodyAsText };
  },
};

function ingestionOf() {
  return createIngestion({
    logs: createLogAnalytics({
      workspaces: [EAST_ID, WEST_ID].map((workspaceId) => ({ workspaceId, roles: ["logs", "gateway", "spans"] })),
      credential: { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + HOUR_MS }) },
      httpClient,
      now: () => clock,
      limits: EMBEDDED_QUERY_LIMITS,
    }),
    ...nothingConfigured(book),
    ledger,
  });
}

/** Requests in the ledger by account. */
async function counted(): Promise<Readonly<Record<string, number>>> {
  const sums = await ledger.sumRequests({
    sees: { kind: "everything" },
    period: period(addMs(NOW, -20 * 24 * HOUR_MS), addMs(NOW, 10 * 24 * HOUR_MS)),
    zone: UTC,
    grain: "total",
    groupBy: ["account"],
    filter: {},
    hasLatency: false,
  });
  return Object.fromEntries(sums.map((sum) => [sum.keys.account?.split("/").at(-1) ?? "", Number(sum.requests)]));
}

const ago = (hours: number): Instant => addMs(NOW, -hours * HOUR_MS);

describe("one of two workspaces refuses", { timeout: 120_000 }, () => {
  test("the other is read on, what was known stays, and what came meanwhile is read when it answers again", async () => {
    const ingestion = ingestionOf();
    await happen("east", ago(5), ago(0.5));
    await happen("west", ago(5), ago(0.5));
    expect((await ingestion.runCycle(clock)).failures).toEqual([]);
    await ingestion.readBack(clock, () => {});
    expect(await counted()).toEqual({ east: 2, west: 2 });

    isRefusing = true;
    clock = addMs(NOW, 20 * MINUTE_MS);
    await happen("east", addMs(NOW, 5 * MINUTE_MS));
    await happen("west", addMs(NOW, 5 * MINUTE_MS), ago(0.6));
    expect((await ingestion.runCycle(clock)).failures).toEqual([]);
    expect(await counted()).toEqual({ east: 2, west: 4 });
    const failed = (await ledger.sourceClocks()).filter(({ state }) => state === "failed");
    expect(failed.map(({ resource }) => resource.split("/").at(-1))).toEqual(["east"]);
    expect(failed[0]?.failure).toMatch(/refused|Log Analytics Reader/);

    clock = addMs(NOW, 26 * HOUR_MS);
    await happen("west", addMs(NOW, 25 * HOUR_MS));
    expect((await ingestion.runCycle(clock)).failures).toEqual([]);
    expect(await counted()).toEqual({ east: 2, west: 5 });

    isRefusing = false;
    clock = addMs(clock, 6 * MINUTE_MS);
    expect((await ingestion.runCycle(clock)).failures).toEqual([]);
    expect(await counted()).toEqual({ east: 3, west: 5 });
    expect((await ledger.sourceClocks()).filter(({ state }) => state === "failed")).toEqual([]);
  });

  test("from the first look on: its history is read when it answers", async () => {
    isRefusing = true;
    const ingestion = ingestionOf();
    await happen("east", ago(200), ago(30), ago(0.5));
    await happen("west", ago(100), ago(0.5));
    expect((await ingestion.runCycle(clock)).isHistoryDue).toBe(false);
    expect((await ingestion.readBack(clock, () => {})).state).toBe("complete");
    expect(await counted()).toEqual({ west: 2 });

    isRefusing = false;
    clock = addMs(NOW, 6 * MINUTE_MS);
    expect((await ingestion.runCycle(clock)).isHistoryDue).toBe(true);
    await ingestion.readBack(clock, () => {});
    expect(await counted()).toEqual({ east: 3, west: 2 });
    clock = addMs(NOW, 7 * MINUTE_MS);
    expect((await ingestion.runCycle(clock)).isHistoryDue).toBe(false);
  });
});
