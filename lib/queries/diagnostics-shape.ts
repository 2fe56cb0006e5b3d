import { z } from "zod";
import { dt, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Period } from "../time/instant.ts";
import { count, text } from "./cells.ts";

/** Which categories of the accounts' diagnostic logs arrived, and how many of their rows carry what the product reads. */
export const diagnosticsShape: KqlQuery<{ readonly window: Period }, DiagnosticsShapeRow> = {
  name: "diagnostics-shape",
  text: ({ window }) => kql`AzureDiagnostics
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES"
| extend properties = parse_json(column_ifexists("properties_s", ""))
| summarize rows = count(), withTokens = countif(isnotempty(tostring(properties.promptTokens))), withDeployment = countif(isnotempty(tostring(properties.modelDeploymentName))), withCaller = countif(isnotempty(tostring(properties.callerObjectId))), maskedAddresses = countif(CallerIPAddress endswith "*"), unixTicks = countif(tolong(properties.requestTime) between (1 .. 500000000000000000)) by category = Category`,
  row: z.object({
    category: text,
    rows: count,
    withTokens: count,
    withDeployment: count,
    withCaller: count,
    maskedAddresses: count,
    unixTicks: count,
  }),
};

/** One category of `diagnosticsShape`. */
export type DiagnosticsShapeRow = {
  readonly category: string;
  readonly rows: bigint;
  readonly withTokens: bigint;
  readonly withDeployment: bigint;
  readonly withCaller: bigint;
  /** Rows whose caller address lacks its last part. */
  readonly maskedAddresses: bigint;
  /** Rows whose times count from 1970; the others count from the year 1 (azure-telemetry reference, section 1.5). */
  readonly unixTicks: bigint;
};
