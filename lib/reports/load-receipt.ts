import type { Principal } from "../auth/principal.ts";
import { formatCount } from "../format/format-count.ts";
import { symbol } from "../format/format-money.ts";
import { formatDay, formatInstant } from "../format/format-time.ts";
import { CHARGE_DIMENSIONS, type ChargeFilter } from "../ledger/charge-query.ts";
import type { ReceiptLine } from "../ledger/ledger.ts";
import { sum } from "../money/money.ts";
import { priceDecimal } from "../money/unit-price.ts";
import { dayOf, UTC } from "../time/zone.ts";
import type { FigureRef } from "../url/figure-ref.ts";
import { queryPath } from "../url/page-path.ts";
import { amountOf, countOf } from "./amount.ts";
import { type ReportSources, sourcesOr } from "./page-context.ts";
import type { ReceiptLineView, ReceiptView } from "./receipt-view.ts";

/** What lies behind a figure: its sum line by line, the rows, the price lines and the questions. */
export async function loadReceipt(
  principal: Principal,
  figure: FigureRef,
  given?: ReportSources,
): Promise<ReceiptView> {
  const { ledger, env } = await sourcesOr(given);
  const currency = env.REPORTING_CURRENCY;
  const receipt = await ledger.receipt({
    sees: principal.sees,
    period: figure.period,
    zone: figure.zone,
    grain: "total",
    groupBy: [],
    filter: figure.filter,
  });
  const cost = sum(receipt.lines.map((line) => line.contractedCost));
  const upper = sum(receipt.lines.map((line) => line.contractedCostUpper));
  const unpriced = receipt.lines
    .filter((line) => line.pricing === "unpriced")
    .reduce((a, line) => a + line.quantity, 0n);
  return {
    title: figure.title,
    period: `${formatInstant(figure.period.start, figure.zone, { withYear: true })} to ${formatInstant(figure.period.end, figure.zone, { withYear: true })}`,
    filters: filterTexts(figure.filter),
    cost: amountOf(cost, currency),
    costUpper: upper === cost ? null : amountOf(upper, currency),
    listCost: amountOf(sum(receipt.lines.map((line) => line.listCost)), currency),
    unpricedTokens: unpriced === 0n ? null : countOf(unpriced),
    lines: receipt.lines.map((line) => lineView(line, currency)),
    rowsCounted: countOf(receipt.rowsCounted),
    duplicatesDropped: countOf(receipt.duplicatesDropped),
    bySource: receipt.bySource.map((row) => ({ ...row, tokens: countOf(row.tokens) })),
    byRule: receipt.byRule.map((row) => ({ ...row, tokens: countOf(row.tokens) })),
    questions: receipt.questions.map((question) => ({ ...question, href: queryPath(question.kql) })),
    dataTo: receipt.dataTo === null ? "no data yet" : formatInstant(receipt.dataTo, figure.zone, { withYear: true }),
    isComplete: receipt.isComplete,
    hash: receipt.hash,
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

function filterTexts(filter: ChargeFilter): string[] {
  return CHARGE_DIMENSIONS.flatMap((dimension) => [
    ...(filter[dimension]?.include ?? []).map((value) => `${dimension} is ${value}`),
    ...(filter[dimension]?.exclude ?? []).map((value) => `${dimension} is not ${value}`),
  ]);
}
