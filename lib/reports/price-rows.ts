import { formatDay } from "../format/format-time.ts";
import { readRegion } from "../pricing/model-name.ts";
import { contractedPrice, negotiatedFor } from "../pricing/negotiated-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { coversRegion, type PriceRow } from "../pricing/price-row.ts";
import type { Instant } from "../time/instant.ts";
import { dayOf, UTC } from "../time/zone.ts";
import { unitPriceCell, unitsOf } from "./price-text.ts";
import type { Cell, Row } from "./table-model.ts";

/** Which prices are listed; an empty list of models or regions means every one. */
export type PriceSearch = {
  readonly find: string;
  readonly when: "today" | "any";
  readonly models: readonly string[];
  readonly regions: readonly string[];
  /** Only prices of these meters; left out, every meter. */
  readonly meters?: readonly string[];
};

export type PriceList = {
  readonly rows: readonly Row[];
  /** How many prices match, and on how many lines: regions that share a price are one. */
  readonly matching: number;
  readonly lines: number;
  readonly all: number;
  /** The page that `rows` are, from 1, of how many, and the number of its first line, from 1. */
  readonly page: number;
  readonly pages: number;
  readonly firstLine: number;
};

const PAGE_ROWS = 25;
/** Made once: a locale comparison without it makes its rules anew for every pair. */
const IN_NUMBERS = new Intl.Collator("en", { numeric: true });

/**
 * A page of the prices of a book that a search finds, by model, scope and kind; the newest first among those of one key. A page
 * behind the last one is the last one.
 */
export function priceRows(book: PriceBook, search: PriceSearch, now: Instant, page: number): PriceList {
  const words = search.find.toLowerCase().split(/\s+/).filter(Boolean);
  const regions = search.regions.map(readRegion);
  const models = search.models.map((model) => model.toLowerCase());
  const meters = search.meters && new Set(search.meters);
  const matching = book.rows.filter(
    (row) =>
      (meters === undefined || meters.has(row.meterName)) &&
      (search.when === "any" || (row.validFrom <= now && (row.validTo === null || row.validTo > now))) &&
      (models.length === 0 || models.includes(row.model)) &&
      (regions.length === 0 || regions.some((region) => coversRegion(row, region))) &&
      hasWords(row, words),
  );
  const lines = [...Map.groupBy(matching, lineText).values()].map(asOne);
  const sorted = lines.toSorted((a, b) => IN_NUMBERS.compare(a.sort, b.sort) || b.row.validFrom - a.row.validFrom);
  const region = regions.length === 1 ? (regions[0] ?? "") : "";
  const pages = Math.max(1, Math.ceil(lines.length / PAGE_ROWS));
  const shown = Math.min(page, pages);
  const from = (shown - 1) * PAGE_ROWS;
  return {
    rows: sorted
      .slice(from, from + PAGE_ROWS)
      .map((line, index) => priceRow(line, String(from + index), region, book, now)),
    matching: matching.length,
    lines: lines.length,
    all: book.rows.length,
    page: shown,
    pages,
    firstLine: from + 1,
  };
}

/** A price with all the regions that share it; `lastFrom` is when the last of them began. */
type PriceLineOfRegions = { readonly row: PriceRow; readonly lastFrom: Instant; readonly sort: string };

function asOne(rows: readonly PriceRow[]): PriceLineOfRegions {
  const [first, ...others] = rows.toSorted((a, b) => a.validFrom - b.validFrom);
  if (!first) throw new RangeError("A line has a price.");
  const regions =
    first.regions === "everywhere"
      ? first.regions
      : new Set(rows.flatMap((row) => (row.regions === "everywhere" ? [] : [...row.regions])));
  const lastFrom = others.at(-1)?.validFrom ?? first.validFrom;
  return { row: { ...first, regions }, lastFrom, sort: sortText(first) };
}

function lineText(row: PriceRow): string {
  return [
    sortText(row),
    row.meterName,
    row.meterId,
    `${row.price.numerator}/${row.price.denominator}`,
    row.validTo,
    row.layer,
    row.source,
    row.regions === "everywhere",
    row.unitOfMeasure,
  ].join("|");
}

function priceRow(
  { row, lastFrom }: PriceLineOfRegions,
  id: string,
  region: string,
  book: PriceBook,
  now: Instant,
): Row {
  const units = row.measure === "token" ? 1_000_000n : row.measure === "unit" ? 1n : unitsOf(row);
  const agreement = negotiatedFor(
    row,
    region,
    row.validTo !== null && row.validTo <= now ? row.validFrom : now,
    book.negotiated,
  );
  const list = unitPriceCell(row.price, book.currency, units);
  return {
    id,
    cells: {
      model: { text: row.model || "any model", ...noteOf([row.version, row.tuning === "base" ? "" : "fine-tuned"]) },
      kind: {
        text: kindText(row),
        ...noteOf([row.measure === "token" && row.contextBand !== "any" ? `${row.contextBand} context` : ""]),
      },
      scope: {
        text: row.scope,
        ...noteOf([row.measure === "token" && row.mode !== "standard" ? row.mode : ""]),
      },
      region: regionCell(row),
      list: { ...list, ...(units === 1n ? { note: `per ${row.unitOfMeasure}` } : {}) },
      contracted: agreement
        ? { ...unitPriceCell(contractedPrice(row.price, agreement), book.currency, units), note: "negotiated" }
        : list,
      meter: { text: row.meterName, title: `${row.productName}${row.meterId ? ` · ${row.meterId}` : ""}` },
      from: {
        ...dayCell(row.validFrom),
        ...(lastFrom === row.validFrom
          ? {}
          : { note: "by region", title: `in its last region from ${dayCell(lastFrom).text}` }),
      },
      to: row.validTo === null ? { text: "open", sort: Number.MAX_SAFE_INTEGER } : dayCell(row.validTo),
      layer: { text: agreement ? `negotiated over ${row.layer}` : row.layer },
      source: { text: row.source, title: `read ${formatDay(dayOf(row.readAt, UTC), { withYear: true })}` },
    },
  };
}

function noteOf(words: readonly string[]): { readonly note?: string } {
  const note = words.filter(Boolean).join(", ");
  return note === "" ? {} : { note };
}

function regionCell(row: PriceRow): Cell {
  if (row.regions === "everywhere") return { text: "everywhere" };
  const [first = "", ...more] = [...row.regions].toSorted();
  return more.length === 0
    ? { text: first }
    : { text: `${more.length + 1} regions`, title: [first, ...more].join(", ") };
}

function dayCell(at: Instant): Cell {
  return { text: formatDay(dayOf(at, UTC), { withYear: true }), sort: at };
}

/** What one unit of a price is. */
export function kindText(row: PriceRow): string {
  switch (row.measure) {
    case "token":
      return `${row.tokenKind.replace("_", " ")}${row.modality === "text" ? "" : ` ${row.modality}`}`;
    case "ptu_hour":
      return "provisioned unit, hour";
    case "hosting_hour":
      return "fine-tuned hosting, hour";
    case "unit":
      return row.category.replaceAll("_", " ");
  }
}

function hasWords(row: PriceRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text =
    `${row.model} ${row.version} ${row.scope} ${row.meterName} ${row.productName} ${kindText(row)} ${row.measure === "token" ? `${row.mode} ${row.contextBand}` : ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

const KIND_ORDER = ["input", "cached_input", "cache_write", "output"];

function sortText(row: PriceRow): string {
  const token =
    row.measure === "token"
      ? `${row.mode === "standard" ? 0 : 1}${row.mode}|${row.contextBand}|${row.modality}|${KIND_ORDER.indexOf(row.tokenKind)}`
      : "";
  return `${row.measure === "token" ? 0 : 1}|${row.model}|${row.version}|${row.tuning}|${row.scope}|${token}`;
}
