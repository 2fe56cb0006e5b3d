import { type LocalDay, parseLocalDay } from "../time/zone.ts";
import { type RawSearchParams, type ReportParams, toSearchParams } from "./report-params.ts";

/** What the Prices page adds to the state of every page. */
export type PricesParams = {
  /** Words that a price must have. */
  readonly find: string;
  /** Which prices are listed: those of today, or every one that ever was or is announced. */
  readonly when: "today" | "any";
  /** The model whose prices are drawn over time. */
  readonly history: string | undefined;
  /** The model to compare retiring ones with where Azure names no successor; empty for none. */
  readonly instead: string;
  /** The two days that are compared. */
  readonly since: LocalDay | undefined;
  readonly until: LocalDay | undefined;
  /** Which page of the listed prices is shown, from 1. */
  readonly page: number;
};

/** Reads the state of the Prices page out of its URL; a value that makes no sense becomes its default. */
export function parsePricesParams(raw: RawSearchParams): PricesParams {
  const first = (name: string): string | undefined => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return typeof value === "string" ? value : value?.[0];
  };
  const day = (name: string) => {
    const text = first(name) ?? "";
    return text >= "2020-01-01" && text <= "2099-12-31" ? parseLocalDay(text) : undefined;
  };
  return {
    find: (first("find") ?? "").trim().slice(0, 200),
    when: first("when") === "any" ? "any" : "today",
    history: first("history") || undefined,
    instead: (first("instead") ?? "").trim().slice(0, 100),
    since: day("since"),
    until: day("until"),
    page: /^[1-9]\d{0,3}$/.test(first("page") ?? "") ? Number(first("page")) : 1,
  };
}

/** The state of the Prices page as URL parameters; what has its default is left out. */
export function pricesSearch(params: ReportParams, prices: PricesParams): URLSearchParams {
  const search = toSearchParams(params);
  if (prices.find !== "") search.set("find", prices.find);
  if (prices.when === "any") search.set("when", "any");
  if (prices.history !== undefined) search.set("history", prices.history);
  if (prices.instead !== "") search.set("instead", prices.instead);
  if (prices.since !== undefined) search.set("since", prices.since);
  if (prices.until !== undefined) search.set("until", prices.until);
  if (prices.page > 1) search.set("page", String(prices.page));
  return search;
}

/** A link to the Prices page in another state. */
export function pricesHref(params: ReportParams, prices: PricesParams): string {
  const text = pricesSearch(params, prices).toString();
  return text ? `/prices?${text}` : "/prices";
}
