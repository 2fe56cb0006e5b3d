import { readBillingReads } from "../db/billing-reads.ts";
import type { Check, CheckResult, DoctorSources, Finding } from "./check.ts";
import { CONNECTION_CHECKS } from "./connection-checks.ts";
import { DATA_CHECKS } from "./data-checks.ts";
import { INSTALLATION_CHECKS } from "./installation-checks.ts";
import { type Right, rightsOf } from "./rights.ts";

export type DoctorReport = {
  readonly status: "ok" | "warn" | "fail";
  readonly mode: DoctorSources["mode"];
  readonly checks: readonly CheckResult[];
  readonly rights: readonly Right[];
};

const CHECK_MS = 5_000;
const ALL_MS = 30_000;

/** All checks in the order in which a person should read them. */
export const CHECKS: readonly Check[] = [...CONNECTION_CHECKS, ...DATA_CHECKS, ...INSTALLATION_CHECKS];

/**
 * Makes the checks, each within 5 s and all within 30 s. A check whose need failed or was skipped for a failure is
 * skipped with the reason; independent ones run at the same time. Never throws.
 */
export async function runDoctor(
  sources: DoctorSources,
  checks: readonly Check[] = CHECKS,
  limits = { checkMs: CHECK_MS, allMs: ALL_MS },
): Promise<DoctorReport> {
  const deadline = AbortSignal.timeout(limits.allMs);
  const made = new Map<string, Promise<CheckResult>>();
  for (const check of checks) {
    const needs = check.needs.flatMap((id) => made.get(id) ?? []);
    made.set(check.id, resultOf(check, needs));
  }
  const results = await Promise.all(made.values());
  return {
    status: worst(results),
    mode: sources.mode,
    checks: results,
    rights: rightsOf(sources.mode, results, await sources.ledger.sourceClocks(), {
      billing: await readBillingReads(sources.env.dataDir),
      metrics: sources.metrics.status(),
    }),
  };

  async function resultOf(check: Check, needs: readonly Promise<CheckResult>[]): Promise<CheckResult> {
    const { id, title } = check;
    if (check.isConnectedOnly && sources.azure === undefined)
      return {
        id,
        title,
        status: "skipped",
        seen: "The workspace is inside this process, so there is nothing to reach.",
      };
    const before = await Promise.all(needs);
    const broken = before.find((need) => need.status === "fail" || need.seen.startsWith(WAITS));
    if (broken) return { id, title, status: "skipped", seen: `${WAITS} ${broken.id}: correct that first.` };
    return { id, title, ...(await within(check)) };
  }

  async function within(check: Check): Promise<Finding> {
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(limits.checkMs)]);
    try {
      return await Promise.race([check.run(sources, signal), untilAborted(signal)]);
    } catch (error) {
      if (signal.aborted)
        return {
          status: "warn",
          seen: `No answer within ${limits.checkMs / 1_000} s.`,
          means: "Something on the way is slow or swallows packets.",
          next: "Run the doctor again; when it stays, look at firewalls and proxies between this host and what is checked.",
        };
      return {
        status: "fail",
        seen: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error),
        means: "The check itself could not be made.",
        next: "Correct what the message names and run the doctor again.",
      };
    }
  }
}

const WAITS = "Not made because of";

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  });
}

function worst(results: readonly CheckResult[]): DoctorReport["status"] {
  if (results.some(({ status }) => status === "fail")) return "fail";
  return results.some(({ status }) => status === "warn") ? "warn" : "ok";
}
