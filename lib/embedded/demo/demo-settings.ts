import { accountId, DEMO_ACCOUNTS } from "./accounts.ts";
import { DAY_MS } from "./calendar.ts";
import { DEPLOYMENT_ERAS, type DeploymentEra, eraEnd, eraStart } from "./deployments.ts";
import { HISTORY_ERAS, workloadStart } from "./history/history-eras.ts";
import { type DemoOptions, rawStartOf } from "./tenant.ts";
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
export function demoInventory(demo: Pick<DemoOptions, "createdAt" | "days" | "historyDays">): DemoInventoryRow[] {
  const { createdAt, days, historyDays = 0 } = demo;
  const begin = historyDays > 0 ? rawStartOf(demo) : createdAt - days * DAY_MS;
  const rows = DEPLOYMENT_ERAS.map((era) => {
    const end = eraEnd(era, createdAt);
    return inventoryRow(era, Math.max(begin, eraStart(era, createdAt)), Number.isFinite(end) ? end : null);
  });
  return [...historyRows(begin, begin - historyDays * DAY_MS), ...rows].filter(
    (row) => row.to === null || row.to > row.from,
  );
}

/** Each deployment of the history since its first workload; it goes on in the raw tables without a change of its own. */
function historyRows(begin: number, historyStart: number): DemoInventoryRow[] {
  return HISTORY_ERAS.map((era) => {
    const starts = WORKLOADS.filter(
      ({ account, deployment }) => account === era.account && deployment === era.deployment,
    ).map(({ name }) => workloadStart(name, begin, historyStart));
    return inventoryRow(
      era,
      Math.max(Math.min(...starts), era.since ?? historyStart),
      Math.min(begin, era.until ?? begin),
    );
  });
}

function inventoryRow(era: DeploymentEra, from: number, to: number | null): DemoInventoryRow {
  const account = DEMO_ACCOUNTS[era.account];
  const { deployment, sku, model, version, ptu, tpm, rpm, spilloverTo } = era;
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
    from,
    to,
  };
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
