import { gatewayByQuarterHour } from "../queries/gateway-by-quarter-hour.ts";
import { spansByQuarterHour } from "../queries/spans-by-quarter-hour.ts";
import { usageByQuarterHour } from "../queries/usage-by-quarter-hour.ts";
import type { Period } from "../time/instant.ts";

const EVERY_SOURCE = { gateway: true, gatewayLlm: true, spans: true };

/** The questions behind the charges of a period, as KQL with the period filled in that anyone can run again. */
export function questionsOf(window: Period): { readonly name: string; readonly kql: string }[] {
  return [usageByQuarterHour, gatewayByQuarterHour, spansByQuarterHour].map((query) => ({
    name: query.name,
    kql: query.text({ window, sources: EVERY_SOURCE }),
  }));
}
