import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { applyRepricing, closedText, previewRepricing, type RepricingPreview } from "../commands/repricing.ts";
import { toDecimal } from "../money/money.ts";
import { billingPeriodName } from "../time/billing-period.ts";
import { toIso } from "../time/instant.ts";
import type { CommandIo, ExitCode } from "./command.ts";

/**
 * Prices the whole past by the price book of today: a preview by month and team, and with `isApplied` the act itself with its
 * progress. An act that was interrupted goes on where it stopped when the same command runs again.
 */
export async function reprice(isApplied: boolean, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const preview = await previewRepricing(LOCAL_ADMINISTRATOR, runtime);
  if (preview === null) {
    io.err("The ledger has no usage yet, so there is nothing to price again.\n");
    return 1;
  }
  if (!isApplied) {
    await io.out(`${JSON.stringify({ applied: false, ...report(preview) }, null, 2)}\n`);
    const closed = closedText(preview.closed);
    io.err(closed === null ? "No month is closed, so every month may move.\n" : `Closed and left alone: ${closed}.\n`);
    io.err("Nothing was changed. Apply it with npm run prices -- reprice --apply.\n");
    return 0;
  }
  try {
    const onProgress = ({ daysDone, daysTotal }: { readonly daysDone: number; readonly daysTotal: number }) =>
      io.err(`${daysDone} of ${daysTotal} days priced again\n`);
    const { id, before, after, changed } = await applyRepricing(LOCAL_ADMINISTRATOR, runtime, onProgress, io.signal);
    const applied = { id, before: toDecimal(before), after: toDecimal(after), changed };
    await io.out(`${JSON.stringify({ ...report(preview), applied: true, ...applied }, null, 2)}\n`);
    return 0;
  } catch (error) {
    const what = io.signal.aborted ? "Stopped" : `Not everything could be priced again: ${messageOf(error)}`;
    io.err(`${what}\nRun npm run prices -- reprice --apply again to go on from there.\n`);
    return 1;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function report(preview: RepricingPreview) {
  return {
    bookVersion: preview.bookVersion,
    currency: preview.currency,
    from: toIso(preview.period.start),
    to: toIso(preview.period.end),
    monthsOf: preview.zone,
    before: toDecimal(preview.before),
    after: toDecimal(preview.after),
    changed: preview.changed,
    closedMonths: preview.closed.map(billingPeriodName),
    rows: preview.rows.map(({ label, before, after, ...row }) => ({
      month: label,
      ...row,
      before: toDecimal(before),
      after: toDecimal(after),
    })),
  };
}
