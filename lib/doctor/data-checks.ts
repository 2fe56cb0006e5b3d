import { listBudgets } from "../db/budgets.ts";
import { formatAgo, formatSpan } from "../format/format-time.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { QueryResult } from "../log-analytics/log-analytics.ts";
import { type DiagnosticsShapeRow, diagnosticsShape } from "../queries/diagnostics-shape.ts";
import { type IngestionWarning, ingestionWarnings } from "../queries/ingestion-warnings.ts";
import { oldestRow, type ProbeRow, probes } from "../queries/probes.ts";
import { spansShape } from "../queries/spans-shape.ts";
import { summaryReach, summaryTimespan } from "../queries/summary-rows.ts";
import { addMs, HOUR_MS, MINUTE_MS, type Period, period, QUARTER_HOUR_MS, quarterHourOf } from "../time/instant.ts";
import { readInventory } from "../usage/inventory-file.ts";
import type { AzureConnection } from "../wiring/azure-clients.ts";
import { type DiagnosticSettings, judgeSettings, parseSettings } from "./account-settings.ts";
import { type Check, type DoctorSources, type Finding, resourceName } from "./check.ts";
import { diagnosticSetting } from "./remedies.ts";
import { readResourceManager } from "./resource-manager.ts";
import { retentionFinding } from "./retention-finding.ts";

const DAY_MS = 24 * HOUR_MS;
const MAX_AGE_MS = 60_000;
const LATE_P95_MS = 20 * MINUTE_MS;
const SETTINGS_COMMAND = diagnosticSetting({})[0]?.text ?? "";

/** What is in the workspace, how late, how far back, and of which accounts. */
export const DATA_CHECKS: readonly Check[] = [
  { id: "D10", title: "Tables", needs: ["D08"], run: tables },
  { id: "D11", title: "Columns and categories", needs: ["D10"], run: categories },
  { id: "D12", title: "Newest rows and their lag", needs: ["D10"], run: freshness },
  { id: "D13", title: "Diagnostic settings of the accounts", needs: ["D10"], run: settings },
  { id: "D14", title: "Retention", needs: ["D10"], run: retention },
  { id: "D15", title: "Daily cap", needs: ["D08"], isConnectedOnly: true, run: dailyCap },
  { id: "D16", title: "Throttling of our questions", needs: [], run: async (sources) => throttling(sources) },
];

function lastDay({ now }: DoctorSources): Period {
  const end = addMs(quarterHourOf(now()), HOUR_MS);
  return period(addMs(end, -DAY_MS - QUARTER_HOUR_MS), end);
}

function ask<Row>(
  sources: DoctorSources,
  query: KqlQuery<{ readonly window: Period }, Row>,
  signal: AbortSignal,
): Promise<QueryResult<Row>> {
  const window = lastDay(sources);
  return sources.logs.run(query, { window }, { period: window, priority: "interactive", maxAgeMs: MAX_AGE_MS, signal });
}

async function tables(sources: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const names = {
    diagnostics: "AzureDiagnostics",
    gatewayLog: "ApiManagementGatewayLogs",
    gatewayLlm: "ApiManagementGatewayLlmLog",
    spans: "AppDependencies",
  } as const;
  const answers = await Promise.all(
    (Object.keys(names) as (keyof typeof names)[]).map(async (key) => ({
      key,
      result: await ask(sources, probes[key], signal),
    })),
  );
  const absent = answers.filter(({ result }) => result.status === "not_connected").map(({ key }) => names[key]);
  if (absent.includes("AzureDiagnostics"))
    return {
      status: "fail",
      seen: "Table AzureDiagnostics is absent: no diagnostic setting has sent data yet.",
      means: "Without the accounts' own logs there is no request, no caller and no status.",
      next: "Send RequestResponse and AzureOpenAIRequestUsage of each account to this workspace; the first rows take up to 15 minutes.",
      command: SETTINGS_COMMAND,
    };
  if (absent.length > 0)
    return {
      status: "warn",
      seen: `Table ${absent.join(", ")} absent: no diagnostic setting has sent data yet.`,
      means: "Teams behind API Management, or applications with spans, are not told apart.",
      next: "Nothing to do unless you use them; then send their logs to this workspace too.",
    };
  const empty = answers
    .filter(({ result }) => result.status !== "not_connected" && result.rows.length === 0)
    .map(({ key }) => names[key]);
  if (empty.includes("AzureDiagnostics"))
    return {
      status: "warn",
      seen: "AzureDiagnostics has no row of an account in the last 24 h.",
      means: "Nobody called, or the diagnostic setting is gone.",
      next: "See D13.",
      command: SETTINGS_COMMAND,
    };
  return {
    status: "ok",
    seen:
      empty.length > 0
        ? `All four tables exist; ${empty.join(", ")} had no row in 24 h.`
        : "All four tables exist and have rows.",
  };
}

async function categories(sources: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const result = await ask(sources, diagnosticsShape, signal);
  if (result.status === "not_connected")
    return { status: "fail", seen: `The ${result.missing.kind} ${result.missing.name} is absent.`, next: "See D10." };
  const of = (name: string) => result.rows.find(({ category }) => category === name);
  const [requests, usage] = [of("RequestResponse"), of("AzureOpenAIRequestUsage")];
  if (requests === undefined && usage === undefined)
    return {
      status: "skipped",
      seen: "No row of either category in the last 24 h, so nothing can be said of their columns.",
    };
  if (usage === undefined && requests?.withTokens === 0n)
    return {
      status: "fail",
      seen: "RequestResponse seen, but token columns absent, and no AzureOpenAIRequestUsage.",
      means: "Tokens can come only from the gateway, spans or metrics.",
      next: "Enable the category AzureOpenAIRequestUsage.",
      command: SETTINGS_COMMAND,
    };
  if (usage === undefined)
    return {
      status: "warn",
      seen: "RequestResponse carries tokens, AzureOpenAIRequestUsage is absent.",
      means: 'The cached share is unknown, so input is charged without the discount and the cost says "at most".',
      next: "Enable the category AzureOpenAIRequestUsage.",
      command: SETTINGS_COMMAND,
    };
  if (requests === undefined)
    return {
      status: "warn",
      seen: "AzureOpenAIRequestUsage seen, RequestResponse absent.",
      means: "Status, latency and callers are unknown.",
      next: "Enable the category RequestResponse.",
      command: SETTINGS_COMMAND,
    };
  if (requests.withCaller === 0n)
    return {
      status: "warn",
      seen: "No row names a caller: every call used an API key.",
      means: "Owners can come only from the gateway, spans or the deployment.",
      next: "Let applications sign in with Entra ID, or put API Management in front.",
    };
  const odd = await oddShapes(sources, result.rows, signal);
  return {
    status: "ok",
    seen: `RequestResponse ${requests.rows} rows, AzureOpenAIRequestUsage ${usage.rows} rows.${odd === "" ? "" : ` Allowed for: ${odd}.`}`,
  };
}

/** What a person who looks at the rows will wonder about, and figures already allow for. */
async function oddShapes(
  sources: DoctorSources,
  rows: readonly DiagnosticsShapeRow[],
  signal: AbortSignal,
): Promise<string> {
  const spans = await ask(sources, spansShape, signal);
  const shape = spans.status === "not_connected" ? undefined : spans.rows[0];
  const sum = (of: (row: DiagnosticsShapeRow) => bigint) => rows.reduce((all, row) => all + of(row), 0n);
  const counts = [
    [sum((row) => row.maskedAddresses), "rows with a masked caller address"],
    [sum((row) => row.unixTicks), "rows whose ticks count from 1970 instead of the year 1"],
    [shape?.agentSpans ?? 0n, "agent and tool spans, whose tokens their model spans already tell"],
    [shape?.oldNames ?? 0n, "spans with the attribute names of 2023"],
    [shape?.sampled ?? 0n, "sampled spans"],
  ] as const;
  return counts
    .filter(([count]) => count > 0n)
    .map(([count, what]) => `${count} ${what}`)
    .join(", ");
}

async function freshness(sources: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const rows = await probeRows(sources, signal);
  if (rows.length === 0)
    return {
      status: "warn",
      seen: "No row in the last 24 h.",
      means: "Every figure of today is missing.",
      next: "See D13.",
    };
  const at = sources.now();
  const slow = rows.filter(({ lagP95Ms }) => (lagP95Ms ?? 0) > LATE_P95_MS);
  const oldest = rows.toSorted((a, b) => a.lastRow - b.lastRow)[0];
  const newest = rows.toSorted((a, b) => b.lastRow - a.lastRow)[0];
  if (newest && at - newest.lastRow > HOUR_MS)
    return {
      status: "warn",
      seen: `Last row ${formatAgo(newest.lastRow, at)} (${resourceName(newest.resource)}).`,
      means: "The newest figures are missing, not small.",
      next: "Look at the diagnostic setting of that account and at the service health of Log Analytics.",
    };
  if (slow.length > 0)
    return {
      status: "warn",
      seen: slow.map((row) => `${resourceName(row.resource)}: p95 lag ${formatSpan(row.lagP95Ms ?? 0)}`).join("; "),
      means: "Today looks cheaper than it is until the rows arrive.",
      next: "Nothing to do here: the last hours are read again until they are final.",
    };
  return {
    status: "ok",
    seen: `Newest row ${newest ? formatAgo(newest.lastRow, at) : ""}, of the quietest resource ${oldest ? formatAgo(oldest.lastRow, at) : ""}.`,
  };
}

async function settings(sources: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const inventory = await readInventory(sources.dataDir);
  const current = inventory.filter(({ to }) => to === null || to > sources.now());
  const accounts = [
    ...new Set(
      [...sources.env.AZURE_OPENAI_RESOURCE_IDS, ...current.map(({ account }) => account)].map((id) =>
        id.toLowerCase(),
      ),
    ),
  ];
  if (accounts.length === 0) return { status: "skipped", seen: "No account is configured to compare with." };
  const rows = await probeRows(sources, signal);
  const found = sources.azure ? await settingsOf(sources.azure, accounts, signal) : null;
  if (found && found.size > 0)
    return judgeSettings(found, (account, category) =>
      rows.some(
        (row) =>
          row.resource === account &&
          row.source === (category === "RequestResponse" ? "request_response" : "usage_log"),
      ),
    );
  const gaps = accounts.flatMap((account) => {
    const has = (source: string) => rows.some((row) => row.resource === account && row.source === source);
    if (!has("request_response") && !has("usage_log")) return [`${resourceName(account)} sends nothing here`];
    if (!has("usage_log")) return [`${resourceName(account)} sends no AzureOpenAIRequestUsage`];
    return has("request_response") ? [] : [`${resourceName(account)} sends no RequestResponse`];
  });
  if (gaps.length === 0)
    return { status: "ok", seen: `All ${accounts.length} accounts sent both categories in the last 24 h.` };
  return {
    status: "warn",
    seen: `${gaps.join("; ")} (last 24 h).`,
    means: "What these accounts cost is known from metrics alone, or not at all.",
    next: "Make the diagnostic setting; an account that nobody calls is no fault.",
    command: SETTINGS_COMMAND,
  };
}

/** The settings of the accounts where this identity may read them; asking more than these would take too long. */
async function settingsOf(
  azure: AzureConnection,
  accounts: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, DiagnosticSettings>> {
  const answers = await Promise.all(
    accounts.slice(0, ACCOUNTS_ASKED).map(async (account) => ({
      account,
      answer: await readResourceManager(
        azure,
        `${account}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview`,
        signal,
      ),
    })),
  );
  return new Map(
    answers.flatMap(({ account, answer }) => (answer.ok ? [[account, parseSettings(answer.body)] as const] : [])),
  );
}

const ACCOUNTS_ASKED = 20;

async function dailyCap(sources: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const end = addMs(quarterHourOf(sources.now()), HOUR_MS);
  const window = period(addMs(end, -31 * DAY_MS), end);
  const result = await sources.logs.run(
    ingestionWarnings,
    { window },
    { period: window, priority: "interactive", maxAgeMs: MAX_AGE_MS, signal },
  );
  if (result.status === "not_connected")
    return {
      status: "skipped",
      seen: "The workspace does not let this identity read its table Operation.",
      next: "Grant read on that table, or ask in the portal; a row of Ingestion means that data was dropped on that day.",
      command: '_LogOperation | where TimeGenerated > ago(31d) and Category == "Ingestion"',
    };
  const capped = result.rows.filter((row) => row.capped > 0n);
  const told = (rows: readonly IngestionWarning[]) =>
    rows
      .map(
        ({ operation, rows: count, lastAt }) =>
          `${operation} ${count} time(s), last ${formatAgo(lastAt, sources.now())}`,
      )
      .join("; ");
  if (capped.length > 0)
    return {
      status: "fail",
      seen: `The daily cap was reached: ${told(capped)}.`,
      means: "Rows of those days were dropped and do not come back; their cost comes from metrics.",
      next: "Raise the cap, or move other tables to another workspace.",
      command:
        "az monitor log-analytics workspace update --resource-group RESOURCE_GROUP --workspace-name WORKSPACE_NAME --quota -1",
    };
  if (result.rows.length > 0)
    return {
      status: "warn",
      seen: `The workspace warns of its ingestion: ${told(result.rows)}.`,
      means: "Rows may have been late or dropped then.",
      next: "See the details in its table Operation.",
      command: '_LogOperation | where TimeGenerated > ago(31d) and Category == "Ingestion"',
    };
  return { status: "ok", seen: "No daily cap and no limit of ingestion was reached in 31 days." };
}

async function probeRows(sources: DoctorSources, signal: AbortSignal): Promise<readonly ProbeRow[]> {
  const result = await ask(sources, probes.diagnostics, signal);
  return result.status === "not_connected" ? [] : result.rows;
}

const PERIOD_DAYS = { month: 31, quarter: 92, year: 366 } as const;

async function retention(sources: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const end = addMs(quarterHourOf(sources.now()), HOUR_MS);
  const window = period(addMs(end, -731 * DAY_MS), end);
  const result = await sources.logs.run(
    oldestRow,
    { window },
    { period: window, priority: "interactive", maxAgeMs: MAX_AGE_MS, signal },
  );
  const oldest = result.status === "not_connected" ? undefined : result.rows.find(({ rows }) => rows > 0n)?.oldest;
  if (oldest === undefined)
    return { status: "skipped", seen: "There is no row to tell how far back the workspace goes." };
  const reach = await sources.logs.run(
    summaryReach,
    { window },
    { period: summaryTimespan(window), priority: "interactive", maxAgeMs: MAX_AGE_MS, signal },
  );
  const summary = reach.status === "not_connected" ? undefined : reach.rows.find(({ bins }) => bins > 0n);
  const budgets = await listBudgets(sources.state.db);
  const longest = budgets.reduce<number>(
    (most, budget) => Math.max(most, PERIOD_DAYS[budget.period]),
    PERIOD_DAYS.year,
  );
  return retentionFinding({ now: sources.now(), oldestRaw: oldest, summary, neededDays: longest });
}

/** What the service allows one identity (azure-telemetry reference, section 5.3). */
const SERVICE_CALLS = 200;
const SERVICE_AT_ONCE = 5;

function throttling({ logs, metrics }: DoctorSources): Finding {
  const { calls, breaker, load } = logs.status();
  const counts = [...calls.values()];
  const upstream = counts.reduce((sum, one) => sum + one.upstream, 0);
  const throttled = counts.reduce((sum, one) => sum + one.throttled, 0);
  const ofMetrics = metrics.status();
  const seen = `${upstream} calls to Log Analytics since the start, at most ${load.mostIn30s} of ${SERVICE_CALLS} in 30 s and ${load.mostAtOnce} of ${SERVICE_AT_ONCE} at once; ${throttled} answered 429; the breaker is ${breaker.replace("_", " ")}. ${ofMetrics.upstreamCalls} calls for metrics, ${ofMetrics.failedCalls} failed.`;
  if (throttled === 0) return { status: "ok", seen };
  return {
    status: "warn",
    seen,
    means:
      load.mostIn30s * 2 < SERVICE_CALLS
        ? "Our own calls stay far below what the service allows, so the identity is shared with somebody who asks more."
        : "Our own calls come near to what the service allows.",
    next: "Give the product an identity of its own.",
    command: "az identity create --resource-group RESOURCE_GROUP --name token-ledger",
  };
}
