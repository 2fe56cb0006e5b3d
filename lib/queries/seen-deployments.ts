import { z } from "zod";
import { dt, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { count, instant, text } from "./cells.ts";

/**
 * The deployments that the accounts' own logs name, one row per day and model with the first and last call: where the
 * model changes, a dated row of the inventory ends and another begins. `calls` are distinct calls: most have two rows.
 */
export const seenDeployments: KqlQuery<{ readonly window: Period }, SeenDeploymentRow> = {
  name: "seen-deployments",
  text: ({ window }) => kql`AzureDiagnostics
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES" and Category in ("RequestResponse", "AzureOpenAIRequestUsage")
| extend properties = parse_json(column_ifexists("properties_s", ""))
| extend deployment = tostring(properties.modelDeploymentName)
| where isnotempty(deployment)
| summarize firstCall = min(TimeGenerated), lastCall = max(TimeGenerated), calls = count_distinctif(CorrelationId, isnotempty(CorrelationId)) + countif(isempty(CorrelationId)) by day = bin(TimeGenerated, 1d), account = tolower(_ResourceId), deployment, model = tostring(properties.modelName), version = tostring(properties.modelVersion), region = column_ifexists("location_s", "")
| project-away day`,
  row: z.object({
    account: text,
    deployment: text,
    model: text,
    version: text,
    region: text,
    firstCall: instant,
    lastCall: instant,
    calls: count,
  }),
};

export type SeenDeploymentRow = {
  readonly account: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
  readonly region: string;
  readonly firstCall: Instant;
  readonly lastCall: Instant;
  readonly calls: bigint;
};
