import { describe, expect, test } from "vitest";
import { toInstant } from "../time/instant.ts";
import type { AccountId, DeploymentName, Identity, IdentityId } from "../usage/usage-fact.ts";
import type { AttributionRule } from "./attribution-rule.ts";
import { ownerFinder } from "./find-owner.ts";

const RULES: readonly AttributionRule[] = [
  rule("sub", "apimSubscription", "team-checkout", "checkout"),
  rule("app", "application", "shop", "mobile"),
  rule("caller", "caller", "ab12", "risk"),
  rule("deployment", "deployment", "alpha/batch", "data"),
];

function rule(
  id: string,
  kind: AttributionRule["kind"],
  value: string,
  team: string,
  from: string | null = null,
  to: string | null = null,
): AttributionRule {
  return { id, kind, value, team, application: "", from, to };
}

function traffic(identity: Partial<Identity>, deployment = "chat", at = "2026-11-18T10:00:00Z", isEstimated = false) {
  const nobody: Identity = {
    identityId: "" as IdentityId,
    apimSubscription: "",
    apimProduct: "",
    apimUser: "",
    api: "",
    backend: "",
    callerHash: "",
    application: "",
    network: "",
    tags: {},
  };
  return {
    quarterHour: toInstant(at),
    account: "/subscriptions/x/accounts/alpha" as AccountId,
    deployment: deployment as DeploymentName,
    identity: { ...nobody, ...identity },
    isEstimated,
  };
}

describe("ownerFinder", () => {
  test.each([
    ["the subscription", traffic({ apimSubscription: "team-checkout" }), "checkout", "sub"],
    ["without regard to case", traffic({ apimSubscription: "Team-Checkout" }), "checkout", "sub"],
    [
      "the first rule that matches",
      traffic({ apimSubscription: "team-checkout", application: "shop", callerHash: "ab12" }),
      "checkout",
      "sub",
    ],
    ["the application", traffic({ application: "shop" }), "mobile", "app"],
    ["the caller's hash", traffic({ callerHash: "ab12" }), "risk", "caller"],
    ["the deployment of that account", traffic({}, "batch"), "data", "deployment"],
    ["nobody where no rule matches", traffic({ application: "other" }), "unattributed", "none"],
    ["nobody for an empty identity", traffic({}), "unattributed", "none"],
  ])("names the owner by %s", (_name, given, team, ruleId) => {
    expect(ownerFinder(RULES)(given)).toMatchObject({ team, rule: ruleId });
  });

  test.each([
    ["2026-11-18T09:45:00Z", "unattributed"],
    ["2026-11-18T10:00:00Z", "checkout"],
    ["2026-11-18T10:45:00Z", "checkout"],
    ["2026-11-18T11:00:00Z", "unattributed"],
  ])("holds a dated rule from its start to before its end: %s is %s", (at, team) => {
    const dated = [
      rule("sub", "apimSubscription", "team-checkout", "checkout", "2026-11-18T10:00:00Z", "2026-11-18T11:00:00Z"),
    ];
    expect(ownerFinder(dated)(traffic({ apimSubscription: "team-checkout" }, "chat", at)).team).toBe(team);
  });

  test("says when an owner rests on a split", () => {
    expect(ownerFinder(RULES)(traffic({ apimSubscription: "team-checkout" }, "chat", undefined, true)).confidence).toBe(
      "estimated_split",
    );
  });
});
