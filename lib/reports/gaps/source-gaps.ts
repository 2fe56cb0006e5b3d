import {
  analyticsPlan,
  diagnosticSetting,
  gatewayRequestId,
  gatewaySetting,
  listSettings,
  roleAssignment,
} from "../../doctor/remedies.ts";
import { formatCountShort } from "../../format/format-count.ts";
import { formatInstant, formatSpan } from "../../format/format-time.ts";
import type { Source } from "../../ledger/ledger.ts";
import { MINUTE_MS } from "../../time/instant.ts";
import { sourceName } from "../source-name.ts";
import { type DataGap, type DataGapInput, names, shortName } from "./data-gap.ts";

/** Sources that fail, stay away or do not exist, and accounts and hours without rows. */
export function sourceGaps(input: DataGapInput): DataGap[] {
  return [
    ...standingGaps(input),
    ...accountGaps(input),
    ...holeGaps(input),
    ...metricGaps(input),
    ...gatewayGaps(input),
  ];
}

function standingGaps({ standings, now, zone }: DataGapInput): DataGap[] {
  return standings.flatMap(({ clock, state }): DataGap[] => {
    const id = `${state}-${clock.source}-${clock.resource}`;
    const name = `${sourceName(clock.source)} of ${shortName(clock.resource) || clock.workspace}`;
    if (state === "failed")
      return [
        {
          id,
          kind: "missing",
          title: `The ${name} cannot be read`,
          seen: clock.failure ?? "No answer was of use.",
          means: "The newest figures are missing, not small; what was read before stays.",
          next: "It is asked again every minute. Run the checks below when it stays.",
          remedies: [],
        },
      ];
    if ((state !== "late" && state !== "stopped") || clock.lastRow === null) return [];
    const since = formatInstant(clock.lastRow, zone);
    const behind = formatSpan(Math.floor((now - clock.lastRow) / MINUTE_MS) * MINUTE_MS);
    return [
      {
        id,
        kind: "missing",
        title: state === "late" ? `The ${name} is late` : `The ${name} has stopped`,
        seen: `Its last row is of ${since}, ${behind} ago.`,
        means:
          "Requests, callers and the cached share since then are unknown; tokens and cost come from the platform metrics.",
        next:
          state === "late"
            ? "Rows usually follow within hours; figures are corrected when they do."
            : "See that its diagnostic setting still exists.",
        remedies: state === "stopped" ? diagnosticSetting({ account: clock.resource }) : [],
      },
    ];
  });
}

/** What each account sends, compared with the inventory: access that filters rows away looks like rows that were never sent. */
function accountGaps({ standings, faults, accounts, workspaceId }: DataGapInput): DataGap[] {
  const has = (account: string, source: Source) =>
    standings.some(({ clock, state }) => isOf(clock, account, source) && state !== "not_connected") ||
    faults.rows.some((row) => row.account === account && row.source === source && row.rows > 0n);
  return accounts.flatMap((account): DataGap[] => {
    const name = shortName(account);
    const metered = standings.some(({ clock }) => isOf(clock, account, "metric") && clock.lastRow !== null);
    const remedies = diagnosticSetting({ account, ...(workspaceId ? { workspaceId } : {}) });
    if (!has(account, "usage_log") && !has(account, "request_response"))
      return [
        {
          id: `no-logs-${account}`,
          kind: "missing",
          title: `No log row of ${name}`,
          seen: metered
            ? "Its platform metrics count tokens, and no row of it is to be seen."
            : "Neither its logs nor its platform metrics show anything.",
          means: metered
            ? 'Callers, status and latency are unknown. Its cost comes from metrics alone, is "at most" and has no owner.'
            : "Nobody calls it, or nothing of it can be seen: its cost is unknown, not zero.",
          next: "Make the diagnostic setting. Where it exists, the identity may not read this account's rows: Log Analytics leaves them out without a word. Grant it Log Analytics Reader on the workspace.",
          remedies: [...remedies, ...roleAssignment("Log Analytics Reader", "WORKSPACE_RESOURCE_ID")],
        },
      ];
    if (!has(account, "usage_log"))
      return [
        {
          id: `no-usage-log-${account}`,
          kind: "uncertain",
          title: `${name} sends no AzureOpenAIRequestUsage`,
          seen: "RequestResponse arrives, the category with the cached tokens does not.",
          means:
            'The cached share and the time to the first token are unknown, so input is charged without the discount: "at most".',
          next: "Switch the category on; Azure charges for its export.",
          remedies,
        },
      ];
    if (!has(account, "request_response"))
      return [
        {
          id: `no-request-log-${account}`,
          kind: "missing",
          title: `${name} sends no RequestResponse`,
          seen: "Usage rows arrive, the envelopes of the requests do not.",
          means: "Status, latency and callers are unknown.",
          next: "Switch the category on.",
          remedies,
        },
      ];
    return [];
  });
}

function holeGaps({ faults, zone, workspaceId }: DataGapInput): DataGap[] {
  return faults.holes.map(({ account, start, end, tokens }) => ({
    id: `hole-${account}-${start}`,
    kind: "uncertain" as const,
    title: `A hole in the logs of ${shortName(account)}`,
    seen: `From ${formatInstant(start, zone)} to ${formatInstant(end, zone)} its metrics count ${formatCountShort(tokens)} tokens and there is no log row.`,
    means:
      'The cost of these hours is there, from the gateway, spans and metrics, and is "at most"; requests and latency are not.',
    next: "Azure does not fill logs in later. See who changed the diagnostic setting then.",
    remedies: [
      ...listSettings({ account }),
      ...diagnosticSetting({ account, ...(workspaceId ? { workspaceId } : {}) }).slice(0, 1),
    ],
  }));
}

function metricGaps({ standings, accounts }: DataGapInput): DataGap[] {
  const metrics = standings.filter(({ clock }) => clock.source === "metric");
  const denied = metrics.filter(({ state }) => state === "not_connected");
  if (metrics.length > 0 && denied.length === 0) return [];
  const [first] = denied;
  const whose = denied.length > 0 ? denied.map(({ clock }) => shortName(clock.resource)).join(", ") : "any account";
  return [
    {
      id: "no-metrics",
      kind: "missing",
      title: "Platform metrics are not connected",
      seen: first
        ? `They cannot be read for ${whose}: ${first.clock.failure ?? "the right is missing"}`
        : accounts.length === 0
          ? "No account is named in AZURE_OPENAI_RESOURCE_IDS or deployments.yaml."
          : "None was read yet.",
      means:
        "429, content filters, PTU use and spillover per deployment are unknown, and tokens that no log row holds lower the cost unseen.",
      next: "Grant Monitoring Reader on the accounts, or on the subscription to read many at once.",
      remedies: roleAssignment("Monitoring Reader", "/subscriptions/SUBSCRIPTION_ID"),
    },
  ];
}

function gatewayGaps({ standings, faults, coverage, workspaceId }: DataGapInput): DataGap[] {
  const of = standings.filter(({ clock }) => clock.source === "gateway_log" || clock.source === "gateway");
  const isThere = of.some(({ state }) => state !== "not_connected");
  const onBasic = of.find(({ clock, state }) => state === "not_connected" && clock.failure?.includes("Basic"));
  if (onBasic)
    return [
      {
        id: "gateway-basic-plan",
        kind: "uncertain",
        title: "The gateway's tables are on the Basic plan",
        seen: onBasic.clock.failure ?? "",
        means: "Teams behind API Management cannot be told apart: their calls cannot be joined with what they cost.",
        next: "Put both tables back on the Analytics plan; rows from then on can be asked.",
        remedies: analyticsPlan(),
      },
    ];
  if (!isThere && of.length === 0 && standings.length === 0) return [];
  if (!isThere)
    return [
      {
        id: "no-gateway",
        kind: "uncertain",
        title: "No API Management log",
        seen: of[0]?.clock.failure ?? "No row of a gateway was seen in the last day.",
        means: "Teams are known only by Entra caller, application or deployment.",
        next: "Nothing to do where no gateway stands before the models; otherwise send its two logs here.",
        remedies: gatewaySetting(workspaceId ? { workspaceId } : {}),
      },
    ];
  const estimated = coverage.filter((row) => row.estimatedTokens > 0n);
  if (estimated.length === 0) return [];
  const total = estimated.reduce((sum, row) => sum + row.estimatedTokens, 0n);
  const gatewayRows = faults.rows.filter(({ source }) => source === "gateway_log");
  return [
    {
      id: "gateway-cannot-be-joined",
      kind: "uncertain",
      title: "Calls of the gateway that cannot be joined with the accounts' log",
      seen: `${formatCountShort(total)} tokens of ${names(estimated)} are split by the tokens that the gateway or spans counted${gatewayRows.length > 0 ? "" : ", without a gateway log"}.`,
      means:
        "The cost is whole; who owns which part of it is an estimate. A gateway's correlation id is not Azure OpenAI's.",
      next: "Let the API's diagnostic log the response header apim-request-id.",
      remedies: gatewayRequestId(),
    },
  ];
}

function isOf(clock: { readonly source: Source; readonly resource: string }, account: string, source: Source): boolean {
  return clock.source === source && clock.resource.toLowerCase() === account;
}
