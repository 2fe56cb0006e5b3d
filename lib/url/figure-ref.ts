import type { ChargeFilter } from "../ledger/charge-query.ts";
import { type Instant, type Period, toInstant, toIso } from "../time/instant.ts";
import { parseZone, type ZoneId } from "../time/zone.ts";
import { DEFAULT_PARAMS, parseReportParams, toSearchParams } from "./report-params.ts";

/** What a figure of the ledger measures; a cost unless it says otherwise. */
export const MEASURES = ["cost", "tokens", "unpriced", "requests", "latency", "throttled", "filtered"] as const;
export type Measure = (typeof MEASURES)[number];

/** What a figure is that others were worked out to: a forecast, what is left of a budget, a share, a cost by request. */
export const DERIVED_MEASURES = ["forecast", "budget", "share", "per_thousand"] as const;
export type DerivedMeasure = (typeof DERIVED_MEASURES)[number];

/** What a figure of the workspace's own newest minutes measures. */
export const LIVE_MEASURES = [
  "requests",
  "throttled",
  "server_errors",
  "access_denied",
  "client_errors",
  "latency",
] as const;
export type LiveMeasure = (typeof LIVE_MEASURES)[number];

/** A figure that can be opened: what it is called, which charges or requests it sums, in whose days. */
export type FigureRef = LedgerFigureRef | LiveFigureRef;

type Place = {
  readonly title: string;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly filter: ChargeFilter;
};
export type LedgerFigureRef = Place & {
  readonly measure?: Measure | DerivedMeasure;
  /** Of what is left of a budget: which one. */
  readonly budget?: string;
  readonly isLive?: false;
};
/** A figure of Now: read from the workspace, not from the ledger. */
export type LiveFigureRef = Place & { readonly measure: LiveMeasure; readonly isLive: true };

/** The name of the search param that opens the receipt drawer on any page. */
export const RECEIPT_PARAM = "receipt";

/** A figure as one search param; it is itself a query string, which the receipt's API takes as it is. */
export function toReceiptParam(figure: FigureRef): string {
  const { title, period, zone, filter, measure, isLive } = figure;
  const search = toSearchParams({ ...DEFAULT_PARAMS, filter });
  search.set("title", title);
  search.set("start", toIso(period.start));
  search.set("end", toIso(period.end));
  search.set("in", zone);
  if (measure !== undefined && measure !== "cost") search.set("measure", measure);
  if (isLive) search.set("live", "1");
  else if (figure.budget !== undefined) search.set("budget", figure.budget);
  return search.toString();
}

/** The figure of a receipt param, or undefined when it is not one. Never throws. */
export function parseReceiptParam(text: string): FigureRef | undefined {
  const search = new URLSearchParams(text);
  const [start, end] = [instantOf(search.get("start")), instantOf(search.get("end"))];
  const zone = parseZone(search.get("in") ?? "");
  if (start === undefined || end === undefined || zone === undefined || start >= end) return undefined;
  const place: Place = {
    title: (search.get("title") ?? "Cost").slice(0, 120),
    period: { start, end },
    zone,
    filter: parseReportParams(search).filter,
  };
  const asked = search.get("measure") ?? "cost";
  if (search.get("live") === "1") {
    const measure = LIVE_MEASURES.find((known) => known === asked);
    return measure && { ...place, measure, isLive: true };
  }
  const measure = [...MEASURES, ...DERIVED_MEASURES].find((known) => known === asked);
  if (measure === undefined || measure === "cost") return measure && place;
  const budget = search.get("budget");
  if (measure !== "budget") return { ...place, measure };
  return budget === null ? undefined : { ...place, measure, budget: budget.slice(0, 80) };
}

function instantOf(text: string | null): Instant | undefined {
  if (text === null || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text) || Number.isNaN(Date.parse(text)))
    return undefined;
  return toInstant(text);
}
