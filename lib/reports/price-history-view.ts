import { formatDay } from "../format/format-time.ts";
import { comparePrices, costOf } from "../money/unit-price.ts";
import { readModelName } from "../pricing/model-name.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceHistory } from "../pricing/price-changes.ts";
import type { PriceLine } from "../pricing/priced-usage.ts";
import type { Instant } from "../time/instant.ts";
import { addDays, dayOf, daysBetween, type LocalDay, startOfDay, UTC } from "../time/zone.ts";
import { type ContextBand, type PriceKey, SCOPES, type Scope, type TokenKind } from "../usage/price-key.ts";
import type { ChartModel, ChartSeries, ChartValue } from "./chart-model.ts";
import { UNKNOWN_VALUE } from "./cost-series.ts";
import type { ModelInUse } from "./models-in-use.ts";
import { unitPriceCell, unitPriceText } from "./price-text.ts";
import type { Row } from "./table-model.ts";

export type PriceHistoryView = {
  readonly title: string;
  readonly chart: ChartModel;
  readonly steps: readonly Row[];
};

const KINDS: readonly TokenKind[] = ["input", "cached_input", "output"];
const MOST_DAYS = 400;
const DAYS_AHEAD = 30;
/** Between two steps a price stays as it is, so days between them are drawn only to keep the axis a time axis. */
const DRAWN_DAYS = 24;

/** The contracted prices of a model at one scope over time, at standard mode for text: a chart of days, and its steps. */
export function priceHistoryView(
  subject: { readonly model: string; readonly version: string; readonly scope: Scope; readonly region: string },
  book: PriceBook,
  now: Instant,
): PriceHistoryView {
  const bands = bandsOf(subject, book);
  const lines = bands.flatMap((contextBand) =>
    KINDS.flatMap((tokenKind) => {
      const key: PriceKey = { ...subject, mode: "standard", contextBand, tokenKind, modality: "text" };
      const steps = priceHistory(key, book);
      const name = `${tokenKind.replace("_", " ")}${contextBand === "any" ? "" : `, ${contextBand} context`}`;
      return steps.some(({ line }) => line !== null) ? [{ name, steps }] : [];
    }),
  );
  const today = dayOf(now, UTC);
  const edges = lines.flatMap(({ steps }) => steps.map(({ from }) => dayOf(from, UTC))).toSorted();
  const last = [edges.at(-1) ?? today, today].toSorted().at(-1) ?? today;
  const end = addDays(last, DAYS_AHEAD);
  const oldest = addDays(end, -MOST_DAYS);
  const first = edges[0] !== undefined && edges[0] > oldest ? edges[0] : oldest;
  const days = drawnDays(first, end, edges);
  return {
    title: [subject.model, subject.version, subject.scope, subject.region].filter(Boolean).join(" · "),
    chart: {
      unit: "money",
      unitName: `${book.currency} per 1M tokens, standard`,
      currency: book.currency,
      zoneName: "UTC",
      pointName: "day",
      series: lines.map(({ name }, index): ChartSeries => ({ key: name, name, slot: index })),
      points: days.map((day) => ({
        key: day,
        label: formatDay(day, { withYear: true }),
        state: day > today ? "forecast" : "final",
        values: lines.map(({ steps }) => priceOn(steps, day, book.currency)),
      })),
      marks: [...new Set(edges)]
        .filter((day) => day > first && day <= (days.at(-1) ?? day))
        .map((at) => ({ at, word: "price" })),
    },
    steps: lines
      .flatMap(({ name, steps }) =>
        steps.map(({ from, line }, index) => ({ name, from, line, before: steps[index - 1]?.line ?? null })),
      )
      .toSorted((a, b) => b.from - a.from)
      .map(
        ({ name, from, line, before }, index): Row => stepRow(String(index), name, from, line, before, book.currency),
      ),
  };
}

/** Days at even distances from `first` until `end`, and each step with the day before it. */
function drawnDays(first: LocalDay, end: LocalDay, edges: readonly LocalDay[]): LocalDay[] {
  const all = Array.from({ length: Math.max(1, daysBetween(first, end)) }, (_, index) => addDays(first, index));
  const stride = Math.max(1, Math.floor(all.length / DRAWN_DAYS));
  const steps = new Set(edges.flatMap((day) => [addDays(day, -1), day]));
  return all.filter((day, index) => index % stride === 0 || index === all.length - 1 || steps.has(day));
}

/** What is drawn: the model that the URL names, else the dearest in use, where most of its tokens go. */
export function historySubject(
  asked: string | undefined,
  models: readonly ModelInUse[],
  book: PriceBook,
): { readonly model: string; readonly version: string; readonly scope: Scope; readonly region: string } | null {
  const [model = "", version = "", scopeText = ""] = (asked ?? "").split("|");
  const used =
    asked === undefined
      ? models.find(({ lines }) => lines.some(({ line, unit }) => line !== null && unit === "token"))
      : models.find(
          (one) =>
            one.model === model &&
            (version === "" || one.version === version) &&
            (scopeText === "" || one.scope === scopeText),
        );
  if (used)
    return {
      model: used.model,
      version: used.version,
      scope: SCOPES.find((scope) => scope === used.scope) ?? "Global",
      region: used.regions[0] ?? "",
    };
  const name = readModelName(model, version);
  const row = book.rows.find(
    (one) => one.measure === "token" && one.model === name.model && (scopeText === "" || one.scope === scopeText),
  );
  if (!row) return null;
  const region = row.regions === "everywhere" ? "" : ([...row.regions].toSorted()[0] ?? "");
  return { model: row.model, version: row.version, scope: row.scope, region };
}

function bandsOf(
  subject: { readonly model: string; readonly version: string },
  book: PriceBook,
): readonly ContextBand[] {
  const { model } = readModelName(subject.model, subject.version);
  const isBanded = book.rows.some(
    (row) => row.measure === "token" && row.model === model && row.mode === "standard" && row.contextBand !== "any",
  );
  return isBanded ? ["short", "long"] : ["any"];
}

function priceOn(
  steps: readonly { readonly from: Instant; readonly line: PriceLine | null }[],
  day: LocalDay,
  currency: string,
): ChartValue {
  const at = startOfDay(day, UTC);
  const line = steps.findLast(({ from }) => from <= at)?.line ?? null;
  if (line === null) return { ...UNKNOWN_VALUE, text: "no price" };
  const exact = costOf(1_000_000n, line.contractedUnitPrice);
  return { n: Number(exact) / 1e12, text: unitPriceText(line.contractedUnitPrice, currency), exact: exact.toString() };
}

function stepRow(
  id: string,
  name: string,
  from: Instant,
  line: PriceLine | null,
  before: PriceLine | null,
  currency: string,
): Row {
  const direction = line && before ? comparePrices(line.contractedUnitPrice, before.contractedUnitPrice) : null;
  return {
    id,
    cells: {
      from: { text: formatDay(dayOf(from, UTC), { withYear: true }), sort: from },
      kind: { text: name },
      list: line ? unitPriceCell(line.listUnitPrice, currency) : { text: "no price" },
      contracted: line ? unitPriceCell(line.contractedUnitPrice, currency) : { text: "no price" },
      step: {
        text:
          direction === null
            ? line
              ? "begins"
              : "ends"
            : direction < 0
              ? "cheaper"
              : direction > 0
                ? "dearer"
                : "same",
      },
      meter: { text: line?.meterName ?? "–" },
      layer: { text: line?.layer ?? "–", ...(line ? { title: line.source } : {}) },
    },
  };
}
