import { comparePrices } from "../money/unit-price.ts";
import type { Instant } from "../time/instant.ts";
import type { PriceKey } from "../usage/price-key.ts";
import { readModelName, readRegion } from "./model-name.ts";
import { contractedPrice, negotiatedFor } from "./negotiated-price.ts";
import type { PriceBook } from "./price-book.ts";
import { coversRegion, type HourPriceRow, type PriceRow, type TokenPriceRow, type Tuning } from "./price-row.ts";
import type { PriceLine, Pricing } from "./priced-usage.ts";

/** Why nothing in the book answers. */
export type UnpricedReason = Extract<Pricing, { pricing: "unpriced" }>["reason"];

/** The part of the key whose value nobody told. */
export type UnknownPart = Extract<Pricing, { pricing: "range" }>["unknownPart"];

/** The answer of the price book for one key on one instant. */
export type Resolution =
  | { readonly kind: "one"; readonly line: PriceLine }
  | { readonly kind: "range"; readonly lower: PriceLine; readonly upper: PriceLine; readonly unknownPart: UnknownPart }
  | { readonly kind: "none"; readonly reason: UnpricedReason };

/**
 * Resolutions of one key: `starts[i]` is where `answers[i]` begins; before the first start the first answer holds. An answer is
 * found when it is first asked for: most keys are asked about one day or two.
 */
type Timeline = {
  readonly starts: readonly Instant[];
  readonly answers: (Resolution | undefined)[];
  readonly answerFrom: (start: Instant) => Resolution;
};

/** What an hour is asked for: provisioned units of a scope and region, or the hosting of a fine-tuned model. */
export type HourKey = Pick<PriceKey, "model" | "version" | "scope" | "region"> & {
  readonly measure: HourPriceRow["measure"];
};

/**
 * The price of a token key on an instant: the row with the greatest `validFrom` not after it, from the first layer that has
 * one. Parts of the key that are unknown give a range over the candidate prices, or one price when all candidates agree.
 */
export function resolveTokenPrice(key: PriceKey, at: Instant, book: PriceBook, cachedShareUnknown = false): Resolution {
  return answerAt(tokenTimelineOf(key, book, cachedShareUnknown), at);
}

/** The instants at which the answer for a token key may change, in order. */
export function tokenPriceChanges(key: PriceKey, book: PriceBook, cachedShareUnknown = false): readonly Instant[] {
  return tokenTimelineOf(key, book, cachedShareUnknown).starts;
}

function tokenTimelineOf(key: PriceKey, book: PriceBook, cachedShareUnknown: boolean): Timeline {
  const cache = cacheOf(book);
  const id = `${key.model}\u0000${key.version}\u0000${key.scope}\u0000${key.region}\u0000${key.mode}\u0000${key.contextBand}\u0000${key.tokenKind}\u0000${key.modality}${cachedShareUnknown ? "\u0000?" : ""}`;
  const known = cache.timelines.get(id);
  if (known) return known;
  const timeline = tokenTimeline(key, book, cache, cachedShareUnknown);
  cache.timelines.set(id, timeline);
  return timeline;
}

/** The price of an hour of provisioned or hosted capacity on an instant. */
export function resolveHourPrice(key: HourKey, at: Instant, book: PriceBook): Resolution {
  return answerAt(hourTimelineOf(key, book), at);
}

/** The instants at which the price of an hour key may change, in order. */
export function hourPriceChanges(key: HourKey, book: PriceBook): readonly Instant[] {
  return hourTimelineOf(key, book).starts;
}

function hourTimelineOf(key: HourKey, book: PriceBook): Timeline {
  const cache = cacheOf(book);
  const id = `${key.measure}\u0000${key.model}\u0000${key.version}\u0000${key.scope}\u0000${key.region}`;
  const known = cache.timelines.get(id);
  if (known) return known;
  const timeline = hourTimeline(key, book, cache);
  cache.timelines.set(id, timeline);
  return timeline;
}

type BookCache = {
  readonly byModel: ReadonlyMap<string, readonly TokenPriceRow[]>;
  readonly hours: readonly HourPriceRow[];
  readonly timelines: Map<string, Timeline>;
};

const caches = new WeakMap<PriceBook, BookCache>();

function cacheOf(book: PriceBook): BookCache {
  const known = caches.get(book);
  if (known) return known;
  const byModel = new Map<string, TokenPriceRow[]>();
  const hours: HourPriceRow[] = [];
  for (const row of book.rows) {
    if (row.measure === "unit") continue;
    if (row.measure !== "token") hours.push(row);
    else if (!byModel.get(row.model)?.push(row)) byModel.set(row.model, [row]);
  }
  const cache: BookCache = { byModel, hours, timelines: new Map() };
  caches.set(book, cache);
  return cache;
}

function answerAt(timeline: Timeline, at: Instant): Resolution {
  let index = timeline.starts.length - 1;
  while (index > 0 && (timeline.starts[index] ?? at) > at) index -= 1;
  const known = timeline.answers[index];
  if (known) return known;
  const answer = timeline.answerFrom(timeline.starts[index] ?? at);
  timeline.answers[index] = answer;
  return answer;
}

function tokenTimeline(key: PriceKey, book: PriceBook, cache: BookCache, cachedShareUnknown: boolean): Timeline {
  const name = readModelName(key.model, key.version);
  const ofModel = rowsOfTuning(cache.byModel.get(name.model) ?? [], name.tuning);
  if (ofModel.length === 0) return constant("unknown-model");
  const ofVersion = rowsOfVersion(ofModel, name.version);
  if (ofVersion.length === 0) return constant("no-meter");
  const isBanded = ofVersion.some((row) => row.contextBand !== "any");
  const band = isBanded && key.contextBand === "any" ? "unknown" : key.contextBand;
  const kinds: readonly string[] = cachedShareUnknown ? ["input", "cached_input"] : [key.tokenKind];
  const candidates = ofVersion.filter(
    (row) =>
      kinds.includes(row.tokenKind) &&
      (key.scope === "unknown" || row.scope === key.scope) &&
      (key.mode === "unknown" || row.mode === key.mode) &&
      (key.modality === "unknown" || row.modality === key.modality) &&
      (row.contextBand === "any" || band === "unknown" || row.contextBand === band),
  );
  return timelineOf(candidates, readRegion(key.region), book, (lines) => {
    const differing = (part: (row: PriceRow) => string) => new Set(lines.map((line) => part(line.row))).size > 1;
    const token = (part: "mode" | "contextBand" | "modality" | "tokenKind") => (row: PriceRow) =>
      row.measure === "token" ? row[part] : "";
    if (key.scope === "unknown" && differing((row) => row.scope)) return "scope";
    if (differing((row) => row.version)) return "version";
    if (key.mode === "unknown" && differing(token("mode"))) return "mode";
    if (band === "unknown" && differing(token("contextBand"))) return "contextBand";
    if (key.modality === "unknown" && differing(token("modality"))) return "modality";
    if (cachedShareUnknown && differing(token("tokenKind"))) return "cachedShare";
    return readRegion(key.region) === "" ? "region" : "version";
  });
}

function hourTimeline(key: HourKey, book: PriceBook, cache: BookCache): Timeline {
  const name = readModelName(key.model, key.version);
  const candidates = cache.hours.filter(
    (row) =>
      row.measure === key.measure &&
      (key.scope === "unknown" || row.scope === key.scope) &&
      (row.measure === "ptu_hour" || row.model === name.model),
  );
  const ofVersion = key.measure === "ptu_hour" ? candidates : rowsOfVersion(candidates, name.version);
  return timelineOf(ofVersion, readRegion(key.region), book, (lines) =>
    new Set(lines.map((line) => line.row.scope)).size > 1 ? "scope" : "region",
  );
}

/** A version with meters of its own is priced by those alone; any other version by the undated meters; no version by all. */
function rowsOfVersion<Row extends PriceRow>(rows: readonly Row[], version: string): readonly Row[] {
  if (version === "") return rows;
  const dated = rows.filter((row) => row.version === version);
  return dated.length > 0 ? dated : rows.filter((row) => row.version === "");
}

/** Fine-tuned usage is priced by fine-tuned meters alone, those of the developer tier only where there are no others. */
function rowsOfTuning<Row extends PriceRow>(rows: readonly Row[], tuning: Tuning): readonly Row[] {
  const own = rows.filter((row) => row.tuning === tuning);
  return tuning === "tuned" && own.length === 0 ? rows.filter((row) => row.tuning === "developer") : own;
}

type Candidate = { readonly row: PriceRow; readonly line: PriceLine };

function timelineOf(
  rows: readonly PriceRow[],
  region: string,
  book: PriceBook,
  namePart: (lines: readonly Candidate[]) => UnknownPart,
): Timeline {
  if (rows.length === 0) return constant("no-meter");
  const edges = new Set<Instant>();
  for (const row of rows) {
    edges.add(row.validFrom);
    if (row.validTo !== null) edges.add(row.validTo);
  }
  for (const agreement of book.negotiated) {
    edges.add(agreement.validFrom);
    if (agreement.validTo !== null) edges.add(agreement.validTo);
  }
  const sorted = [...edges].toSorted((a, b) => a - b);
  const starts = [-8_640_000_000_000_000 as Instant, ...sorted];
  return { starts, answers: [], answerFrom: (at) => answerOf(rows, region, at, book, namePart) };
}

function answerOf(
  rows: readonly PriceRow[],
  region: string,
  at: Instant,
  book: PriceBook,
  namePart: (lines: readonly Candidate[]) => UnknownPart,
): Resolution {
  const chosen = chooseByKey(rows, region, at).map((row) => ({ row, line: lineOf(row, region, at, book) }));
  if (chosen.length === 0) {
    const hasRegion = rows.some(
      (row) => region === "" || coversRegion(row, region) || (row.scope === "Global" && !isSovereign(region)),
    );
    return { kind: "none", reason: hasRegion ? "no-price-in-period" : "no-meter" };
  }
  const byPrice = chosen.toSorted(
    (a, b) =>
      comparePrices(a.line.contractedUnitPrice, b.line.contractedUnitPrice) ||
      comparePrices(a.line.listUnitPrice, b.line.listUnitPrice),
  );
  const lower = byPrice[0];
  const upper = byPrice.at(-1);
  if (!lower || !upper) return { kind: "none", reason: "no-meter" };
  const isOne =
    comparePrices(lower.line.contractedUnitPrice, upper.line.contractedUnitPrice) === 0 &&
    comparePrices(lower.line.listUnitPrice, upper.line.listUnitPrice) === 0;
  return isOne
    ? { kind: "one", line: lower.line }
    : { kind: "range", lower: lower.line, upper: upper.line, unknownPart: namePart(chosen) };
}

/** For every complete key among the rows, the row that answers on `at`: first layer, then greatest `validFrom`. */
function chooseByKey(rows: readonly PriceRow[], region: string, at: Instant): PriceRow[] {
  const groups = new Map<string, PriceRow[]>();
  for (const row of rows) {
    if (at < row.validFrom || (row.validTo !== null && at >= row.validTo)) continue;
    const id = keyText(row);
    if (!groups.get(id)?.push(row)) groups.set(id, [row]);
  }
  return [...groups.values()].flatMap((group) => chooseInRegion(group, region));
}

/**
 * A region's own row first. A Global price without a row for the region is taken from the other regions when they all
 * agree, because Global costs the same everywhere (pricing reference, section 1); Data Zone and Regional prices never are.
 * Sovereign clouds have prices of their own: they neither lend nor borrow, and an unknown region is one of the public cloud.
 */
function chooseInRegion(all: readonly PriceRow[], region: string): PriceRow[] {
  const group = isSovereign(region) ? all : withoutOutdatedGlobal(all);
  const own = region === "" ? [] : group.filter((row) => coversRegion(row, region));
  if (own.length > 0) return best(own);
  if (region !== "" && (group[0]?.scope !== "Global" || isSovereign(region))) return [];
  const regions = new Set(group.flatMap((row) => (row.regions === "everywhere" ? [""] : [...row.regions])));
  const perRegion = [...regions]
    .filter((name) => !isSovereign(name))
    .flatMap((name) => best(group.filter((row) => coversRegion(row, name))));
  const earliestLast = perRegion.toSorted((a, b) => b.validFrom - a.validFrom);
  const distinct = new Map(earliestLast.map((row) => [`${row.price.numerator}/${row.price.denominator}`, row]));
  if (region !== "" && distinct.size > 1) return [];
  return [...distinct.values()];
}

/** A Global price synced for one region is the price of all: bundled rows that the sync could have changed are left out. */
function withoutOutdatedGlobal(group: readonly PriceRow[]): readonly PriceRow[] {
  const first = group[0];
  if (first?.scope !== "Global" || first.tuning !== "base") return group;
  const isPublic = (row: PriceRow) =>
    row.regions === "everywhere" || [...row.regions].some((name) => !isSovereign(name));
  const synced = group.filter((row) => row.layer === "synced" && isPublic(row));
  if (synced.length === 0) return group;
  const readAt = Math.max(...synced.map((row) => row.readAt));
  return group.filter((row) => row.layer === "synced" || row.validFrom > readAt);
}

/** Whether a region belongs to a cloud with prices of its own. */
export function isSovereign(region: string): boolean {
  return /^(usgov|usdod|china)/.test(region);
}

const LAYER_ORDER = { synced: 0, bundled: 1 } as const;

/** The row that answers; more than one only where a list has two prices for one key from the same day. */
function best(rows: readonly PriceRow[]): PriceRow[] {
  const first = rows.reduce((a, b) => (beats(b, a) ? b : a));
  const tied = rows.filter((row) => row.layer === first.layer && row.validFrom === first.validFrom);
  return [...new Map(tied.map((row) => [`${row.price.numerator}/${row.price.denominator}`, row])).values()];
}

/** The earlier layer wins, unless the later layer's price began after the earlier layer was read and so could not know it. */
function beats(a: PriceRow, b: PriceRow): boolean {
  const layer = LAYER_ORDER[a.layer] - LAYER_ORDER[b.layer];
  if (layer === 0) return a.validFrom > b.validFrom;
  return layer < 0 ? b.validFrom <= a.readAt : a.validFrom > b.readAt;
}

function keyText(row: PriceRow): string {
  const shared = `${row.measure}|${row.model}|${row.version}|${row.tuning}|${row.scope}`;
  return row.measure === "token" ? `${shared}|${row.mode}|${row.contextBand}|${row.tokenKind}|${row.modality}` : shared;
}

function lineOf(row: PriceRow, region: string, at: Instant, book: PriceBook): PriceLine {
  const agreement = negotiatedFor(row, region, at, book.negotiated);
  return {
    meterName: row.meterName,
    meterId: row.meterId,
    unitOfMeasure: row.unitOfMeasure,
    listUnitPrice: row.price,
    contractedUnitPrice: contractedPrice(row.price, agreement),
    validFrom: row.validFrom,
    validTo: row.validTo,
    layer: agreement ? "negotiated" : row.layer,
    source: agreement ? agreement.source : row.source,
  };
}

function constant(reason: UnpricedReason): Timeline {
  const answer: Resolution = { kind: "none", reason };
  return { starts: [-8_640_000_000_000_000 as Instant], answers: [answer], answerFrom: () => answer };
}
