import type { Principal } from "../auth/principal.ts";
import { formatCount } from "../format/format-count.ts";
import { formatInstant } from "../format/format-time.ts";
import { LogAnalyticsError, type QueryResult } from "../log-analytics/log-analytics.ts";
import type { Connected } from "../queries/connected.ts";
import { type ContentFilterRow, contentFilterEvents } from "../queries/content-filter-events.ts";
import { type RateLimitRow, rateLimitEvents } from "../queries/rate-limit-events.ts";
import { paddedWindow } from "../queries/window.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import { addMs, HOUR_MS, period, QUARTER_HOUR_MS, quarterHourOf, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import type { Row } from "./table-model.ts";

/** What the workspace tells of one deployment's refused calls in the last day, grouped by who refused and who proves it. */
export type DeploymentEvents = {
  readonly rows: readonly Row[];
  /** What is missing and why, in one sentence each. */
  readonly notes: readonly string[];
};

type EventSources = Pick<Runtime, "logs" | "ledger" | "now">;

const WINDOW_MS = 24 * HOUR_MS;
const MAX_AGE_MS = 60_000;

/**
 * Throttled and filtered calls of `account/deployment` (the account's short name) in the last 24 hours, asked of the
 * workspace on demand. Logs cannot be cut to a team, so somebody who sees only teams is told so and nothing is asked.
 */
export async function loadDeploymentEvents(
  principal: Principal,
  deployment: string,
  given?: EventSources,
): Promise<DeploymentEvents> {
  if (principal.sees.kind !== "everything")
    return { rows: [], notes: ["Single calls of the workspace are for people who see everything."] };
  const { logs, ledger, now } = given ?? (await getRuntime());
  const clocks = await ledger.sourceClocks();
  const has = (source: string) => clocks.some((clock) => clock.source === source && clock.state === "connected");
  const sources: Connected = { gateway: has("gateway_log"), gatewayLlm: has("gateway"), spans: has("span") };
  // Whole quarter hours, so that everybody who looks shares one answer.
  const end = addMs(quarterHourOf(now()), QUARTER_HOUR_MS);
  const window = period(addMs(end, -WINDOW_MS), end);
  const params = { window, sources };
  const options = { priority: "interactive", maxAgeMs: MAX_AGE_MS, period: paddedWindow(window) } as const;
  const [limits, filters] = await Promise.all([
    answered(logs.run(rateLimitEvents, params, options)),
    answered(logs.run(contentFilterEvents, params, options)),
  ]);
  return {
    rows: [
      ...groups(limits.rows.filter((row) => isOf(row, deployment)).map(limitLine)),
      ...groups(filters.rows.filter((row) => isOf(row, deployment)).map(filterLine)),
    ],
    notes: [
      ...new Set([...limits.notes, ...filters.notes]),
      ...(sources.gateway ? [] : ["No gateway is connected, so its own refusals are unknown."]),
      ...(sources.spans ? [] : ["No application spans are connected, so no span can prove a content filter."]),
    ],
  };
}

async function answered<Row>(
  asked: Promise<QueryResult<Row>>,
): Promise<{ readonly rows: readonly Row[]; readonly notes: readonly string[] }> {
  try {
    const result = await asked;
    switch (result.status) {
      case "complete":
        return {
          rows: result.rows,
          notes: result.refreshError ? ["Asking again failed, so this answer is older than a minute."] : [],
        };
      case "partial":
        return { rows: result.rows, notes: [`The workspace sent only a part: ${result.message}`] };
      case "not_connected":
        return { rows: [], notes: [`The workspace has no ${result.missing.kind} ${result.missing.name} yet.`] };
    }
  } catch (error) {
    if (!(error instanceof LogAnalyticsError)) throw error;
    return { rows: [], notes: [error.message] };
  }
}

/** Rows of this deployment, and those of its account or gateway that do not tell a deployment. */
function isOf(row: RateLimitRow | ContentFilterRow, key: string): boolean {
  const slash = key.indexOf("/");
  const [account, deployment] = [key.slice(0, slash).toLowerCase(), key.slice(slash + 1).toLowerCase()];
  if (row.deployment !== "" && row.deployment.toLowerCase() !== deployment) return false;
  const name = row.account.slice(row.account.lastIndexOf("/") + 1);
  // A gateway's own refusal names the deployment that was asked for and no account.
  if (isGateways(row)) return row.deployment !== "";
  return name === account || name.startsWith(`${account}.`);
}

function isGateways(row: RateLimitRow | ContentFilterRow): boolean {
  return "origin" in row ? row.origin === "gateway" : row.proof === "gateway";
}

type Line = {
  readonly what: string;
  readonly by: string;
  readonly why: string;
  readonly row: RateLimitRow | ContentFilterRow;
};

function limitLine(row: RateLimitRow): Line {
  const by = row.origin === "gateway" ? "gateway, before any account" : "Azure OpenAI";
  return { what: toldOf(row, "Throttled (429)"), by, why: row.reason === "" ? "not told" : row.reason, row };
}

const PROOFS: Readonly<
  Record<ContentFilterRow["proof"], { readonly what: string; readonly by: string; readonly why: string }>
> = {
  possible: { what: "Possibly filtered (400)", by: "Azure OpenAI", why: "a 400 alone does not prove a filter" },
  joined_span: { what: "Filtered", by: "Azure OpenAI", why: "proven by the application's span" },
  unjoined_span: {
    what: "Filtered",
    by: "Azure OpenAI",
    why: "proven by a span that joins no log row, so it may be one of the possible ones",
  },
  gateway: { what: "Filtered", by: "gateway, before any account", why: "proven by the gateway's error reason" },
};

function filterLine(row: ContentFilterRow): Line {
  const { what, by, why } = PROOFS[row.proof];
  return { what: toldOf(row, what), by, why, row };
}

function toldOf(row: { readonly deployment: string }, what: string): string {
  return row.deployment === "" ? `${what}, deployment not told` : what;
}

function groups(lines: readonly Line[]): Row[] {
  const grouped = Map.groupBy(lines, ({ what, by, why, row }) => [what, by, why, row.operation].join("\u0000"));
  return [...grouped].map(([id, members]): Row => {
    const [first] = members;
    const requests = members.reduce((total, { row }) => total + row.requests, 0n);
    const last = members.reduce((newest, { row }) => Math.max(newest, row.minute), 0);
    return {
      id,
      cells: {
        what: { text: first?.what ?? "" },
        by: { text: first?.by ?? "" },
        why: { text: first?.why ?? "" },
        operation: { text: first?.row.operation || "not told" },
        requests: { text: formatCount(requests), sort: Number(requests), exact: requests.toString() },
        minutes: { text: formatCount(BigInt(new Set(members.map(({ row }) => row.minute)).size)) },
        last: { text: formatInstant(toInstant(last), UTC), sort: last, note: "UTC" },
      },
    };
  });
}
