import { z } from "zod";
import { dt, type Kql, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { instant, text, total } from "./cells.ts";
import type { Connected } from "./connected.ts";

/** One source of one resource: its first and newest row, how late rows arrive, and its rows. */
export type ProbeRow = {
  readonly source: string;
  readonly resource: string;
  readonly firstRow: Instant;
  readonly lastRow: Instant;
  readonly lastIngested: Instant;
  readonly lagP50Ms: number | null;
  readonly lagP95Ms: number | null;
  readonly lagMaxMs: number | null;
  readonly rows: bigint;
};

const probeRow = z.object({
  source: text,
  resource: text,
  firstRow: instant,
  lastRow: instant,
  lastIngested: instant,
  lagP50Ms: z.number().nullable(),
  lagP95Ms: z.number().nullable(),
  lagMaxMs: z.number().nullable(),
  rows: total,
});

/** Last data per source, one question per table: a table that does not exist refuses the whole query. */
export const probes = {
  diagnostics: probe(
    "last-data-diagnostics",
    (window) => kql`AzureDiagnostics
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES" and Category in ("RequestResponse", "AzureOpenAIRequestUsage")
| extend source = iff(Category == "RequestResponse", "request_response", "usage_log")`,
  ),
  gatewayLog: probe(
    "last-data-gateway-log",
    (window) => kql`ApiManagementGatewayLogs
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| extend source = "gateway_log"`,
  ),
  gatewayLlm: probe(
    "last-data-gateway-llm",
    (window) => kql`ApiManagementGatewayLlmLog
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| extend source = "gateway"`,
  ),
  spans: probe(
    "last-data-spans",
    (window) => kql`AppDependencies
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| where isnotempty(tostring(Properties["gen_ai.operation.name"])) or isnotempty(tostring(Properties["gen_ai.usage.input_tokens"])) or isnotempty(tostring(Properties["gen_ai.usage.prompt_tokens"]))
| extend source = "span"`,
  ),
} as const;

function probe(name: string, rows: (window: Period) => Kql): KqlQuery<{ readonly window: Period }, ProbeRow> {
  return {
    name,
    text: ({ window }) => kql`${rows(window)}
| extend lagMs = toreal(datetime_diff("millisecond", ingestion_time(), TimeGenerated))
| summarize firstRow = min(TimeGenerated), lastRow = max(TimeGenerated), lastIngested = max(ingestion_time()), lagP50Ms = percentile(lagMs, 50), lagP95Ms = percentile(lagMs, 95), lagMaxMs = max(lagMs), rows = count() by source, resource = tolower(_ResourceId)`,
    row: probeRow,
  };
}

/** Quarter hours that hold rows of the connected tables that were ingested at or after `since`. */
export type TouchedParams = { readonly sources: Connected; readonly since: Instant; readonly window: Period };

export const touchedQuarterHours: KqlQuery<TouchedParams, TouchedRow> = {
  name: "touched-quarter-hours",
  text: ({ sources, since, window }) => kql`union
  (AzureDiagnostics
  | where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES" and Category in ("RequestResponse", "AzureOpenAIRequestUsage")
  | ${touched(since, window)})${
    sources.gateway
      ? kql`,
  (ApiManagementGatewayLogs
  | ${touched(since, window)})`
      : kql``
  }${
    sources.gatewayLlm
      ? kql`,
  (ApiManagementGatewayLlmLog
  | ${touched(since, window)})`
      : kql``
  }${
    sources.spans
      ? kql`,
  (AppDependencies
  | ${touched(since, window)})`
      : kql``
  }
| summarize lastIngested = max(lastIngested), rows = sum(rows) by quarterHour`,
  row: z.object({ quarterHour: instant, lastIngested: instant, rows: total }),
};

function touched(since: Instant, window: Period): Kql {
  return kql`where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)} and ingestion_time() >= ${dt(since)}
  | summarize lastIngested = max(ingestion_time()), rows = count() by quarterHour = bin(TimeGenerated, 15m)`;
}

export type TouchedRow = { readonly quarterHour: Instant; readonly lastIngested: Instant; readonly rows: bigint };

/** The first day with rows of the accounts' own logs, for the read-back; no row without any. */
export const oldestRow: KqlQuery<{ readonly window: Period }, { readonly oldest: Instant; readonly rows: bigint }> = {
  name: "oldest-row",
  text: ({ window }) => kql`AzureDiagnostics
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES"
| summarize oldest = min(TimeGenerated), rows = count() by Category
| summarize oldest = min(oldest), rows = sum(rows) by everything = 1
| project oldest, rows`,
  row: z.object({ oldest: instant, rows: total }),
};

/** The same of the gateway's log, which may reach further back, or be all that there is. */
export const oldestGatewayRow: typeof oldestRow = {
  name: "oldest-gateway-row",
  text: ({ window }) => kql`ApiManagementGatewayLogs
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| summarize oldest = min(TimeGenerated), rows = count() by everything = 1
| project oldest, rows`,
  row: oldestRow.row,
};
