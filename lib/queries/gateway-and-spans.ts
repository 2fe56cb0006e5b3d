import { z } from "zod";
import { kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import { type GatewayParams, type GatewayRow, gatewayByQuarterHour } from "./gateway-by-quarter-hour.ts";
import { type SpanRow, spansByQuarterHour } from "./spans-by-quarter-hour.ts";

/** A row of either question; `rowOf` says of which. */
export type GatewayOrSpanRow = (GatewayRow & { readonly rowOf: "gateway" }) | (SpanRow & { readonly rowOf: "span" });

/** The gateway's and the spans' quarter hours in one call, for the budget of four calls a minute (rules, section 9). */
export const gatewayAndSpans: KqlQuery<GatewayParams, GatewayOrSpanRow> = {
  name: "gateway-and-spans-by-quarter-hour",
  text: (params) => kql`union (
${gatewayByQuarterHour.text(params)}
| extend rowOf = "gateway"), (
${spansByQuarterHour.text(params)}
| extend rowOf = "span")`,
  row: z.union([tagged("gateway", gatewayByQuarterHour.row), tagged("span", spansByQuarterHour.row)]),
};

function tagged<const Tag extends string, Row>(tag: Tag, row: z.ZodType<Row>) {
  return z.intersection(z.object({ rowOf: z.literal(tag) }), row);
}
