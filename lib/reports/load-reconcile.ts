import type { Principal } from "../auth/principal.ts";
import { type BillingRead, readBillingReads } from "../db/billing-reads.ts";
import { listPriceOverrides } from "../db/price-overrides.ts";
import {
  listReconciliations,
  type ReconciledDay,
  type ReconciliationName,
  readReconciliation,
  type StoredReconciliation,
} from "../db/reconciliations.ts";
import { readBillingStartDay } from "../db/settings.ts";
import { formatCount } from "../format/format-count.ts";
import { formatMoney, formatMoneyDifference, formatMoneyExact } from "../format/format-money.ts";
import { formatBillingPeriod, formatDay, formatDays, formatInstant } from "../format/format-time.ts";
import { parseMoney } from "../money/money.ts";
import { billingStartNote } from "../pricing/reconcile/billing-start-note.ts";
import {
  type OfferedOverride,
  offeredOverrides,
  shortPrice,
  unitWords,
} from "../pricing/reconcile/offered-overrides.ts";
import {
  type ReconciliationDocument,
  reconciliationDocumentSchema,
} from "../pricing/reconcile/reconciliation-document.ts";
import { type BillingStartDay, billingPeriodsOf } from "../time/billing-period.ts";
import { toInstant } from "../time/instant.ts";
import { addDays, dayOf, parseLocalDay, UTC } from "../time/zone.ts";
import type { ReportParams } from "../url/report-params.ts";
import type { ChartModel } from "./chart-model.ts";
import { moneyValue } from "./cost-series.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import type { Cell, Row, State } from "./table-model.ts";

/** A price that the invoice implies, and whether the price book has it already. */
export type ShownOffer = Omit<OfferedOverride, "input"> & { readonly isAdopted: boolean };

/** A load to choose from. */
export type LoadChoice = { readonly id: string; readonly name: string; readonly isShown: boolean };

/** An invoice beside the estimate of the time when it was loaded. */
export type ReconcileView = {
  readonly id: string;
  readonly loaded: string;
  readonly currency: string;
  /** The billing period (UTC) that it covers, or its days and what they are a part of. */
  readonly period: string;
  /** Why its billing periods are not ours; null when they are. */
  readonly periodNote: string | null;
  readonly invoice: Cell;
  readonly estimate: Cell;
  readonly residual: Cell;
  readonly light: { readonly state: State; readonly word: string };
  /** The share of the invoice that the logs know of, in words; null without an invoiced day. */
  readonly coverage: { readonly text: string; readonly state: State; readonly word: string } | null;
  readonly chart: ChartModel;
  readonly differences: readonly Row[];
  readonly rows: readonly Row[];
  readonly rowsLeftOut: number;
  readonly byDay: readonly Row[];
  readonly meters: readonly Row[];
  readonly discountPercent: string | null;
  readonly offers: readonly ShownOffer[];
};

export type ReconcileReport = {
  readonly context: PageContext;
  readonly loads: readonly LoadChoice[];
  /** Null before the first load, and for people who see only a part of the cost. */
  readonly view: ReconcileView | null;
  readonly isForAll: boolean;
  readonly canLoad: boolean;
  /** The demo tenant has an invoice of its own to try this with. */
  readonly isDemo: boolean;
  /** How the bill was last read from Azure; null where it never was. */
  readonly reading: BillReading | null;
};

/** The state of the nightly reading of the bill, in words; `next` is what to do about it. */
export type BillReading = { readonly state: State; readonly text: string; readonly next: string | null };

const KIND_WORDS: Readonly<Record<string, string>> = {
  missing_in_logs: "Missing in the logs",
  missing_on_invoice: "Not on the invoice",
  contract: "The contract's discount",
  price: "Price",
  quantity: "Quantity",
  cached_share: "Cached share that no log told",
  timing: "Booked on another day",
  ptu: "Provisioned capacity",
  hosting: "Hosting of fine-tuned models",
  router: "Model router",
  other_meter: "Meters that no token log tells",
  unexplained: "Unexplained",
  reservation: "Reservation",
  adjustment: "Refund or adjustment",
  unpriced: "Usage without a price",
  rounding: "Rounding of invoice lines",
};

/** Why nothing in the lines explains a difference. */
const REASON_WORDS: Readonly<Record<string, string>> = {
  unknown_meter: "the meter's name cannot be read",
  no_units: "a cost without units",
  lone_price: "a price that no other line of the meter has",
  unread_day: "the ledger has not read this day to its end",
};

const LIGHTS = {
  green: { state: "ok", word: "unexplained: within 0.2 %" },
  amber: { state: "watch", word: "unexplained: within 1 %" },
  red: { state: "firing", word: "unexplained: more than 1 %" },
} as const;

const SHOWN_ROWS = 60;
const SHOWN_LOADS = 24;
/** Of cost known to logs (finops reference, section 9). */
const COVERAGE_GOAL = 0.995;
/** A closed day beyond this is worth a look (pricing reference, section 8). */
const DRIFT_PERCENT = 2;

/** An invoice against the estimate, the newest unless `loadId` names one: what differs and why, and which prices it implies. */
export async function loadReconcile(
  principal: Principal,
  params: ReportParams,
  loadId?: string,
  given?: ReportSources,
): Promise<ReconcileReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const isForAll = principal.sees.kind === "everything";
  const canLoad = isForAll && principal.role === "administrator";
  const isDemo = sources.mode === "demo";
  if (!isForAll) return { context, isForAll, canLoad, isDemo, loads: [], view: null, reading: null };
  const names = await listReconciliations(sources.state.db, SHOWN_LOADS);
  const startDay = await readBillingStartDay(sources.state.db);
  const shown = names.find(({ id }) => id === loadId) ?? names[0];
  const [stored, overrides, { costs }] = await Promise.all([
    shown ? readReconciliation(sources.state.db, shown.id) : undefined,
    listPriceOverrides(sources.state.db),
    readBillingReads(sources.env.dataDir),
  ]);
  const adopted = new Set(overrides.map(({ id }) => id));
  return {
    context,
    isForAll,
    canLoad,
    isDemo,
    loads: names.map((name) => ({
      id: name.id,
      name: loadName(name, startDay, context),
      isShown: name.id === shown?.id,
    })),
    view: stored ? viewOf(stored, adopted, startDay, context) : null,
    reading: costs && readingOf(costs, context),
  };
}

/** What the Reconcile page says of the last night: done, no right, throttled, failed. */
export function readingOf({ state, at, message, next }: BillingRead, { zone }: Pick<PageContext, "zone">): BillReading {
  const when = formatInstant(toInstant(at), zone, { withYear: true });
  const word = { ok: "read", no_right: "may not be read", throttled: "was throttled", failed: "could not be read" }[
    state
  ];
  return {
    state: state === "ok" ? "ok" : state === "throttled" ? "late" : "watch",
    text: `Cost Management ${word} ${when}. ${message}`,
    next,
  };
}

function loadName(
  { files, loadedAt, firstDay, lastDay }: ReconciliationName,
  startDay: BillingStartDay,
  { zone }: PageContext,
): string {
  const days = periodText(firstDay ?? "", lastDay ?? "", startDay);
  return `${days} · ${files.join(", ")} · ${formatInstant(loadedAt, zone, { withYear: true })}`;
}

function viewOf(
  stored: StoredReconciliation,
  adopted: ReadonlySet<string>,
  startDay: BillingStartDay,
  context: PageContext,
): ReconcileView {
  const document = reconciliationDocumentSchema.parse(stored.document);
  const { currency, contract } = document;
  const from = stored.days[0]?.day;
  const known = document.differences.toSorted((a, b) => size(b.amount) - size(a.amount));
  const largest = Math.max(...known.map(({ amount }) => size(amount)), size(document.residual));
  const unexplained = { kind: "unexplained", amount: document.residual };
  const hasUnexplained = Number(document.unexplainedSize) !== 0;
  const offers = from === undefined ? [] : offeredOverrides(document, { from, source: stored.files.join(", ") });
  return {
    id: stored.id,
    loaded: `${stored.files.join(", ")}, ${document.basis} basis, loaded ${formatInstant(stored.loadedAt, context.zone, { withYear: true })}`,
    currency,
    period: periodText(from ?? "", stored.days.at(-1)?.day ?? "", startDay),
    periodNote: billingStartNote(document.billingStarts, startDay),
    invoice: moneyCell(document.invoice, currency),
    estimate: moneyCell(document.estimate, currency),
    residual: moneyCell(document.residual, currency),
    light: LIGHTS[document.light],
    coverage: coverageOf(stored.days),
    chart: chartOf(stored.days, currency),
    differences: [...known, ...(hasUnexplained ? [unexplained] : [])].map(({ kind, amount }) => ({
      id: kind,
      cells: {
        kind: {
          text: KIND_WORDS[kind] ?? kind,
          ...(kind === "unexplained" ? { state: LIGHTS[document.light].state } : {}),
        },
        amount: { ...differenceCell(amount, currency), share: largest === 0 ? 0 : size(amount) / largest },
      },
    })),
    rows: document.rows.slice(0, SHOWN_ROWS).map((row, index) => differenceRow(row, index, currency)),
    rowsLeftOut: Math.max(0, document.rows.length - SHOWN_ROWS),
    byDay: stored.days.map((day) => dayRow(day, currency)),
    meters: contract.meters.map((meter) => ({
      id: meter.meterName,
      cells: {
        meter: { text: meter.meterName },
        list: { text: meter.listPrice ?? "–" },
        implied: { text: shortPrice(meter.impliedPrice), title: meter.impliedPrice, sort: Number(meter.impliedPrice) },
        discount: { text: meter.discountPercent === null ? "none fits" : `${meter.discountPercent} %` },
        unit: { text: unitWords(meter.perUnits) },
        lines: { text: formatCount(BigInt(meter.invoiceLines)), sort: meter.invoiceLines },
      },
    })),
    discountPercent: contract.discountPercent,
    offers: offers.map(({ id, label, evidence }) => ({ id, label, evidence, isAdopted: adopted.has(id) })),
  };
}

/** Invoice and estimate of each UTC day. */
function chartOf(days: readonly ReconciledDay[], currency: string): ChartModel {
  return {
    unit: "money",
    unitName: `${currency} per day`,
    currency,
    zoneName: "UTC",
    pointName: "day",
    series: [
      { key: "invoice", name: "Invoice", slot: 0 },
      { key: "estimate", name: "Estimate when loaded", slot: "other", line: "dashed" },
    ],
    points: days.map(({ day, invoice, estimate }) => {
      const local = parseLocalDay(day);
      return {
        key: day,
        label: local ? formatDay(local) : day,
        state: "final",
        values: [moneyValue(parseMoney(invoice), currency), moneyValue(parseMoney(estimate), currency)],
      };
    }),
  };
}

function coverageOf(days: readonly ReconciledDay[]): ReconcileView["coverage"] {
  const billed = days.filter(({ coverage }) => coverage !== null);
  const whole = billed.reduce((total, { invoice }) => total + Number(invoice), 0);
  if (whole === 0) return null;
  const share = billed.reduce((total, { invoice, coverage }) => total + Number(invoice) * Number(coverage), 0) / whole;
  return {
    text: `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`,
    state: share >= COVERAGE_GOAL ? "ok" : "watch",
    word: share >= COVERAGE_GOAL ? "of the invoice, goal 99.5 %" : "of the invoice, below 99.5 %",
  };
}

function differenceRow(row: ReconciliationDocument["rows"][number], index: number, currency: string): Row {
  const day = parseLocalDay(row.day);
  return {
    id: `${index}`,
    cells: {
      kind: {
        text: KIND_WORDS[row.kind] ?? row.kind,
        ...(row.reason === undefined ? {} : { note: REASON_WORDS[row.reason] ?? row.reason }),
      },
      day: { text: day ? formatDay(day, { withYear: true }) : row.day, sort: row.day },
      deployment: { text: row.deployment === "" ? row.account : `${row.account}/${row.deployment}` },
      meter: { text: row.meterName === "" ? "no meter" : row.meterName },
      units: { text: unitsText(row.units), title: row.units, sort: Number(row.units) },
      amount: differenceCell(row.amount, currency),
    },
  };
}

/** Whole units in groups of three; capacity may have a fraction of an hour. */
function unitsText(units: string): string {
  const [whole = "0", fraction] = units.split(".");
  return `${formatCount(BigInt(whole))}${fraction === undefined ? "" : `.${fraction.slice(0, 2)}`}`;
}

function dayRow({ day, invoice, estimate, coverage, drift }: ReconciledDay, currency: string): Row {
  const local = parseLocalDay(day);
  return {
    id: day,
    cells: {
      day: { text: local ? formatDay(local, { withYear: true }) : day, sort: day },
      invoice: moneyCell(invoice, currency),
      estimate: moneyCell(estimate, currency),
      coverage: percentCell(coverage, false),
      drift: percentCell(drift, true),
    },
  };
}

function moneyCell(amount: string, currency: string): Cell {
  const money = parseMoney(amount);
  return { text: formatMoney(money, { currency }), title: formatMoneyExact(money, currency), sort: Number(amount) };
}

function differenceCell(amount: string, currency: string): Cell {
  const money = parseMoney(amount);
  const text = formatMoneyDifference(money, { currency });
  return { text, title: formatMoneyExact(money, currency), sort: Number(amount) };
}

function percentCell(ratio: string | null, isSigned: boolean): Cell {
  if (ratio === null) return { text: "–" };
  const percent = Number(ratio) * 100;
  const sign = isSigned && percent > 0 ? "+" : percent < 0 ? "−" : "";
  const isFar = isSigned && Math.abs(percent) > DRIFT_PERCENT;
  return { text: `${sign}${Math.abs(percent).toFixed(2)} %`, sort: percent, ...(isFar ? { state: "watch" } : {}) };
}

/** `Billing period October 2026 (UTC)`, `1–20 Nov 2026 of the billing period November 2026 (UTC)`, or the days of several. */
export function periodText(firstDay: string, lastDay: string, startDay: BillingStartDay): string {
  const [first, last] = [parseLocalDay(firstDay), parseLocalDay(lastDay)];
  if (!first || !last) return "no day";
  const [period, ...others] = billingPeriodsOf(first, last, startDay);
  const days = formatDays(first, addDays(last, 1));
  if (!period || others.length > 0) return `${days} (UTC), in ${others.length + 1} billing periods`;
  const isWhole = first === dayOf(period.start, UTC) && addDays(last, 1) === dayOf(period.end, UTC);
  const name = formatBillingPeriod(period);
  return isWhole ? `Billing period ${name} (UTC)` : `${days} of the billing period ${name} (UTC)`;
}

function size(amount: string): number {
  return Math.abs(Number(amount));
}
