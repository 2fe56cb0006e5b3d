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

type DatedRule = {
  readonly rule: AttributionRule;
  readonly order: number;
  readonly from: number;
  readonly to: number;
};

/** Rules ready to be asked: the first one in order that matches at the time names the owner. */
export function ownerFinder(rules: readonly AttributionRule[]): (traffic: OwnedTraffic) => Owner {
  const byValue = new Map<string, DatedRule[]>();
  for (const [order, rule] of rules.entries()) {
    const key = `${rule.kind} ${rule.value.toLowerCase()}`;
    const from = rule.from === null ? Number.NEGATIVE_INFINITY : toInstant(rule.from);
    const to = rule.to === null ? Number.POSITIVE_INFINITY : toInstant(rule.to);
    const dated = { rule, order, from, to };
    if (!byValue.get(key)?.push(dated)) byValue.set(key, [dated]);
  }
  const kinds = [...new Set(rules.map((rule) => rule.kind))];
  const known = new WeakMap<Identity, Map<string, readonly DatedRule[]>>();

  /** The rules that match some traffic at any time, in order. */
  function matching(traffic: OwnedTraffic): readonly DatedRule[] {
    const { account, deployment, identity } = traffic;
    const key = `${account}/${deployment}`;
    let ofIdentity = known.get(identity);
    if (!ofIdentity) {
      ofIdentity = new Map();
      known.set(identity, ofIdentity);
    }
    const found = ofIdentity.get(key);
    if (found) return found;
    const matches = kinds
      .flatMap((kind) => byValue.get(`${kind} ${seenBy(kind, traffic).toLowerCase()}`) ?? [])
      .toSorted((a, b) => a.order - b.order);
    ofIdentity.set(key, matches);
    return matches;
  }

  return (traffic) => {
    const found = matching(traffic).find(({ from, to }) => traffic.quarterHour >= from && traffic.quarterHour < to);
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

function seenBy(kind: AttributionRule["kind"], { account, deployment, identity }: OwnedTraffic): string {
  switch (kind) {
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
