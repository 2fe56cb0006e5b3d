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
  /** How long before the raw tables begin the rows of a summary rule reach; left out, there are none. */
  readonly historyDays?: number;
};

/** Everything that a minute of the demo depends on, besides the minute. */
export type DemoTenant = DemoOptions & {
  /** Epoch milliseconds of the first call, a whole quarter hour. */
  readonly start: number;
  readonly scale: number;
  readonly incidents: Readonly<Partial<Record<IncidentKind, Incident>>>;
};

export const DEMO_DAYS = 90;
/** With the raw days fourteen months. */
export const DEMO_HISTORY_DAYS = 335;
export const DEMO_REQUESTS_PER_DAY = 12_000;
export const DEMO_SEED = 20_261_121;

/** Since how long ago `RequestResponse` rows carry token counts. */
export const TOKEN_KEYS_SINCE_DAYS = 60;

/** The demo that the options describe. */
export function demoTenant(options: DemoOptions): DemoTenant {
  const createdAt = Math.floor(options.createdAt / MINUTE_MS) * MINUTE_MS;
  const start = rawStartOf({ ...options, createdAt });
  return {
    ...options,
    createdAt,
    start,
    scale: options.requestsPerDay / WORKLOADS.reduce((sum, workload) => sum + workload.perDay, 0),
    incidents: Object.fromEntries(incidentsOf(createdAt).map((incident) => [incident.kind, incident])),
  };
}

/** Epoch milliseconds of the first call in the raw tables: a whole quarter hour, and with a history a whole UTC day, as its bins are. */
export function rawStartOf({
  createdAt,
  days,
  historyDays = 0,
}: Pick<DemoOptions, "createdAt" | "days" | "historyDays">): number {
  const step = historyDays > 0 ? DAY_MS : QUARTER_MS;
  return Math.floor((createdAt - days * DAY_MS) / step) * step;
}

/** Epoch milliseconds at which the summary rows begin; the start of the raw tables where there are none. */
export function historyStartOf(tenant: DemoTenant): number {
  return tenant.start - (tenant.historyDays ?? 0) * DAY_MS;
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
