import type { ChargeFilter } from "../ledger/charge-query.ts";
import { type Instant, type Period, toInstant, toIso } from "../time/instant.ts";
import { parseZone, type ZoneId } from "../time/zone.ts";
import { DEFAULT_PARAMS, parseReportParams, toSearchParams } from "./report-params.ts";

/** A figure that can be opened: what it is called, which charges it sums, in whose days. */
export type FigureRef = {
  readonly title: string;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly filter: ChargeFilter;
};

/** The name of the search param that opens the receipt drawer on any page. */
export const RECEIPT_PARAM = "receipt";

/** A figure as one search param; it is itself a query string, which the receipt's API takes as it is. */
export function toReceiptParam({ title, period, zone, filter }: FigureRef): string {
  const search = toSearchParams({ ...DEFAULT_PARAMS, filter });
  search.set("title", title);
  search.set("start", toIso(period.start));
  search.set("end", toIso(period.end));
  search.set("in", zone);
  return search.toString();
}

/** The figure of a receipt param, or undefined when it is not one. Never throws. */
export function parseReceiptParam(text: string): FigureRef | undefined {
  const search = new URLSearchParams(text);
  const [start, end] = [instantOf(search.get("start")), instantOf(search.get("end"))];
  const zone = parseZone(search.get("in") ?? "");
  if (start === undefined || end === undefined || zone === undefined || start >= end) return undefined;
  return {
    title: (search.get("title") ?? "Cost").slice(0, 120),
    period: { start, end },
    zone,
    filter: parseReportParams(search).filter,
  };
}

function instantOf(text: string | null): Instant | undefined {
  if (text === null || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text) || Number.isNaN(Date.parse(text)))
    return undefined;
  return toInstant(text);
}
