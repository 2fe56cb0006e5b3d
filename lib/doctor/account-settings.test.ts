import { describe, expect, test } from "vitest";
import { judgeSettings, parseSettings } from "./account-settings.ts";

const ACCOUNT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai";
const BOTH = ["RequestResponse", "AzureOpenAIRequestUsage"];
const setting = (categories: readonly string[], workspaceId: string | null = "/w/one") => ({
  name: "s",
  properties: { workspaceId, logs: categories.map((category) => ({ category, enabled: true })) },
});
const judged = (settings: readonly object[], seen: readonly string[] = BOTH) =>
  judgeSettings(new Map([[ACCOUNT, parseSettings({ value: settings })]]), (_account, category) =>
    seen.includes(category),
  );

describe("the diagnostic settings of an account", () => {
  test.each([
    ["both categories, both seen", [setting(BOTH)], BOTH, "ok", "All 1 accounts send both categories"],
    ["no setting", [], BOTH, "warn", "does not send RequestResponse and AzureOpenAIRequestUsage"],
    ["one category", [setting(["RequestResponse"])], BOTH, "warn", "does not send AzureOpenAIRequestUsage."],
    ["a storage account only", [setting(BOTH, null)], BOTH, "warn", "does not send RequestResponse and"],
    [
      "a switched-off category",
      [{ name: "s", properties: { workspaceId: "/w", logs: [{ category: "RequestResponse", enabled: false }] } }],
      BOTH,
      "warn",
      "does not send",
    ],
    [
      "the group of all logs",
      [{ name: "s", properties: { workspaceId: "/w", logs: [{ categoryGroup: "allLogs", enabled: true }] } }],
      BOTH,
      "ok",
      "All 1",
    ],
    [
      "rows that are sent and not seen",
      [setting(BOTH)],
      ["RequestResponse"],
      "warn",
      "aoai sends AzureOpenAIRequestUsage, and no row is seen",
    ],
    ["two settings to one workspace", [setting(BOTH), setting(BOTH, "/W/ONE")], BOTH, "warn", "twice to one workspace"],
    ["two settings to two workspaces", [setting(BOTH), setting(BOTH, "/w/two")], BOTH, "ok", "All 1"],
  ] as const)("%s", (_name, settings, seen, status, words) => {
    const finding = judged(settings, seen);
    expect(finding.status).toBe(status);
    expect(finding.seen).toContain(words);
  });

  test("what may be hidden says so, with the grant that shows it", () => {
    const finding = judged([setting(BOTH)], []);
    expect(finding.means).toContain("may not read them");
    expect(finding.command).toContain("Log Analytics Reader");
  });
});
