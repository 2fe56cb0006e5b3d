import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { type OpenedLedger, openLedger } from "../ledger/open-ledger.ts";
import { createLogAnalytics } from "../log-analytics/create-log-analytics.ts";
import { AZURE_QUERY_LIMITS } from "../log-analytics/query-limits.ts";
import {
  createScriptedWire,
  ok,
  STATIC_CREDENTIAL,
  serviceError,
  tableBody,
  type WireAnswer,
} from "../log-analytics/testing/scripted-wire.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { loadData } from "../reports/load-data.ts";
import { reportSources } from "../reports/testing/report-sources.ts";
import { toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { DEFAULT_PARAMS } from "../url/report-params.ts";
import { createIngestion } from "./ingestion.ts";
import { nothingConfigured } from "./testing/nothing-configured.ts";

const NOW = toInstant("2026-11-21T12:00:30Z");
const book = loadBundledCatalogue();
const PROBE = tableBody(
  [
    ["source", "string"],
    ["resource", "string"],
  ],
  [["usage_log", "/subscriptions/s/accounts/east"]],
);
const partialBody = (() => {
  const { tables } = JSON.parse(PROBE) as { tables: object[] };
  const error = {
    code: "PartialError",
    message: "partial",
    details: [{ code: "EngineError", message: "The query was cut off." }],
  };
  return JSON.stringify({ tables, error });
})();

let ledger: OpenedLedger;
beforeAll(async () => {
  ledger = await openLedger({ path: ":memory:", zones: [UTC], questions: () => [] });
});
afterAll(() => ledger.close());

/** One cycle against a workspace that always answers so, and what Data says afterwards. */
async function shownAfter(answer: WireAnswer) {
  const wire = createScriptedWire(() => answer);
  const logs = createLogAnalytics({
    workspaces: [{ workspaceId: "00000000-0000-4000-8000-000000000001", roles: ["logs", "gateway", "spans"] }],
    credential: STATIC_CREDENTIAL,
    httpClient: wire.httpClient,
    now: () => NOW,
    limits: {
      ...AZURE_QUERY_LIMITS,
      maxAttempts: 2,
      retryBaseMs: 1,
      retryMaxMs: 2,
      retryAfterMaxMs: 5,
      totalMs: { interactive: 300, background: 300, typed: 300, "read-back": 300 },
      governor: {
        ...AZURE_QUERY_LIMITS.governor,
        lanes: {
          ...AZURE_QUERY_LIMITS.governor.lanes,
          background: { concurrent: 8, calls: 1_000, windowMs: 1_000 },
        },
        concurrent: 8,
      },
    },
  });
  const ingestion = createIngestion({
    logs,
    ...nothingConfigured(book),
    ledger,
  });
  await ingestion.runCycle(NOW).catch(() => undefined);
  const sources = await reportSources(ledger, NOW);
  const report = await loadData(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
  await sources.close();
  const row = report.sources.find(({ id }) => id.startsWith("request_response"));
  return {
    state: row?.cells.state?.text,
    clock: report.context.clock.state,
    words: report.gaps.find(({ id }) => id.startsWith("failed-"))?.seen ?? row?.cells.failure?.text ?? "",
  };
}

const tooMany = (headers?: Record<string, string>) =>
  serviceError(429, [{ code: "TooManyRequests", message: "secret" }], headers);

describe("a workspace that answers wrongly is named on Data, in words that say what to do", () => {
  test.each<[string, WireAnswer, string, RegExp]>([
    ["429 that says when", tooMany({ "retry-after": "0" }), "failed", /HTTP 429 .*is asked again later/],
    ["429 that does not say when", tooMany(), "failed", /HTTP 429 .*shared with others/],
    ["429 that says in an hour", tooMany({ "retry-after": "3600" }), "failed", /HTTP 429/],
    [
      "500",
      serviceError(500, [{ code: "InternalServerError", message: "secret" }]),
      "failed",
      /HTTP 500 .*last good answers stay/,
    ],
    ["503 in HTML", { kind: "http", status: 503, body: "<html>secret</html>" }, "failed", /HTTP 503/],
    ["504", { kind: "http", status: 504, body: "{}" }, "failed", /more than one answer can hold|shorter period/],
    ["no connection", { kind: "network", code: "EAI_AGAIN" }, "failed", /EAI_AGAIN.*the way to it is down/],
    ["a wire that hangs", { kind: "hang" }, "failed", /no answer in time.*did not answer/],
    ["an empty 200", ok(""), "failed", /Nothing of this answer is used/],
    ["JSON that is cut", ok(PROBE.slice(0, 60)), "failed", /not JSON.*Nothing of this answer is used/],
    [
      "cells of the wrong type",
      ok(PROBE.replace("usage_log", "x").replace('"string"', '"long"')),
      "failed",
      /shape it must have/,
    ],
    ["rows of the wrong width", ok(PROBE.replace('"usage_log",', "")), "failed", /Nothing of this answer is used/],
    ["part of an answer", ok(partialBody), "failed", /known only in part|shape it must have/],
    ["401", serviceError(401, [{ code: "AuthenticationFailed", message: "secret" }]), "failed", /az login/],
    [
      "403",
      serviceError(403, [{ code: "InsufficientAccessError", message: "secret" }]),
      "failed",
      /Log Analytics Reader/,
    ],
    ["404", serviceError(404, [{ code: "PathNotFoundError", message: "secret" }]), "failed", /GUID, not its name/],
    ["204", { kind: "http", status: 204, body: "" }, "not connected", /has never received anything/],
    [
      "a table that does not exist",
      serviceError(400, [
        { code: "BadArgumentError", message: "x" },
        { code: "SEM0100", message: "Failed to resolve table or column expression named 'AzureDiagnostics'" },
      ]),
      "not connected",
      /The workspace has no table AzureDiagnostics\./,
    ],
  ])("%s", async (_name, answer, state, words) => {
    const shown = await shownAfter(answer);
    expect(shown.state).toBe(state);
    expect(shown.words).toMatch(words);
    expect(shown.words).not.toContain("secret");
    expect(shown.clock).toBe(state === "failed" ? "failed" : "empty");
  });
});
