import type { Principal } from "../auth/principal.ts";
import { formatCount } from "../format/format-count.ts";
import { costMark, symbol } from "../format/format-money.ts";
import { formatDay } from "../format/format-time.ts";
import type { ChargeQuery, ChargeSum } from "../ledger/charge-query.ts";
import { contentHash } from "../ledger/charge-rows.ts";
import type { ReceiptLine } from "../ledger/ledger.ts";
import { rateStretches } from "../ledger/rate-stretches.ts";
import type { Reporting } from "../money/exchange-rates.ts";
import { sum } from "../money/money.ts";
import { priceDecimal } from "../money/unit-price.ts";
import { getRuntime } from "../runtime.ts";
import { addMs } from "../time/instant.ts";
import { dayOf, UTC } from "../time/zone.ts";
import type { FigureRef, LedgerFigureRef } from "../url/figure-ref.ts";
import { type Amount, amountOf, countOf } from "./amount.ts";
import { loadLiveReceipt } from "./load-live-receipt.ts";
import { loadMeasureReceipt } from "./load-measure-receipt.ts";
import type { NowSources } from "./load-now.ts";
import { type StatedSources, sourcesOr } from "./page-context.ts";
import { dataToText, kqlQuestion, originTexts, receiptHead } from "./receipt-parts.ts";
import type { ConversionRow, CostReceiptView, ReceiptLineView, ReceiptView } from "./receipt-view.ts";

/** What lies behind a figure: a cost line by line, a count by its parts; the rows and the questions of each. */
export async function loadReceipt(principal: Principal, figure: FigureRef, given?: NowSources): Promise<ReceiptView> {
  if (figure.isLive) return loadLiveReceipt(principal, figure, given ?? (await getRuntime()));
  const sources = await sourcesOr(given);
  return figure.measure === undefined || figure.measure === "cost"
    ? loadCostReceipt(principal, figure, sources)
    : loadMeasureReceipt(principal, figure, figure.measure, sources);
}

/** A cost, its sum line by line with the price of each. */
export async function loadCostReceipt(
  principal: Principal,
  figure: LedgerFigureRef,
  { charged, stated }: Pick<StatedSources, "charged" | "stated">,
): Promise<CostReceiptView> {
  const query: ChargeQuery = {
    sees: principal.sees,
    period: figure.period,
    zone: figure.zone,
    grain: "total",
    groupBy: [],
    filter: figure.filter,
  };
  const [receipt, conversion] = await Promise.all([charged.receipt(query), conversionOf(query, charged, stated)]);
  const currency = stated.book;
  const cost = sum(receipt.lines.map((line) => line.contractedCost));
  const upper = sum(receipt.lines.map((line) => line.contractedCostUpper));
  const lower = sum(receipt.lines.map((line) => line.contractedCostLower));
  const unpriced = receipt.lines
    .filter((line) => line.pricing === "unpriced")
    .reduce((a, line) => a + line.quantity, 0n);
  return {
    kind: "cost",
    ...receiptHead(figure),
    cost: conversion?.cost ?? amountOf(cost, currency),
    mark: costMark({ mayBeMore: upper > cost || unpriced > 0n, mayBeLess: lower < cost }),
    costUpper: upper === cost ? null : (conversion?.costUpper ?? amountOf(upper, currency)),
    sum: amountOf(cost, currency),
    sumLower: lower === cost ? null : amountOf(lower, currency),
    conversion: conversion?.rows ?? null,
    listCost: amountOf(sum(receipt.lines.map((line) => line.listCost)), currency),
    unpricedTokens: unpriced === 0n ? null : countOf(unpriced),
    lines: receipt.lines.map((line) => lineView(line, currency)),
    origins: originTexts(receipt.byOrigin, figure.zone),
    rowsCounted: countOf(receipt.rowsCounted),
    duplicatesDropped: countOf(receipt.duplicatesDropped),
    bySource: receipt.bySource.map((row) => ({ ...row, tokens: countOf(row.tokens) })),
    byRule: receipt.byRule.map((row) => ({ ...row, tokens: countOf(row.tokens) })),
    questions: receipt.questions.map(({ name, kql }) => kqlQuestion(name, kql)),
    dataTo: dataToText(receipt.dataTo, figure.zone),
    isComplete: receipt.isComplete,
    // The lines and the rates together decide the figure.
    hash: conversion ? contentHash([receipt.hash, ...conversion.rows.map((row) => JSON.stringify(row))]) : receipt.hash,
  };
}

type Conversion = { readonly cost: Amount; readonly costUpper: Amount; readonly rows: readonly ConversionRow[] };

/** The stretches of a figure's period, each with its rate; they add up to the figure in the stated currency. */
async function conversionOf(
  query: ChargeQuery,
  charged: StatedSources["charged"],
  { pair, book, currency }: Reporting,
): Promise<Conversion | null> {
  if (!pair) return null;
  // A rate begins at a UTC midnight, so each UTC day lies in one stretch.
  const byDay = { ...query, zone: UTC, grain: "day" } as const;
  const [inBook, inOther] = await Promise.all([
    charged.sumCharges(byDay),
    charged.sumCharges({ ...byDay, rates: pair }),
  ]);
  const stretches = rateStretches(query.period, pair).map(({ period, rate }) => {
    const isInside = ({ bucket }: ChargeSum) =>
      bucket !== null && bucket >= dayOf(period.start, UTC) && bucket <= dayOf(addMs(period.end, -1), UTC);
    const [ofBook, ofOther] = [inBook.filter(isInside), inOther.filter(isInside)];
    return {
      rate,
      cost: sum(ofBook.map((row) => row.contractedCost)),
      stated: sum(ofOther.map((row) => row.contractedCost)),
      statedUpper: sum(ofOther.map((row) => row.contractedCostUpper)),
    };
  });
  return {
    cost: amountOf(sum(stretches.map(({ stated }) => stated)), currency),
    costUpper: amountOf(sum(stretches.map(({ statedUpper }) => statedUpper)), currency),
    rows: stretches.map(({ rate, cost, stated }) => ({
      rate: `1 ${book} = ${rate.text} ${currency} from ${rate.day}, ${rate.source}`,
      charged: amountOf(cost, book),
      stated: amountOf(stated, currency),
    })),
  };
}

function lineView(line: ReceiptLine, currency: string): ReceiptLineView {
  const isTokens = line.unit === "token";
  return {
    what: `${line.model}${line.version ? ` ${line.version}` : ""} · ${isTokens ? line.tokenKind.replace("_", " ") : `provisioned${line.tokenKind ? `, ${line.tokenKind}` : ""}`}`,
    detail: `${line.scope} · ${line.region || "any region"} · ${formatCount(line.charges)} charges`,
    quantity: countOf(line.quantity),
    unit: isTokens ? "tokens" : "PTU-minutes",
    unitPrice: line.line === null ? "–" : unitPriceText(line, currency),
    cost: line.pricing === "unpriced" ? null : amountOf(line.contractedCost, currency),
    costLower: line.contractedCostLower === line.contractedCost ? null : amountOf(line.contractedCostLower, currency),
    pricing: line.pricing,
    note: line.note,
    price: priceText(line),
  };
}

function unitPriceText({ line, unit }: ReceiptLine, currency: string): string {
  if (line === null) return "–";
  // A price counts picodollars per token; people read it per million tokens, and capacity per PTU-hour.
  const text =
    unit === "token" ? priceDecimal(line.contractedUnitPrice, 1_000_000n) : priceDecimal(line.contractedUnitPrice, 1n);
  return `${symbol(currency)}${text} / ${unit === "token" ? "1M" : "PTU-hour"}`;
}

function priceText({ line, pricing, note }: ReceiptLine): string {
  if (line === null) return pricing === "included" ? "included in the provisioned capacity" : note;
  const until = line.validTo === null ? "" : ` until ${formatDay(dayOf(line.validTo, UTC), { withYear: true })}`;
  return `${line.meterName} · ${line.layer} price from ${formatDay(dayOf(line.validFrom, UTC), { withYear: true })}${until} · ${line.source}`;
}
