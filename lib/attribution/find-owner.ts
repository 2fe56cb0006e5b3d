import { type Instant, toInstant } from "../time/instant.ts";
import type { AccountId, DeploymentName, Identity } from "../usage/usage-fact.ts";
import type { AttributionRule } from "./attribution-rule.ts";
import { type Owner, UNATTRIBUTED } from "./charge.ts";

/** Traffic whose owner is asked for. */
export type OwnedTraffic = {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly identity: Identity;
  /** The identity itself rests on a split in proportion. */
  readonly isEstimated: boolean;
};

/** The rule id of traffic that no rule claims. */
export const NO_RULE = "none";

/** Rules ready to be asked: the first one in order that matches at the time names the owner. */
export function ownerFinder(rules: readonly AttributionRule[]): (traffic: OwnedTraffic) => Owner {
  const dated = rules.map((rule) => ({
    rule,
    value: rule.value.toLowerCase(),
    from: rule.from === null ? Number.NEGATIVE_INFINITY : toInstant(rule.from),
    to: rule.to === null ? Number.POSITIVE_INFINITY : toInstant(rule.to),
  }));
  return (traffic) => {
    const found = dated.find(
      ({ rule, value, from, to }) =>
        traffic.quarterHour >= from && traffic.quarterHour < to && seenBy(rule, traffic).toLowerCase() === value,
    );
    if (!found) {
      return { team: UNATTRIBUTED, application: traffic.identity.application, rule: NO_RULE, confidence: "default" };
    }
    return {
      team: found.rule.team,
      application: found.rule.application || traffic.identity.application,
      rule: found.rule.id,
      confidence: traffic.isEstimated ? "estimated_split" : "exact",
    };
  };
}

function seenBy(rule: AttributionRule, { account, deployment, identity }: OwnedTraffic): string {
  switch (rule.kind) {
    case "apimSubscription":
      return identity.apimSubscription;
    case "apimProduct":
      return identity.apimProduct;
    case "caller":
      return identity.callerHash;
    case "application":
      return identity.application;
    case "deployment":
      return `${account.slice(account.lastIndexOf("/") + 1)}/${deployment}`;
    case "account":
      return account.slice(account.lastIndexOf("/") + 1);
  }
}
