import { type Kql, kql } from "../kql/kql.ts";
import { calls } from "./calls.ts";
import type { Connected } from "./connected.ts";
import { gatewayQuarters } from "./gateway-by-quarter-hour.ts";
import { requestsOfCalls } from "./requests-by-quarter-hour.ts";
import { spanQuarters } from "./spans-by-quarter-hour.ts";
import { usageOfCalls } from "./usage-by-quarter-hour.ts";

/** The table that the summary rule fills. */
export const SUMMARY_TABLE = "TokenLedgerSummary_CL";

/**
 * Minutes that a bin of a summary rule may have and that hold whole quarter hours
 * (https://learn.microsoft.com/azure/azure-monitor/logs/summary-rules; 20 is allowed there and cuts quarter hours).
 */
export const SUMMARY_BIN_MINUTES = [30, 60, 120, 180, 360, 720, 1440] as const;
export type SummaryBinMinutes = (typeof SUMMARY_BIN_MINUTES)[number];

/**
 * The query of the summary rule: the product's own questions of one quarter hour, without a time filter, because the
 * service runs it over each bin. A call on the edge of two bins is told in both, its envelope in the first and its tokens
 * in the second, so long bins tell more. `rowOf = "bin"` is written by every run, also over nothing: a bin without such a row did not
 * run, and its quarter hours are unknown, not empty. Latency histograms are left out.
 */
export function summaryRuleQuery(sources: Connected): Kql {
  return kql`let calls = materialize(
${calls(null, sources)}
);
union
  (AzureDiagnostics
  | where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES" and Category in ("RequestResponse", "AzureOpenAIRequestUsage")
  | summarize rows = count()
  | extend rowOf = "bin"),
  (${usageOfCalls(null)}
  | extend rowOf = "usage"),
  (calls
${requestsOfCalls(null)}
  | summarize requests = count(), rows = sum(rows), duplicates = sum(duplicates), withTokens = countif(hasUsage or hasScalars), withUsage = countif(hasUsage) by quarterHour = bin(at, 15m), account, deployment, model, version, operation, apiName, streamType, status, caller, isJoined, apimSubscription, apimProduct, apimUser, api, backend, application, provesFilter
  | extend rowOf = "requests")${
    sources.gateway
      ? kql`,
  (${gatewayQuarters(null, sources)}
  | extend rowOf = "gateway")`
      : kql``
  }${
    sources.spans
      ? kql`,
  (${spanQuarters(null, sources)}
  | extend rowOf = "span")`
      : kql``
  }`;
}
