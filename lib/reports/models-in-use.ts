import { formatCount, formatCountShort } from "../format/format-count.ts";
import { costMark, formatMoneyColumn, formatMoneyExact } from "../format/format-money.ts";
import type { ReceiptLine } from "../ledger/ledger.ts";
import { sum } from "../money/money.ts";
import { comparePrices, costOf, type UnitPrice } from "../money/unit-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { resolveTokenPrice } from "../pricing/resolve-price.ts";
import type { Instant } from "../time/instant.ts";
import { SCOPES, type TokenKind } from "../usage/price-key.ts";
import { priceRangeText, UNKNOWN_PART_WORDS, UNPRICED_WORDS } from "./price-text.ts";
import type { Cell, Row } from "./table-model.ts";

/** One model at one scope as the ledger saw it, dearest first. */
export type ModelInUse = {
  readonly model: string;
  readonly version: string;
  readonly scope: string;
  /** Where its tokens went, most first. */
  readonly regions: readonly string[];
  readonly tokens: bigint;
  readonly unpricedTokens: bigint;
  readonly lines: readonly ReceiptLine[];
};

/** The models that the lines of a receipt are about, dearest first and then by tokens. */
export function modelsInUse(lines: readonly ReceiptLine[]): ModelInUse[] {
  const groups = [
    ...Map.groupBy(lines, (line) =>
      JSON.stringify([line.model, line.version, line.scope, isOfCapacity(line)]),
    ).values(),
  ];
  return groups
    .flatMap((group): ModelInUse[] => {
      const first = group[0];
      if (!first) return [];
      const tokens = (wanted: readonly ReceiptLine[]) =>
        wanted.filter(({ unit }) => unit === "token").reduce((total, line) => total + line.quantity, 0n);
      const regions = [...Map.groupBy(group, ({ region }) => region)].toSorted(([, a], [, b]) =>
        Number(tokens(b) - tokens(a)),
      );
      return [
        {
          model: first.model,
          version: first.version,
          scope: first.scope,
          regions: regions.map(([region]) => region),
          tokens: tokens(group),
          unpricedTokens: tokens(group.filter(({ pricing }) => pricing === "unpriced")),
          lines: group,
        },
      ];
    })
    .toSorted((a, b) => compareBig(costOfLines(b), costOfLines(a)) || compareBig(b.tokens, a.tokens));
}

/** Provisioned capacity and what it serves is a deployment of its own, with no price per token. */
function isOfCapacity({ unit, pricing }: ReceiptLine): boolean {
  return unit === "ptu-minute" || pricing === "included";
}

/** The rows of the panel "Models in use": what they cost and what a million tokens cost now. */
export function modelRows(
  models: readonly ModelInUse[],
  book: PriceBook,
  now: Instant,
  hrefOf: (model: ModelInUse) => string,
): Row[] {
  const texts = formatMoneyColumn(
    models.map((model) => costOfLines(model)),
    { currency: book.currency },
  ).rows;
  return models.map((model, index): Row => {
    const cost = costOfLines(model);
    const isUnknown = cost === 0n && model.unpricedTokens > 0n;
    const isCapacity = model.lines.every(isOfCapacity);
    const mark = costMark({
      mayBeMore:
        model.unpricedTokens > 0n || model.lines.some((line) => line.contractedCostUpper > line.contractedCost),
      mayBeLess: model.lines.some((line) => line.contractedCostLower < line.contractedCost),
    });
    const priceNow = (kind: TokenKind): Cell =>
      isCapacity ? { text: "–", title: "provisioned: no price per token" } : priceNowCell(model, kind, book, now);
    return {
      id: `${model.model}|${model.version}|${model.scope}${isCapacity ? "|provisioned" : ""}`,
      cells: {
        model: {
          text: model.model || "(model not told)",
          href: hrefOf(model),
          ...(model.version ? { note: model.version } : {}),
        },
        scope: { text: model.scope },
        tokens: {
          text: formatCountShort(model.tokens),
          title: formatCount(model.tokens),
          exact: model.tokens.toString(),
          sort: Number(model.tokens),
        },
        cost: {
          text: isUnknown ? "unknown" : (texts[index] ?? ""),
          exact: cost.toString(),
          sort: Number(cost),
          title: formatMoneyExact(cost, book.currency),
          ...(mark && !isUnknown ? { note: mark } : {}),
        },
        ...pricedCells(model, isCapacity),
        input: priceNow("input"),
        cached: priceNow("cached_input"),
        output: priceNow("output"),
      },
    };
  });
}

function pricedCells(model: ModelInUse, isCapacity: boolean): Record<"priced" | "why", Cell> {
  const unpriced = model.lines.filter(({ pricing }) => pricing === "unpriced");
  const ranges = model.lines.filter(({ pricing }) => pricing === "range");
  if (unpriced.length > 0)
    return {
      priced: {
        text: model.unpricedTokens === model.tokens ? "no price" : `${formatCountShort(model.unpricedTokens)} without`,
        state: "firing",
        exact: model.unpricedTokens.toString(),
        sort: 0,
      },
      why: { text: inWords(unpriced, UNPRICED_WORDS) },
    };
  if (ranges.length > 0)
    return {
      priced: { text: "a range", state: "watch", sort: 1 },
      why: { text: inWords(ranges, UNKNOWN_PART_WORDS) },
    };
  if (isCapacity)
    return {
      priced: { text: "provisioned", state: "ok", sort: 2 },
      why: { text: "capacity is paid by the hour" },
    };
  return { priced: { text: "priced", state: "ok", sort: 3 }, why: { text: "" } };
}

function inWords(lines: readonly ReceiptLine[], words: Readonly<Record<string, string>>): string {
  return [...new Set(lines.map(({ note }) => words[note] ?? note))].join("; ");
}

/** The price of a kind of text token today at standard mode, over the regions in use: one, or a range. */
function priceNowCell(model: ModelInUse, tokenKind: TokenKind, book: PriceBook, now: Instant): Cell {
  const scope = SCOPES.find((one) => one === model.scope) ?? "unknown";
  const found: UnitPrice[] = [];
  for (const region of model.regions) {
    const answer = resolveTokenPrice(
      {
        model: model.model,
        version: model.version,
        scope,
        region,
        mode: "standard",
        contextBand: "any",
        tokenKind,
        modality: "text",
      },
      now,
      book,
    );
    if (answer.kind === "one") found.push(answer.line.contractedUnitPrice);
    if (answer.kind === "range") found.push(answer.lower.contractedUnitPrice, answer.upper.contractedUnitPrice);
  }
  const sorted = found.toSorted(comparePrices);
  const [lower, upper] = [sorted[0], sorted.at(-1)];
  if (!lower || !upper) return { text: "–", title: "the price book has none for this model, scope and region" };
  const exact = costOf(1_000_000n, lower);
  return { text: priceRangeText(lower, upper, book.currency), sort: Number(exact), exact: exact.toString() };
}

function costOfLines(model: Pick<ModelInUse, "lines">) {
  return sum(model.lines.map(({ contractedCost }) => contractedCost));
}

function compareBig(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
