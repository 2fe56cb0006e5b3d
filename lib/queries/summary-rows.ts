import { z } from "zod";
import { columns, dt, type Kql, kql } from "../kql/kql.ts";
import { SUMMARY_COLUMNS } from "../kql/tables/token-ledger-summary.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import { addMs, HOUR_MS, type Instant, type Period } from "../time/instant.ts";
import { count, instant, text, total } from "./cells.ts";
import { type GatewayRow, gatewayByQuarterHour } from "./gateway-by-quarter-hour.ts";
import { type SpanRow, spansByQuarterHour } from "./spans-by-quarter-hour.ts";
import { type UsageRow, usageByQuarterHour } from "./usage-by-quarter-hour.ts";

const summarizedRequests = z.object({
  quarterHour: instant,
  account: text,
  deployment: text,
  model: text,
  version: text,
  operation: text,
  apiName: text,
  streamType: text,
  status: text,
  caller: text,
  isJoined: z.boolean(),
  apimSubscription: text,
  apimProduct: text,
  apimUser: text,
  api: text,
  backend: text,
  application: text,
  provesFilter: z.boolean(),
  requests: count,
  rows: total,
  duplicates: total,
  withTokens: total,
  withUsage: total,
});

/** Requests of one quarter hour as the summary keeps them: those of `requestsByQuarterHour` without their latency. */
export type SummarizedRequests = z.infer<typeof summarizedRequests>;

/** A bin that the rule ran over: every quarter hour inside it is told, also when nothing happened. */
export type SummarizedBin = { readonly start: Instant; readonly minutes: bigint; readonly sourceRows: bigint };

/** One row of the summary table. */
export type SummaryRow =
  | (SummarizedBin & { readonly rowOf: "bin" })
  | (UsageRow & { readonly rowOf: "usage" })
  | (SummarizedRequests & { readonly rowOf: "requests" })
  | (GatewayRow & { readonly rowOf: "gateway" })
  | (SpanRow & { readonly rowOf: "span" });

const SUMMARY_COLUMN_NAMES = SUMMARY_COLUMNS.map(({ name }) => name);

/** How long after its bin a row may be written: the longest delay of a rule, and eight hours of retries. */
const WRITTEN_WITHIN_MS = 72 * HOUR_MS;
const LONGEST_BIN_MS = 24 * HOUR_MS;

/** The period that the API's `timespan` must let through: the table reference does not say whether `TimeGenerated` is the bin or the run. */
export function summaryTimespan(window: Period): Period {
  return { start: addMs(window.start, -LONGEST_BIN_MS), end: addMs(window.end, WRITTEN_WITHIN_MS) };
}

/**
 * The rows of a window, and the bins that touch it. Where the bins of a rule and of its successor overlap, or two workspaces tell
 * of one account, each quarter hour is told by one of them; a row that was written twice counts once.
 */
export const summaryRows: KqlQuery<{ readonly window: Period }, SummaryRow> = {
  name: "summary-rows",
  text: ({ window }) => kql`let told = TokenLedgerSummary_CL
| ${writtenFor(window)}
| where rowOf != "bin" and quarterHour >= ${dt(window.start)} and quarterHour < ${dt(window.end)}
| extend teller = strcat(TenantId, tostring(_RuleLastModifiedTime), _RuleName), about = case(rowOf == "gateway", gateway, rowOf == "span", TenantId, account);
union
  (told
  | join kind=inner (told | summarize lastTeller = max(teller) by rowOf, about, quarterHour) on rowOf, about, quarterHour
  | where teller == lastTeller),
  (TokenLedgerSummary_CL
  | ${writtenFor(window)}
  | where rowOf == "bin" and _BinStartTime < ${dt(window.end)} and _BinStartTime + _BinSize * 1m > ${dt(window.start)}
  | extend quarterHour = _BinStartTime)
| project start = _BinStartTime, minutes = tolong(_BinSize), ${columns(SUMMARY_COLUMN_NAMES)}
| distinct *`,
  row: z.looseObject({ rowOf: z.enum(["bin", "usage", "requests", "gateway", "span"]) }).transform(rowOfKind),
};

/** How far the summary reaches: from its first bin to the end of its newest. No row without any bin. */
export const summaryReach: KqlQuery<
  { readonly window: Period },
  { readonly from: Instant; readonly to: Instant; readonly bins: bigint }
> = {
  name: "summary-reach",
  text: ({ window }) => kql`TokenLedgerSummary_CL
| ${writtenFor(window)}
| where rowOf == "bin"
| summarize start = min(_BinStartTime), end = max(_BinStartTime + _BinSize * 1m), bins = count() by rowOf
| project start, end, bins`,
  row: z.object({ start: instant, end: instant, bins: count }).transform(({ start, end, bins }) => ({
    from: start,
    to: end,
    bins,
  })),
};

function writtenFor(window: Period): Kql {
  const { start, end } = summaryTimespan(window);
  return kql`where TimeGenerated >= ${dt(start)} and TimeGenerated < ${dt(end)}`;
}

const ROWS = {
  bin: z.object({ start: instant, minutes: count, rows: total }).transform(({ start, minutes, rows }) => ({
    start,
    minutes,
    sourceRows: rows,
  })),
  usage: usageByQuarterHour.row,
  requests: summarizedRequests,
  gateway: gatewayByQuarterHour.row,
  span: spansByQuarterHour.row,
} as const;

/** Each kind of row has the columns of its own question; the others are empty in it. */
function rowOfKind(given: { readonly rowOf: keyof typeof ROWS }, context: z.RefinementCtx): SummaryRow {
  const { rowOf } = given;
  const read = ROWS[rowOf].safeParse(given);
  if (!read.success) {
    for (const issue of read.error.issues)
      context.addIssue({ code: "custom", path: issue.path, message: issue.message });
    return z.NEVER;
  }
  // The schema of the kind has read the row.
  return { rowOf, ...read.data } as SummaryRow;
}
