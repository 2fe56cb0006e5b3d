import { z } from "zod";
import type { Principal } from "../auth/principal.ts";
import { newestReconciliation, type ReconciledDay, type StoredReconciliation } from "../db/reconciliations.ts";
import { formatCount } from "../format/format-count.ts";
import { formatMoney, formatMoneyDifference, formatMoneyExact } from "../format/format-money.ts";
import { formatDay, formatDays, formatInstant } from "../format/format-time.ts";
import { parseMoney } from "../money/money.ts";
import { addDays, parseLocalDay } from "../time/zone.ts";
import type { ReportParams } from "../url/report-params.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import type { Cell, Row, State } from "./table-model.ts";

/** A negotiated price that the invoice implies, ready to be sent as one. */
export type OfferedOverride = {
  readonly id: string;
  readonly label: string;
  readonly evidence: string;
  readonly body: Readonly<Record<string, unknown>>;
};

/** The newest load of an invoice beside the estimate of that time. */
export type ReconcileView = {
  readonly loaded: string;
  readonly days: string;
  readonly invoice: string;
  readonly estimate: string;
  readonly residual: string;
  readonly light: { readonly state: State; readonly word: string };
  readonly differences: readonly Row[];
  readonly rows: readonly Row[];
  readonly rowsLeftOut: number;
  readonly byDay: readonly Row[];
  readonly meters: readonly Row[];
  readonly discountPercent: string | null;
  readonly offers: readonly OfferedOverride[];
};

export type ReconcileReport = {
  readonly context: PageContext;
  /** Null before the first load, and for people who see only a part of the cost. */
  readonly view: ReconcileView | null;
  readonly isForAll: boolean;
};

/** The shape that `npm run reconcile -- load` keeps. */
const documentSchema = z.object({
  basis: z.string(),
  currency: z.string(),
  invoice: z.string(),
  estimate: z.string(),
  residual: z.string(),
  light: z.enum(["green", "amber", "red"]),
  differences: z.array(z.object({ kind: z.string(), amount: z.string() })),
  rows: z.array(
    z.object({
      kind: z.string(),
      day: z.string(),
      account: z.string(),
      deployment: z.string(),
      meterName: z.string(),
      amount: z.string(),
      units: z.string(),
    }),
  ),
  contract: z.object({
    discountPercent: z.string().nullable(),
    meters: z.array(
      z.object({
        meterName: z.string(),
        discountPercent: z.string().nullable(),
        listPrice: z.string().nullable(),
        impliedPrice: z.string(),
        perUnits: z.string(),
        invoiceLines: z.number(),
      }),
    ),
  }),
});
type LoadDocument = z.infer<typeof documentSchema>;

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
  reservation: "Reservation",
  adjustment: "Refund or adjustment",
  unpriced: "Usage without a price",
  rounding: "Rounding of invoice lines",
};

const LIGHTS = {
  green: { state: "ok", word: "within 0.2 %" },
  amber: { state: "watch", word: "within 1 %" },
  red: { state: "firing", word: "more than 1 % has no name" },
} as const;

const SHOWN_ROWS = 200;

/** The newest invoice against the estimate: what differs and why, and which prices the invoice implies. */
export async function loadReconcile(
  principal: Principal,
  params: ReportParams,
  given?: ReportSources,
): Promise<ReconcileReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const isForAll = principal.sees.kind === "everything";
  const stored = isForAll ? await newestReconciliation(sources.state.db) : undefined;
  return { context, isForAll, view: stored ? viewOf(stored, context) : null };
}

function viewOf(stored: StoredReconciliation, context: PageContext): ReconcileView {
  const document = documentSchema.parse(stored.document);
  const { currency, contract } = document;
  const known = document.differences.toSorted((a, b) => size(b.amount) - size(a.amount));
  return {
    loaded: `${stored.files.join(", ")}, ${document.basis} basis, loaded ${formatInstant(stored.loadedAt, context.zone, { withYear: true })}`,
    days: daysText(stored.days),
    invoice: formatMoney(parseMoney(document.invoice), { currency }),
    estimate: formatMoney(parseMoney(document.estimate), { currency }),
    residual: formatMoney(parseMoney(document.residual), { currency }),
    light: LIGHTS[document.light],
    differences: known.map(({ kind, amount }) => ({
      id: kind,
      cells: { kind: { text: KIND_WORDS[kind] ?? kind }, amount: differenceCell(amount, currency) },
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
    offers: offersOf(document, stored),
  };
}

/** One discount for everything where the invoice shows it, and one price for each meter that it does not fit. */
function offersOf({ contract, currency }: LoadDocument, stored: StoredReconciliation): OfferedOverride[] {
  const from = stored.days[0]?.day;
  if (from === undefined) return [];
  const validFrom = `${from}T00:00:00Z`;
  const source = stored.files.join(", ");
  const { discountPercent, meters } = contract;
  const fitting = meters.filter((meter) => meter.discountPercent === discountPercent).length;
  const whole: OfferedOverride[] =
    discountPercent === null || discountPercent === "0"
      ? []
      : [
          {
            id: `reconciled-discount-${from}`,
            label: `${discountPercent} % off every meter`,
            evidence: `fits ${fitting} of ${meters.length} meters`,
            body: {
              id: `reconciled-discount-${from}`,
              about: {},
              terms: { kind: "discount", percent: discountPercent },
              validFrom,
              reason: `Implied by ${source}: ${discountPercent} % fits ${fitting} of ${meters.length} meters.`,
            },
          },
        ];
  const single = meters
    .filter((meter) => meter.listPrice !== null && meter.discountPercent !== discountPercent)
    .map((meter): OfferedOverride => {
      const id = `reconciled-${meter.meterName.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${from}`;
      const price =
        meter.discountPercent === null
          ? { kind: "price", price: meter.impliedPrice, perUnits: meter.perUnits }
          : { kind: "discount", percent: meter.discountPercent };
      const lines = `${meter.invoiceLines} invoice ${meter.invoiceLines === 1 ? "line" : "lines"}`;
      return {
        id,
        label:
          meter.discountPercent === null
            ? `${shortPrice(meter.impliedPrice)} ${currency} ${unitWords(meter.perUnits)} for ${meter.meterName}`
            : `${meter.discountPercent} % off ${meter.meterName}`,
        evidence: lines,
        body: {
          id,
          about: { meterName: meter.meterName },
          terms: price,
          validFrom,
          reason: `Implied by ${source}: ${lines}.`,
        },
      };
    });
  return [...whole, ...single];
}

function differenceRow(row: LoadDocument["rows"][number], index: number, currency: string): Row {
  const day = parseLocalDay(row.day);
  return {
    id: `${index}`,
    cells: {
      kind: { text: KIND_WORDS[row.kind] ?? row.kind },
      day: { text: day ? formatDay(day, { withYear: true }) : row.day, sort: row.day },
      deployment: { text: row.deployment === "" ? row.account : `${row.account}/${row.deployment}` },
      meter: { text: row.meterName === "" ? "no meter" : row.meterName },
      units: { text: row.units, sort: Number(row.units) },
      amount: differenceCell(row.amount, currency),
    },
  };
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
  return { text: `${sign}${Math.abs(percent).toFixed(2)} %`, sort: percent };
}

function daysText(days: readonly ReconciledDay[]): string {
  const [first, last] = [parseLocalDay(days[0]?.day ?? ""), parseLocalDay(days.at(-1)?.day ?? "")];
  return first && last ? formatDays(first, addDays(last, 1)) : "";
}

function unitWords(perUnits: string): string {
  return perUnits === "1" ? "per hour" : "per million tokens";
}

/** Six decimals are enough to read; the exact text stands in the tooltip and in the override. */
function shortPrice(text: string): string {
  return text.replace(/(\.\d{6})\d+$/, "$1");
}

function size(amount: string): number {
  return Math.abs(Number(amount));
}
