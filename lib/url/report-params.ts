import { CHARGE_DIMENSIONS, type ChargeDimension, type ChargeFilter } from "../ledger/charge-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import {
  addDays,
  addMonths,
  dayOf,
  daysBetween,
  firstOfMonth,
  type LocalDay,
  parseLocalDay,
  parseZone,
  periodOfDays,
  type ZoneId,
} from "../time/zone.ts";

/** Which days a page is about. `days` has its last day inside, as people say it; `last` ends with today. */
export type PeriodChoice =
  | { readonly kind: "month"; readonly month: string }
  | { readonly kind: "days"; readonly from: LocalDay; readonly last: LocalDay }
  | { readonly kind: "last"; readonly days: number }
  | { readonly kind: "thisMonth" };

export const COMPARISONS = ["previous", "year", "none"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What the control bar of every page says: the state of a page that is worth a link. */
export type ReportParams = {
  readonly period: PeriodChoice;
  /** Undefined: the reporting zone of the settings. */
  readonly zone: ZoneId | undefined;
  readonly compare: Comparison;
  readonly filter: ChargeFilter;
  /** How the main chart and table are cut; a page ignores a dimension that it does not offer. */
  readonly by: ChargeDimension | undefined;
  readonly isWall: boolean;
};

/** Search params as Next.js hands them to a page. */
export type RawSearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

export const DEFAULT_PARAMS: ReportParams = {
  period: { kind: "thisMonth" },
  zone: undefined,
  compare: "previous",
  filter: {},
  by: undefined,
  isWall: false,
};

/** Reads the state of a page out of its URL. Never throws: a value that makes no sense becomes its default. */
export function parseReportParams(raw: RawSearchParams | URLSearchParams): ReportParams {
  const all = (name: string): readonly string[] => {
    if (raw instanceof URLSearchParams) return raw.getAll(name);
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return value === undefined ? [] : typeof value === "string" ? [value] : value;
  };
  const first = (name: string) => all(name)[0];
  return {
    period: parsePeriodChoice(first("period")),
    zone: parseZone(first("zone") ?? ""),
    compare: COMPARISONS.find((comparison) => comparison === first("compare")) ?? DEFAULT_PARAMS.compare,
    filter: parseFilter(all),
    by: CHARGE_DIMENSIONS.find((dimension) => dimension === first("by")),
    isWall: first("wall") === "1",
  };
}

/** The search params of a state, without what is the default, in one fixed order; reading them back gives the state. */
export function toSearchParams(params: ReportParams): URLSearchParams {
  const search = new URLSearchParams();
  if (params.period.kind !== "thisMonth") search.set("period", periodText(params.period));
  if (params.zone !== undefined) search.set("zone", params.zone);
  if (params.compare !== DEFAULT_PARAMS.compare) search.set("compare", params.compare);
  for (const dimension of CHARGE_DIMENSIONS) {
    for (const value of params.filter[dimension]?.include ?? []) search.append(dimension, value);
    for (const value of params.filter[dimension]?.exclude ?? []) search.append(`not.${dimension}`, value);
  }
  if (params.by !== undefined) search.set("by", params.by);
  if (params.isWall) search.set("wall", "1");
  return search;
}

/** A link to `path` with the state of `params`. */
export function toHref(path: string, params: ReportParams): string {
  const search = toSearchParams(params).toString();
  return search ? `${path}?${search}` : path;
}

/** The days of a choice: `from` inside, `to` outside. A period in progress ends with today. */
export function daysOf(
  choice: PeriodChoice,
  now: Instant,
  zone: ZoneId,
): { readonly from: LocalDay; readonly to: LocalDay } {
  const tomorrow = addDays(dayOf(now, zone), 1);
  switch (choice.kind) {
    case "thisMonth":
      return { from: firstOfMonth(dayOf(now, zone)), to: tomorrow };
    case "month": {
      const from = parseLocalDay(`${choice.month}-01`) ?? firstOfMonth(dayOf(now, zone));
      const end = addMonths(from, 1);
      return { from, to: from < tomorrow && end > tomorrow ? tomorrow : end };
    }
    case "days":
      return { from: choice.from, to: addDays(choice.last, 1) };
    case "last":
      return { from: addDays(tomorrow, -choice.days), to: tomorrow };
  }
}

/** The half-open period of a choice in a zone. */
export function periodOf(choice: PeriodChoice, now: Instant, zone: ZoneId): Period {
  const { from, to } = daysOf(choice, now, zone);
  return periodOfDays(from, to, zone);
}

/**
 * The days that a period is compared with: the same days of the month before for (part of) a month, cut at that month's
 * end; otherwise the stretch of equal length just before; or the same days a year earlier.
 */
export function comparedDays(
  choice: PeriodChoice,
  comparison: Comparison,
  now: Instant,
  zone: ZoneId,
): { readonly from: LocalDay; readonly to: LocalDay } | undefined {
  if (comparison === "none") return undefined;
  const { from, to } = daysOf(choice, now, zone);
  if (comparison === "year") return { from: addMonths(from, -12), to: addDays(addMonths(addDays(to, -1), -12), 1) };
  if (from === firstOfMonth(from) && firstOfMonth(addDays(to, -1)) === from) {
    const before = addMonths(from, -1);
    const isWholeMonth = to === addMonths(from, 1);
    const sameDays = addDays(before, daysBetween(from, to));
    return { from: before, to: isWholeMonth || sameDays > from ? from : sameDays };
  }
  return { from: addDays(from, -daysBetween(from, to)), to: from };
}

/** The choice one step earlier (-1) or later (+1): a month steps by months, a stretch by its own length. */
export function stepPeriod(choice: PeriodChoice, step: -1 | 1, now: Instant, zone: ZoneId): PeriodChoice {
  const { from, to } = daysOf(choice, now, zone);
  if (choice.kind === "month" || choice.kind === "thisMonth") {
    const month = addMonths(firstOfMonth(from), step).slice(0, 7);
    return month === dayOf(now, zone).slice(0, 7) ? { kind: "thisMonth" } : { kind: "month", month };
  }
  const length = daysBetween(from, to) * step;
  return { kind: "days", from: addDays(from, length), last: addDays(to, length - 1) };
}

/** `filter` with one value added to what is kept, or taken away when it is there. */
export function toggleFilter(filter: ChargeFilter, dimension: ChargeDimension, value: string): ChargeFilter {
  const kept = filter[dimension]?.include ?? [];
  const include = kept.includes(value) ? kept.filter((other) => other !== value) : [...kept, value];
  return withDimension(filter, dimension, { include, exclude: filter[dimension]?.exclude ?? [] });
}

/** `filter` without one of the dropped values. */
export function withoutExcluded(filter: ChargeFilter, dimension: ChargeDimension, value: string): ChargeFilter {
  return withDimension(filter, dimension, {
    include: filter[dimension]?.include ?? [],
    exclude: (filter[dimension]?.exclude ?? []).filter((other) => other !== value),
  });
}

function withDimension(
  filter: ChargeFilter,
  dimension: ChargeDimension,
  rule: { readonly include: readonly string[]; readonly exclude: readonly string[] },
): ChargeFilter {
  const entries = CHARGE_DIMENSIONS.flatMap((name) => {
    const chosen = name === dimension ? rule : filter[name];
    return chosen ? ruleEntry(name, chosen.include ?? [], chosen.exclude ?? []) : [];
  });
  return Object.fromEntries(entries);
}

function parseFilter(all: (name: string) => readonly string[]): ChargeFilter {
  return Object.fromEntries(
    CHARGE_DIMENSIONS.flatMap((dimension) =>
      ruleEntry(dimension, unique(all(dimension)), unique(all(`not.${dimension}`))),
    ),
  );
}

function ruleEntry(dimension: ChargeDimension, include: readonly string[], exclude: readonly string[]) {
  if (include.length === 0 && exclude.length === 0) return [];
  return [[dimension, { ...(include.length ? { include } : {}), ...(exclude.length ? { exclude } : {}) }] as const];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value !== "").slice(0, MAX_VALUES);
}

/** More values than this in one filter cannot be read in a control bar and only make a URL too long for a proxy. */
const MAX_VALUES = 50;
const MAX_DAYS = 3 * 366;

function parsePeriodChoice(text: string | undefined): PeriodChoice {
  const span = /^(\d{1,4})d$/.exec(text ?? "");
  if (span) {
    const days = Number(span[1]);
    return days >= 1 && days <= MAX_DAYS ? { kind: "last", days } : DEFAULT_PARAMS.period;
  }
  if (/^\d{4}-\d{2}$/.test(text ?? "") && parseDay(`${text}-01`)) return { kind: "month", month: text ?? "" };
  const [first = "", second = "", ...rest] = (text ?? "").split("..");
  const [from, last] = [parseDay(first), parseDay(second)];
  if (from && last && rest.length === 0 && from <= last && daysBetween(from, last) < MAX_DAYS)
    return { kind: "days", from, last };
  return DEFAULT_PARAMS.period;
}

/** A day of this product's time: Azure OpenAI has no bill before 2020, and far years only break calendars. */
function parseDay(text: string): LocalDay | undefined {
  return text >= "2020-01-01" && text <= "2099-12-31" ? parseLocalDay(text) : undefined;
}

function periodText(choice: PeriodChoice): string {
  switch (choice.kind) {
    case "month":
      return choice.month;
    case "days":
      return `${choice.from}..${choice.last}`;
    case "last":
      return `${choice.days}d`;
    case "thisMonth":
      return "month";
  }
}
