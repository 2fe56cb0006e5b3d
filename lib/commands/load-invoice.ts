import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { appendAudit } from "../db/audit-log.ts";
import { type StoredReconciliation, saveReconciliation } from "../db/reconciliations.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import { toDecimal } from "../money/money.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { dailyDrift } from "../pricing/reconcile/daily-drift.ts";
import type { EstimateLine } from "../pricing/reconcile/estimate-line.ts";
import type { InvoiceBasis, InvoiceLine } from "../pricing/reconcile/invoice-lines.ts";
import { type ExportText, type RefusedRow, readInvoices } from "../pricing/reconcile/read-invoices.ts";
import { reconcile } from "../pricing/reconcile/reconcile.ts";
import { type ReconciliationDocument, reconciliationDocument } from "../pricing/reconcile/reconciliation-document.ts";
import type { Instant, Period } from "../time/instant.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { addDays, dayOf, type LocalDay, parseLocalDay, periodOfDays, UTC } from "../time/zone.ts";
import { type CommandContext, InputError } from "./command-context.ts";

/** What an invoice is compared with: the ledger, and the price book whose currency its estimate is in. */
export type InvoiceContext = Pick<CommandContext, "state" | "now"> & {
  readonly ledger: Pick<LedgerReads, "sumCharges" | "bucketStates">;
  readonly book: Pick<PriceBook, "currency" | "rows">;
};

/** The lines of an invoice, wherever they were read, with the names of their files or of the API. */
export type InvoiceLines = {
  readonly basis: InvoiceBasis;
  readonly lines: readonly InvoiceLine[];
  readonly otherLines: number;
  /** On which UTC days its billing periods start, as far as it says so. */
  readonly billingStarts: readonly string[];
  readonly files: readonly string[];
};

/** A load that was kept, with its result. */
export type LoadedInvoice = StoredReconciliation & { readonly document: ReconciliationDocument };

/** Exports that cannot be used; nothing of them was compared or kept. */
export class InvoiceRefused extends InputError {
  readonly rows: readonly RefusedRow[];

  constructor(reason: string, rows: readonly RefusedRow[]) {
    const named = rows.slice(0, NAMED_ROWS).map(({ file, row, reason: why }) => `${file}, line ${row}: ${why}.`);
    const more = rows.length > NAMED_ROWS ? [`And ${rows.length - NAMED_ROWS} more.`] : [];
    super({ files: [reason, ...named, ...more].join(" ") });
    this.rows = rows;
  }
}

const NAMED_ROWS = 5;

/**
 * Compares cost exports with the ledger and keeps the result with each day's coverage and drift. All or nothing: throws an
 * InvoiceRefused that names every row that cannot be used.
 */
export async function loadInvoice(
  principal: Principal,
  context: InvoiceContext,
  exports: readonly ExportText[],
  basis?: "actual" | "amortized",
): Promise<LoadedInvoice> {
  requireAdministrator(principal, "load an invoice");
  const read = readInvoices(exports, context.book, basis);
  if (read.kind === "refused") throw new InvoiceRefused(read.reason, read.rows);
  return keepInvoice(principal, context, { ...read, files: exports.map(({ name }) => name) }, uuidV7(context.now));
}

/** Compares lines of an invoice with the ledger and keeps the result under `id`; a load of the same id is replaced. */
export async function keepInvoice(
  principal: Principal,
  { state, now, ledger, book }: InvoiceContext,
  invoice: InvoiceLines,
  id: string,
): Promise<LoadedInvoice> {
  requireAdministrator(principal, "load an invoice");
  const estimate = await estimateOf(invoice.lines, ledger);
  const unread = await unreadDays(invoice.lines, ledger, now);
  const result = reconcile(estimate, invoice.lines, book.currency, unread);
  const days = dailyDrift(estimate, invoice.lines, result.differences, unread).map((day) => ({
    ...day,
    invoice: toDecimal(day.invoice),
    estimate: toDecimal(day.estimate),
  }));
  const document = reconciliationDocument(result, invoice);
  const load = { id, loadedAt: now, basis: invoice.basis, files: invoice.files, document, days };
  await state.transaction(async (tx) => {
    await saveReconciliation(tx, load);
    await appendAudit(tx, {
      at: now,
      actorId: principal.id,
      actorName: principal.name,
      action: "invoice.load",
      subjectKind: "reconciliation",
      subjectId: id,
      before: null,
      after: {
        files: invoice.files,
        basis: invoice.basis,
        lines: invoice.lines.length,
        invoice: document.invoice,
        estimate: document.estimate,
        residual: document.residual,
      },
    });
  });
  return load;
}

/** The ledger's charges of the days that the invoice covers, by account, deployment, meter and UTC day. */
export async function estimateOf(
  lines: readonly InvoiceLine[],
  ledger: Pick<LedgerReads, "sumCharges">,
): Promise<EstimateLine[]> {
  const sums = await ledger.sumCharges({
    sees: { kind: "everything" },
    period: daysOfInvoice(lines).period,
    zone: UTC,
    grain: "day",
    groupBy: ["account", "deployment", "meter"],
    filter: {},
  });
  // Usage that provisioned capacity includes has no meter and no price; it is not unpriced.
  return sums.filter(({ keys, unpricedTokens }) => keys.meter !== "" || unpricedTokens > 0n).map(estimateLine);
}

/** UTC days of which the ledger has not read every quarter hour: what it lacks there proves nothing about the logs. */
async function unreadDays(
  lines: readonly InvoiceLine[],
  ledger: Pick<LedgerReads, "bucketStates">,
  now: Instant,
): Promise<ReadonlySet<string>> {
  const stretches = await ledger.bucketStates(daysOfInvoice(lines).period, now);
  return new Set(
    stretches.flatMap(({ state, start, end }) => {
      if (state !== "unread") return [];
      const days: LocalDay[] = [];
      for (let day = dayOf(start, UTC); periodOfDays(day, addDays(day, 1), UTC).start < end; day = addDays(day, 1))
        days.push(day);
      return days;
    }),
  );
}

function daysOfInvoice(lines: readonly InvoiceLine[]): { readonly period: Period } {
  const days = lines.map(({ day }) => day).toSorted();
  const [first, last] = [parseLocalDay(days[0] ?? ""), parseLocalDay(days.at(-1) ?? "")];
  if (!first || !last) throw new RangeError("The invoice has a day that is none.");
  return { period: periodOfDays(first, addDays(last, 1), UTC) };
}

/** A sum of the ledger as an estimate line; capacity counts unit-minutes, an invoice hours. */
function estimateLine(sum: ChargeSum): EstimateLine {
  const tokens = sum.inputTokens + sum.cachedInputTokens + sum.cacheWriteTokens + sum.outputTokens;
  const deployment = sum.keys.deployment ?? "";
  return {
    day: sum.bucket ?? "",
    account: (sum.keys.account ?? "").toLowerCase(),
    deployment: deployment.slice(deployment.indexOf("/") + 1).toLowerCase(),
    meterName: sum.keys.meter ?? "",
    meterId: null,
    microUnits: tokens * 1_000_000n + (sum.capacityUnitMinutes * 1_000_000n) / 60n,
    listCost: sum.listCost,
    contractedCost: sum.contractedCost,
  };
}
