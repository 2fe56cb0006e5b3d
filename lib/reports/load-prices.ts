import type { Principal } from "../auth/principal.ts";
import { formatDay, formatDays } from "../format/format-time.ts";
import type { ReceiptLine } from "../ledger/ledger.ts";
import { priceDecimal } from "../money/unit-price.ts";
import type { NegotiatedPrice, NegotiatedScope } from "../pricing/negotiated-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { getRuntime } from "../runtime.ts";
import { addMs, HOUR_MS, type Instant, quarterHourOf } from "../time/instant.ts";
import { addDays, dayOf, type LocalDay, startOfDay, UTC } from "../time/zone.ts";
import { type PricesParams, pricesHref } from "../url/prices-params.ts";
import type { ReportParams } from "../url/report-params.ts";
import { type ModelRetirements, modelRetirements } from "./model-retirements.ts";
import { type ModelInUse, modelRows, modelsInUse } from "./models-in-use.ts";
import { loadPageContext, type PageContext, type ReportSources } from "./page-context.ts";
import { type PriceDifference, priceDifference } from "./price-difference.ts";
import { historySubject, type PriceHistoryView, priceHistoryView } from "./price-history-view.ts";
import { type PriceList, priceRows } from "./price-rows.ts";
import type { Row, State } from "./table-model.ts";

/** What the Prices page reads from besides the ledger. */
export type PriceSources = ReportSources & { readonly priceBook: () => Promise<PriceBook> };

/** A negotiated price in words. */
export type AgreementLine = {
  readonly id: string;
  readonly about: string;
  readonly terms: string;
  readonly holds: string;
  readonly reason: string;
  readonly state: State;
  readonly stateWord: string;
};

export type PricesReport = {
  readonly context: PageContext;
  readonly prices: PricesParams;
  readonly currency: string;
  readonly book: { readonly version: string; readonly sources: readonly string[] };
  readonly models: readonly Row[];
  readonly modelsNote: string | null;
  readonly list: PriceList & { readonly previous: string | null; readonly next: string | null };
  /** The list shows only what is in use, because nobody has asked for anything else. */
  readonly isListOfUse: boolean;
  readonly history: PriceHistoryView | null;
  readonly difference: PriceDifference & {
    readonly since: LocalDay;
    readonly until: LocalDay;
    readonly days: string;
    readonly volumeDays: string;
  };
  readonly retirements: ModelRetirements;
  readonly agreements: readonly AgreementLine[];
  readonly canChange: boolean;
  readonly offered: { readonly models: readonly string[]; readonly regions: readonly string[] };
};

const VOLUME_DAYS = 30;

/** The price book as people ask for it: what is in use, what it costs, what changes, and what was negotiated. */
export async function loadPrices(
  principal: Principal,
  params: ReportParams,
  prices: PricesParams,
  given?: PriceSources,
): Promise<PricesReport> {
  const sources = given ?? (await getRuntime());
  const [context, book] = await Promise.all([loadPageContext(principal, params, sources), sources.priceBook()]);
  const { now, shown, zone } = context;
  const { sees } = principal;
  const until = quarterHourOf(now);
  const month = { start: addMs(until, -VOLUME_DAYS * 24 * HOUR_MS), end: until };
  // Model and region choose prices of the book; the volume that changes meet is everybody's of the other filters.
  const { model: _model, region: _region, ...volume } = params.filter;
  const [used, lately] = await Promise.all([
    sources.ledger.receipt({ sees, period: shown.period, zone, grain: "total", groupBy: [], filter: params.filter }),
    sources.ledger.receipt({ sees, period: month, zone: UTC, grain: "total", groupBy: [], filter: volume }),
  ]);
  const models = modelsInUse(used.lines);
  const subject = historySubject(prices.history, models, book);
  const hrefOf = (model: ModelInUse) =>
    `${pricesHref(params, { ...prices, history: [model.model, model.version, model.scope].join("|") })}#history`;
  const wanted = searchOf(params, prices, used.lines);
  const list = priceRows(book, wanted.search, now, prices.page);
  const pageHref = (page: number) => `${pricesHref(params, { ...prices, page })}#price-book-title`;
  return {
    context,
    prices,
    currency: book.currency,
    book: { version: book.version, sources: [...new Set(book.rows.map(({ source }) => source))] },
    models: modelRows(models, book, now, hrefOf),
    modelsNote: unpricedNote(models),
    list: {
      ...list,
      previous: list.page > 1 ? pageHref(list.page - 1) : null,
      next: list.page < list.pages ? pageHref(list.page + 1) : null,
    },
    isListOfUse: wanted.isOfUse,
    history: subject ? priceHistoryView(subject, book, now) : null,
    difference: differenceOf(prices, book, now, lately.lines),
    retirements: modelRetirements(lately.lines, book, now, prices.instead.toLowerCase()),
    agreements: book.negotiated.map((agreement) => agreementLine(agreement, now, book.currency)),
    canChange: principal.role === "administrator" && sees.kind === "everything",
    offered: {
      models: [...new Set(book.rows.map(({ model }) => model))].filter(Boolean).toSorted(),
      regions: [...new Set(book.rows.flatMap(({ regions }) => (regions === "everywhere" ? [] : [...regions])))]
        .filter(Boolean)
        .toSorted(),
    },
  };
}

/** Without a question the list is about the models and regions in use: a book of thousands of prices answers nothing. */
function searchOf(params: ReportParams, prices: PricesParams, lines: readonly ReceiptLine[]) {
  const models = params.filter.model?.include ?? [];
  const regions = params.filter.region?.include ?? [];
  const isOfUse = prices.find === "" && models.length === 0 && regions.length === 0 && prices.when === "today";
  const meters = [...new Set(lines.flatMap(({ line }) => (line ? [line.meterName] : [])))];
  return {
    isOfUse,
    search: { find: prices.find, when: prices.when, models, regions, ...(isOfUse ? { meters } : {}) },
  };
}

function unpricedNote(models: readonly ModelInUse[]): string | null {
  const without = models.filter(({ unpricedTokens }) => unpricedTokens > 0n);
  if (without.length === 0) return null;
  const names = [...new Set(without.map(({ model }) => model || "a model that is not told"))];
  return `What ${names.join(", ")} cost is unknown: totals say "at least". A negotiated price below closes a gap.`;
}

function differenceOf(prices: PricesParams, book: PriceBook, now: Instant, lines: readonly ReceiptLine[]) {
  const today = dayOf(now, UTC);
  const since = prices.since ?? addDays(today, -90);
  const asked = prices.until ?? addDays(today, 60);
  const until = asked > since ? asked : addDays(since, 1);
  return {
    ...priceDifference(book, startOfDay(since, UTC), startOfDay(until, UTC), lines),
    since,
    until,
    days: formatDays(since, addDays(until, 1)),
    volumeDays: formatDays(addDays(today, -VOLUME_DAYS), addDays(today, 1)),
  };
}

function agreementLine(agreement: NegotiatedPrice, now: Instant, currency: string): AgreementLine {
  const { id, terms, validFrom, validTo, source } = agreement;
  const day = (at: Instant) => formatDay(dayOf(at, UTC), { withYear: true });
  const isOver = validTo !== null && validTo <= now;
  const isAhead = validFrom > now;
  return {
    id,
    about: aboutText(agreement.about),
    terms:
      terms.kind === "discount"
        ? `${terms.percent}\u00a0% off the list price`
        : `${currency} ${priceDecimal(terms.price, 1_000_000n)} per 1M`,
    holds: validTo === null ? `from ${day(validFrom)}` : `${day(validFrom)} to ${day(validTo)}`,
    reason: source,
    state: isOver ? "no data" : isAhead ? "late" : "ok",
    stateWord: isOver ? "over" : isAhead ? "to come" : "in force",
  };
}

function aboutText({ meterId, meterName, model, scope, region, tokenKind }: NegotiatedScope): string {
  const parts = [
    meterName ?? meterId,
    model,
    tokenKind?.replace("_", " "),
    scope,
    region === undefined ? undefined : `in ${region}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "every meter" : parts.join(" ");
}
