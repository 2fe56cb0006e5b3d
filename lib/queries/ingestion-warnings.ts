import { z } from "zod";
import { dt, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { count, instant, text } from "./cells.ts";

/**
 * What the workspace itself says of rows that it did not keep: the daily cap and limits of ingestion. Each workspace has this
 * function over its table Operation; the embedded one has none.
 */
export const ingestionWarnings: KqlQuery<{ readonly window: Period }, IngestionWarning> = {
  name: "ingestion-warnings",
  text: ({ window }) => kql`_LogOperation
| where TimeGenerated >= ${dt(window.start)} and TimeGenerated < ${dt(window.end)}
| where Category =~ "Ingestion" and Level in~ ("Warning", "Error")
| summarize rows = count(), lastAt = max(TimeGenerated), capped = countif(Detail has "OverQuota") by operation = Operation`,
  row: z.object({ operation: text, rows: count, lastAt: instant, capped: count }),
};

/** One kind of warning; `capped` of its rows tell of the daily cap. */
export type IngestionWarning = {
  readonly operation: string;
  readonly rows: bigint;
  readonly lastAt: Instant;
  readonly capped: bigint;
};
