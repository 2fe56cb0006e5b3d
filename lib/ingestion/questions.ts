import type { BucketOrigin } from "../ledger/ledger.ts";
import { gatewayByQuarterHour } from "../queries/gateway-by-quarter-hour.ts";
import { spansByQuarterHour } from "../queries/spans-by-quarter-hour.ts";
import { summaryRows } from "../queries/summary-rows.ts";
import { usageByQuarterHour } from "../queries/usage-by-quarter-hour.ts";
import type { Period } from "../time/instant.ts";

const EVERY_SOURCE = { gateway: true, gatewayLlm: true, spans: true };

/** The questions behind the charges of a period that was read from one place, as KQL that anyone can run again. */
export function questionsOf(window: Period, origin: BucketOrigin): { readonly name: string; readonly kql: string }[] {
  if (origin === "summary") return [{ name: summaryRows.name, kql: summaryRows.text({ window }) }];
  return [usageByQuarterHour, gatewayByQuarterHour, spansByQuarterHour].map((query) => ({
    name: query.name,
    kql: query.text({ window, sources: EVERY_SOURCE }),
  }));
}
