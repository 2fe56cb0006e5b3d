import { expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { kql } from "../kql/kql.ts";
import { LogAnalyticsError } from "../log-analytics/log-analytics.ts";
import type { Runtime } from "../runtime.ts";
import { toInstant } from "../time/instant.ts";
import { loadDeploymentEvents } from "./deployment-events.ts";

const NOW = toInstant("2026-11-20T12:07:00Z");
const ACCOUNT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai";
const GATEWAY = "/subscriptions/s/resourcegroups/rg/providers/microsoft.apimanagement/service/gw";
const minute = toInstant("2026-11-20T10:05:00Z");
const operation = "ChatCompletions_Create";

function sources(run: (name: string) => unknown): Pick<Runtime, "logs" | "ledger" | "now"> {
  return {
    now: () => NOW,
    logs: { run: async (query: { name: string }) => run(query.name) },
    ledger: { sourceClocks: async () => [] },
  } as unknown as Pick<Runtime, "logs" | "ledger" | "now">;
}

const complete = (rows: readonly object[]) => ({
  status: "complete",
  rows,
  asOf: NOW,
  kql: kql`print 1`,
  executionMs: 1,
});

test("events of the deployment are grouped by who refused, and others' are left out", async () => {
  const given = sources((name) =>
    name === "rate-limit-events"
      ? complete([
          { minute, account: ACCOUNT, deployment: "chat", operation, origin: "backend", reason: "", requests: 4n },
          { minute, account: ACCOUNT, deployment: "", operation, origin: "backend", reason: "", requests: 2n },
          { minute, account: ACCOUNT, deployment: "other", operation, origin: "backend", reason: "", requests: 9n },
          {
            minute,
            account: GATEWAY,
            deployment: "chat",
            operation: "",
            origin: "gateway",
            reason: "Limit",
            requests: 3n,
          },
        ])
      : complete([
          { minute, account: ACCOUNT, deployment: "chat", operation, status: "400", proof: "possible", requests: 5n },
        ]),
  );
  const { rows, notes } = await loadDeploymentEvents(LOCAL_ADMINISTRATOR, "aoai/chat", given);
  expect(
    rows.map(({ cells }) => `${cells.what?.text} | ${cells.by?.text} | ${cells.why?.text} | ${cells.requests?.exact}`),
  ).toEqual([
    "Throttled (429) | Azure OpenAI | not told | 4",
    "Throttled (429), deployment not told | Azure OpenAI | not told | 2",
    "Throttled (429) | gateway, before any account | Limit | 3",
    "Possibly filtered (400) | Azure OpenAI | a 400 alone does not prove a filter | 5",
  ]);
  expect(notes).toHaveLength(2);
});

test("a workspace that fails is a note, and whoever sees only teams asks nothing", async () => {
  const failing = sources((name) => {
    throw new LogAnalyticsError("unavailable", { query: name, message: "It is down." });
  });
  const failed = await loadDeploymentEvents(LOCAL_ADMINISTRATOR, "aoai/chat", failing);
  expect(failed.rows).toEqual([]);
  expect(failed.notes).toContain("It is down.");
  const viewer = { ...LOCAL_ADMINISTRATOR, sees: { kind: "teams", teams: ["shop"] } } as const;
  const asked: string[] = [];
  const silent = sources((name) => asked.push(name));
  expect((await loadDeploymentEvents(viewer, "aoai/chat", silent)).rows).toEqual([]);
  expect(asked).toEqual([]);
});
