import { z } from "zod";
import { dt, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Period } from "../time/instant.ts";
import { total } from "./cells.ts";

/** How the GenAI spans of a window are written: model and agent spans, names of 2023, and spans that stand for several calls. */
export const spansShape: KqlQuery<{ readonly window: Period }, SpansShapeRow> = {
  name: "spans-shape",
  text: ({ window }) => kql`AppDependencies
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| extend genAiOperation = tostring(Properties["gen_ai.operation.name"]), isOldName = isnotempty(tostring(Properties["gen_ai.usage.prompt_tokens"]))
| where isnotempty(genAiOperation) or isOldName or isnotempty(tostring(Properties["gen_ai.usage.input_tokens"]))
| summarize spans = count(), agentSpans = countif(genAiOperation in ("invoke_agent", "create_agent", "execute_tool")), oldNames = countif(isOldName), sampled = countif(ItemCount > 1) by everything = 1
| project spans, agentSpans, oldNames, sampled`,
  row: z.object({ spans: total, agentSpans: total, oldNames: total, sampled: total }),
};

/** The one row of `spansShape`; there is none without spans. */
export type SpansShapeRow = {
  readonly spans: bigint;
  readonly agentSpans: bigint;
  readonly oldNames: bigint;
  readonly sampled: bigint;
};
