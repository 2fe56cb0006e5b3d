import type { Principal } from "../auth/principal.ts";
import { listSavedQueries, type SavedQuery } from "../db/saved-queries.ts";
import { gatewayByQuarterHour } from "../queries/gateway-by-quarter-hour.ts";
import { nowByMinute } from "../queries/now-by-minute.ts";
import { probes } from "../queries/probes.ts";
import { requestsByQuarterHour } from "../queries/requests-by-quarter-hour.ts";
import { seenDeployments } from "../queries/seen-deployments.ts";
import { spansByQuarterHour } from "../queries/spans-by-quarter-hour.ts";
import { usageByQuarterHour } from "../queries/usage-by-quarter-hour.ts";
import { addMs, HOUR_MS, minuteOf, period, quarterHourOf } from "../time/instant.ts";
import type { ReportParams } from "../url/report-params.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";

export type LibraryQuestion = { readonly name: string; readonly about: string; readonly kql: string };

/** A query that the person kept, or that somebody else shares; `sharedBy` is null of one's own. */
export type SavedQueryView = {
  readonly id: string;
  readonly name: string;
  readonly kql: string;
  readonly isShared: boolean;
  readonly sharedBy: string | null;
};

/** A stored query as one person sees it. */
export function savedQueryView(principal: Principal, query: SavedQuery): SavedQueryView {
  const { id, name, kql, isShared, ownerId, ownerName } = query;
  return { id, name, kql, isShared, sharedBy: ownerId === principal.id ? null : ownerName };
}

export type QueryReport = {
  readonly context: PageContext;
  /** What stands in the editor at first. */
  readonly text: string;
  /** The product's own questions with their parameters filled in for the last 24 hours, then a few to begin with. */
  readonly library: readonly LibraryQuestion[];
  readonly saved: readonly SavedQueryView[];
};

/** The Query page: an editor, and the questions that the product itself asks. */
export async function loadQuery(
  principal: Principal,
  params: ReportParams,
  text: string | undefined,
  given?: ReportSources,
): Promise<QueryReport> {
  const sources = await sourcesOr(given);
  const [context, saved] = await Promise.all([
    loadPageContext(principal, params, sources),
    listSavedQueries(sources.state.db, principal.id),
  ]);
  const end = quarterHourOf(context.now);
  const window = period(addMs(end, -24 * HOUR_MS), end);
  const recent = period(addMs(minuteOf(context.now), -3 * HOUR_MS), minuteOf(context.now));
  const all = { window, sources: { gateway: true, gatewayLlm: true, spans: true } };
  const own = (name: string, about: string, kql: string): LibraryQuestion => ({ name, about, kql });
  return {
    context,
    text: text ?? STARTERS[0]?.kql ?? "",
    saved: saved.map((query) => savedQueryView(principal, query)),
    library: [
      ...STARTERS,
      own(usageByQuarterHour.name, "Tokens per quarter hour under the complete key", usageByQuarterHour.text(all)),
      own(requestsByQuarterHour.name, "Requests by status with latency buckets", requestsByQuarterHour.text(all)),
      own(gatewayByQuarterHour.name, "What the gateway counts, by subscription", gatewayByQuarterHour.text(all)),
      own(spansByQuarterHour.name, "What application spans count", spansByQuarterHour.text(all)),
      own(nowByMinute.name, "The Now page, per minute", nowByMinute.text({ window: recent })),
      own(seenDeployments.name, "Deployments seen in the logs", seenDeployments.text({ window })),
      ...Object.values(probes).map((query) => own(query.name, "Last row and lag of a source", query.text({ window }))),
    ],
  };
}

const STARTERS: readonly LibraryQuestion[] = [
  {
    name: "tokens-by-model",
    about: "Tokens by model and hour, the last day",
    kql: `AzureDiagnostics
| where TimeGenerated > ago(1d) and Category == "AzureOpenAIRequestUsage"
| extend p = parse_json(properties_s)
| summarize tokens = sum(tolong(p.promptTokens[0]) + tolong(p.generatedTokens[0])) by bin(TimeGenerated, 1h), model = tostring(p.modelName)
| render timechart`,
  },
  {
    name: "slowest-deployments",
    about: "Latency percentiles by deployment, the last day",
    kql: `AzureDiagnostics
| where TimeGenerated > ago(1d) and Category == "RequestResponse" and ResultSignature == "200"
| extend p = parse_json(properties_s)
| where isnotempty(p.modelDeploymentName)
| summarize calls = dcount(CorrelationId), percentiles(DurationMs, 50, 95, 99) by deployment = tostring(p.modelDeploymentName)
| order by percentile_DurationMs_95 desc`,
  },
  {
    name: "status-by-hour",
    about: "Answers by status and hour, the last day",
    kql: `AzureDiagnostics
| where TimeGenerated > ago(1d) and Category == "RequestResponse"
| summarize calls = dcount(CorrelationId) by bin(TimeGenerated, 1h), ResultSignature
| render columnchart`,
  },
  {
    name: "tokens-by-subscription",
    about: "Tokens by gateway subscription, the last 7 days",
    kql: `ApiManagementGatewayLlmLog
| where TimeGenerated > ago(7d) and isnotempty(DeploymentName)
| join kind=leftouter (
    ApiManagementGatewayLogs
    | where TimeGenerated > ago(7d)
    | project CorrelationId, ApimSubscriptionId
) on CorrelationId
| summarize tokens = sum(TotalTokens) by ApimSubscriptionId
| order by tokens desc`,
  },
];
