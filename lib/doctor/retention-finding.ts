import { HOUR_MS, type Instant } from "../time/instant.ts";
import type { Finding } from "./check.ts";

const DAY_MS = 24 * HOUR_MS;
/** A bin of a day is written a day later; retries take eight hours more. */
const RULE_LATE_MS = 3 * DAY_MS;

/** How far the workspace reaches in its raw tables and in the summary rule (undefined: it has none), against the days needed. */
export function retentionFinding(given: {
  readonly now: Instant;
  readonly oldestRaw: Instant;
  readonly summary: { readonly from: Instant; readonly to: Instant } | undefined;
  readonly neededDays: number;
}): Finding {
  const { now, oldestRaw, summary, neededDays } = given;
  const days = Math.floor((now - oldestRaw) / DAY_MS);
  const summaryDays = summary === undefined ? 0 : Math.floor((now - summary.from) / DAY_MS);
  const seen = `The oldest raw row is ${days} d old${summary === undefined ? "" : `, the oldest of the summary rule ${summaryDays} d`}; the fiscal year and the longest budget need ${neededDays} d.`;
  if (Math.max(days, summaryDays) >= neededDays) return { status: "ok", seen };
  if (summary !== undefined && now - summary.to < RULE_LATE_MS)
    return {
      status: "ok",
      seen: `${seen} The summary rule runs, so what is here stays.`,
      means: "The year fills up by a day each day; what was deleted before the rule began does not come back.",
    };
  return {
    status: "warn",
    seen,
    means: "A year, and the same days of last year, lack the days before, unless the ledger read them in time.",
    next:
      summary === undefined
        ? "Deploy the summary rule: it keeps the sums by quarter hour for up to two years at a fraction of the rows. A rule begins with the present."
        : "The summary rule has stopped; see LASummaryLogs in the workspace, and deploy it again.",
    command: "npm run summary-rule -- bicep --out summary-rule.bicep",
  };
}
