import type { SourceClock } from "../ledger/ledger.ts";
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

const RIGHTS: readonly Omit<Right, "state">[] = [
  {
    role: "Log Analytics Reader",
    on: "each workspace",
    isOptional: false,
    gives: "requests, tokens, cost, callers, gateway and spans",
    without: "nothing can be shown",
  },
  {
    role: "Monitoring Reader",
    on: "each Azure OpenAI account",
    isOptional: true,
    gives: "429, filters and PTU use per deployment, tokens that no log row holds",
    without: "throttling per deployment is unknown and a hole in the logs lowers the cost",
  },
  {
    role: "Reader",
    on: "each Azure OpenAI account",
    isOptional: true,
    gives: "deployments with SKU, model and capacity (`npm run inventory -- draft`)",
    without: "deployments.yaml is written by hand; where it has no row, the cost is a range",
  },
];

/** The rights table with what was seen of each. */
export function rightsOf(
  mode: Runtime["mode"],
  checks: readonly CheckResult[],
  clocks: readonly SourceClock[],
): readonly Right[] {
  const metrics = clocks.filter(({ source }) => source === "metric");
  const asked = checks.find(({ id }) => id === "D08")?.status;
  const states: readonly Right["state"][] = [
    asked === "ok" ? "works" : asked === "fail" ? "does not work" : "not tried",
    metrics.length === 0 ? "not tried" : metrics.some(({ state }) => state === "failed") ? "does not work" : "works",
    "not tried",
  ];
  return RIGHTS.map((right, index) => ({
    ...right,
    state: mode === "connected" ? (states[index] ?? "not tried") : "not needed",
  }));
}
