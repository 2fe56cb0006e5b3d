import { DAY_MS, MINUTE_MS, QUARTER_MS } from "./calendar.ts";
import { DEPLOYMENT_ERAS, eraIndexAt } from "./deployments.ts";
import { type Incident, type IncidentKind, incidentsOf } from "./incidents.ts";
import { WORKLOADS } from "./workloads.ts";

export type DemoOptions = {
  readonly seed: number;
  /** Epoch milliseconds; incidents sit at offsets before it. Cut to the whole minute. */
  readonly createdAt: number;
  /** How long before `createdAt` the demo begins. */
  readonly days: number;
  /** About how many calls a day; the shape stays. */
  readonly requestsPerDay: number;
};

/** Everything that a minute of the demo depends on, besides the minute. */
export type DemoTenant = DemoOptions & {
  /** Epoch milliseconds of the first call, a whole quarter hour. */
  readonly start: number;
  readonly scale: number;
  readonly incidents: Readonly<Partial<Record<IncidentKind, Incident>>>;
};

export const DEMO_DAYS = 90;
export const DEMO_REQUESTS_PER_DAY = 12_000;
export const DEMO_SEED = 20_261_121;

/** Since how long ago `RequestResponse` rows carry token counts. */
export const TOKEN_KEYS_SINCE_DAYS = 60;

/** The demo that the options describe. */
export function demoTenant(options: DemoOptions): DemoTenant {
  const createdAt = Math.floor(options.createdAt / MINUTE_MS) * MINUTE_MS;
  const start = Math.floor((createdAt - options.days * DAY_MS) / QUARTER_MS) * QUARTER_MS;
  return {
    ...options,
    createdAt,
    start,
    scale: options.requestsPerDay / WORKLOADS.reduce((sum, workload) => sum + workload.perDay, 0),
    incidents: Object.fromEntries(incidentsOf(createdAt).map((incident) => [incident.kind, incident])),
  };
}

/** Whether an incident of this demo runs at an instant. */
export function isDuring(tenant: DemoTenant, kind: IncidentKind, at: number): boolean {
  const incident = tenant.incidents[kind];
  return incident !== undefined && at >= incident.start && (incident.end === null || at < incident.end);
}

/** The era of a deployment at an instant, or the last one before it, and whether the deployment existed. */
export function eraOf(
  tenant: DemoTenant,
  account: string,
  deployment: string,
  at: number,
): { era: number; exists: boolean } {
  const era = eraIndexAt(account, deployment, at, tenant.createdAt);
  if (era !== undefined) return { era, exists: true };
  const named = DEPLOYMENT_ERAS.findIndex((known) => known.account === account && known.deployment === deployment);
  return { era: named, exists: false };
}
