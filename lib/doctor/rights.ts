import type { BillingRead, BillingReads } from "../db/billing-reads.ts";
import type { SourceClock } from "../ledger/ledger.ts";
import type { MetricsStatus } from "../metrics/metrics.ts";
import type { Runtime } from "../runtime.ts";
import type { CheckResult } from "./check.ts";

/** A right that the product's identity may have, what it gives, and whether it was seen to work. */
export type Right = {
  readonly role: string;
  readonly on: string;
  readonly isOptional: boolean;
  readonly gives: string;
  readonly without: string;
  readonly state: "works" | "does not work" | "not tried" | "not needed";
};

type RightRow = Omit<Right, "state"> & {
  readonly stateOf: (seen: Seen) => Right["state"];
};
type Seen = {
  readonly checks: readonly CheckResult[];
  readonly clocks: readonly SourceClock[];
  readonly billing: BillingReads;
  readonly metrics: Pick<MetricsStatus, "upstreamCalls" | "refusedBatches">;
};

const RIGHTS: readonly RightRow[] = [
  {
    role: "Log Analytics Reader",
    on: "each workspace",
    isOptional: false,
    gives: "requests, tokens, cost, callers, gateway and spans",
    without: "nothing but metrics can be shown",
    stateOf: ({ checks }) => byCheck(checks, "D08"),
  },
  {
    role: "Monitoring Reader",
    on: "each Azure OpenAI account",
    isOptional: true,
    gives: "429, filters and PTU use per deployment, tokens that no log row holds",
    without: "throttling per deployment is unknown and a hole in the logs lowers the cost",
    stateOf: ({ clocks }) => {
      const metrics = clocks.filter(({ source }) => source === "metric");
      if (metrics.length === 0) return "not tried";
      return metrics.some(({ state }) => state !== "connected") ? "does not work" : "works";
    },
  },
  {
    role: "Monitoring Reader",
    on: "the subscription",
    isOptional: true,
    gives: "the metrics of up to 50 accounts in one call",
    without: "each account is asked on its own: more calls, and many accounts are read less often",
    stateOf: ({ metrics }) =>
      metrics.refusedBatches.length > 0 ? "does not work" : metrics.upstreamCalls > 0 ? "works" : "not tried",
  },
  {
    role: "Reader",
    on: "each Azure OpenAI account",
    isOptional: true,
    gives:
      "deployments with SKU, model and capacity (`npm run inventory -- draft`), diagnostic settings and own rights for the checks",
    without: "deployments.yaml is written by hand; where it has no row, the cost is a range",
    stateOf: ({ checks }) => byCheck(checks, "D09"),
  },
  {
    role: "Cost Management Reader",
    on: "each subscription",
    isOptional: true,
    gives: "the bill of each night beside the estimate (`npm run reconcile -- sync`)",
    without: "the estimate is compared with the exports that somebody loads",
    stateOf: ({ billing }) => byReading(billing.costs),
  },
  {
    role: "Reservations Reader",
    on: "/providers/Microsoft.Capacity",
    isOptional: true,
    gives: "reservations of provisioned throughput and what they cost",
    without: "reservations.yaml is written by hand; what it lacks is priced by the hour",
    stateOf: ({ billing }) => byReading(billing.reservations),
  },
];

/** The rights table with what was seen of each. */
export function rightsOf(
  mode: Runtime["mode"],
  checks: readonly CheckResult[],
  clocks: readonly SourceClock[],
  { billing, metrics }: Pick<Seen, "billing" | "metrics">,
): readonly Right[] {
  return RIGHTS.map(({ stateOf, ...right }) => ({
    ...right,
    state: mode === "connected" ? stateOf({ checks, clocks, billing, metrics }) : "not needed",
  }));
}

function byCheck(checks: readonly CheckResult[], id: string): Right["state"] {
  const status = checks.find((check) => check.id === id)?.status;
  if (status === "ok") return "works";
  return status === "fail" ? "does not work" : "not tried";
}

/** Throttled and failed readings say nothing about the right. */
function byReading(read: BillingRead | null): Right["state"] {
  if (read?.state === "ok") return "works";
  return read?.state === "no_right" ? "does not work" : "not tried";
}
