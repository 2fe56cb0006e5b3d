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
  };
}

/** A link to the Prices page in another state. */
export function pricesHref(params: ReportParams, prices: PricesParams): string {
  const search = toSearchParams(params);
  if (prices.find !== "") search.set("find", prices.find);
  if (prices.when === "any") search.set("when", "any");
  if (prices.history !== undefined) search.set("history", prices.history);
  if (prices.instead !== "") search.set("instead", prices.instead);
  if (prices.since !== undefined) search.set("since", prices.since);
  if (prices.until !== undefined) search.set("until", prices.until);
  const text = search.toString();
  return text ? `/prices?${text}` : "/prices";
}
