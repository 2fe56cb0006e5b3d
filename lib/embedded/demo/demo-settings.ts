import { accountId, DEMO_ACCOUNTS } from "./accounts.ts";
import { DEPLOYMENT_ERAS, eraEnd, eraStart } from "./deployments.ts";
import { DEMO_TEAMS, type DemoTeam, WORKLOADS } from "./workloads.ts";

/** A dated row of the demo's inventory, in the shape of `deployments.yaml`; instants are epoch milliseconds. */
export type DemoInventoryRow = {
  readonly account: string;
  readonly deployment: string;
  readonly sku: string;
  readonly model: string;
  readonly version: string;
  readonly region: string;
  readonly ptu: number | null;
  readonly tpm: number | null;
  readonly rpm: number | null;
  readonly spilloverTo: string | null;
  readonly from: number;
  readonly to: number | null;
};

/** What every deployment of the demo was, and when; what was there before the demo begins is dated at its beginning. */
export function demoInventory(demo: { readonly createdAt: number; readonly days: number }): DemoInventoryRow[] {
  const begin = demo.createdAt - demo.days * 86_400_000;
  return DEPLOYMENT_ERAS.map((era): DemoInventoryRow => {
    const account = DEMO_ACCOUNTS[era.account];
    const { deployment, sku, model, version, ptu, tpm, rpm, spilloverTo } = era;
    const end = eraEnd(era, demo.createdAt);
    return {
      account: accountId(account),
      deployment,
      sku,
      model,
      version,
      region: account.region,
      ptu,
      tpm,
      rpm,
      spilloverTo,
      from: Math.max(begin, eraStart(era, demo.createdAt)),
      to: Number.isFinite(end) ? end : null,
    };
  }).filter((row) => row.to === null || row.to > row.from);
}

/** An ownership rule of the demo; callers are clear object ids, hashed when the rule is saved. */
export type DemoOwnerRule = {
  readonly kind: "apimSubscription" | "caller" | "application" | "deployment";
  readonly value: string;
  readonly team: DemoTeam;
};

/** Deployments that one team has for itself: its calls with a key, and capacity that nobody uses, are its own. */
const TEAM_DEPLOYMENTS: readonly DemoOwnerRule[] = [
  { kind: "deployment", value: "aoai-prod-eus2/core-ptu", team: "checkout" },
  { kind: "deployment", value: "aoai-data-eus/nightly-batch", team: "data-platform" },
  { kind: "deployment", value: "aoai-data-eus/doc-classifier", team: "data-platform" },
];

/** The ordered rules by which the demo's owners are found: gateway subscription, application, Entra caller, deployment. */
export function demoOwners(): DemoOwnerRule[] {
  const subscriptions = DEMO_TEAMS.map(
    (team): DemoOwnerRule => ({ kind: "apimSubscription", value: `team-${team}`, team }),
  );
  const applications = new Map<string, DemoOwnerRule>();
  const callers = new Map<string, DemoOwnerRule>();
  for (const { team, path, application } of WORKLOADS) {
    if (team === null) continue;
    if (application) applications.set(application.role, { kind: "application", value: application.role, team });
    if (path.via === "entra") callers.set(path.objectId, { kind: "caller", value: path.objectId, team });
  }
  return [...subscriptions, ...applications.values(), ...callers.values(), ...TEAM_DEPLOYMENTS];
}

/** The demo's first budgets: one for everything, three teams and one deployment. */
export function demoBudgets(): readonly Readonly<Record<string, unknown>>[] {
  return [
    { name: "Azure OpenAI, whole company", scope: { kind: "everything" }, amount: "30000", period: "month" },
    { name: "Checkout", scope: { kind: "team", team: "checkout" }, amount: "1200", period: "month" },
    { name: "Search", scope: { kind: "team", team: "search" }, amount: "900", period: "month" },
    { name: "Legal", scope: { kind: "team", team: "legal" }, amount: "1500", period: "month" },
    { name: "Risk, this quarter", scope: { kind: "team", team: "risk" }, amount: "4000", period: "quarter" },
  ];
}
