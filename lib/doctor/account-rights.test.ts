import { describe, expect, test } from "vitest";
import { judgeRights, parsePermissions } from "./account-rights.ts";

const ACCOUNT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai";
const judged = (...roles: readonly object[]) => judgeRights(new Map([[ACCOUNT, parsePermissions({ value: roles })]]));

describe("the rights of the identity", () => {
  test.each([
    ["Reader, which may read everything", [{ actions: ["*/read"] }], "ok", "may change nothing"],
    [
      "the three rights and no more",
      [
        {
          actions: [
            "Microsoft.Insights/metrics/read",
            "microsoft.insights/DIAGNOSTICSETTINGS/read",
            "Microsoft.CognitiveServices/accounts/deployments/read",
          ],
        },
      ],
      "ok",
      "aoai",
    ],
    ["nothing at all", [], "warn", "platform metrics, what the account sends, deployments with SKU"],
    [
      "metrics only",
      [{ actions: ["Microsoft.Insights/metrics/read"] }],
      "warn",
      "may not read what the account sends, deployments",
    ],
    [
      "Contributor, which may do all but grant",
      [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] }],
      "warn",
      "may change accounts, delete deployments.",
    ],
    ["Owner", [{ actions: ["*"] }], "warn", "grant roles"],
    [
      "Reader who may call models",
      [{ actions: ["*/read"] }, { dataActions: ["Microsoft.CognitiveServices/accounts/OpenAI/*"] }],
      "warn",
      "may call models.",
    ],
    [
      "what one role takes away another still gives",
      [{ actions: ["*"], notActions: ["*/write", "*/delete"] }, { actions: ["*/read"] }],
      "ok",
      "may change nothing",
    ],
  ] as const)("%s", (_name, roles, status, words) => {
    const finding = judged(...roles);
    expect(finding.status).toBe(status);
    expect(finding.seen).toContain(words);
  });
});
