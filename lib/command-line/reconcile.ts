import { readFile } from "node:fs/promises";
import { isAbsolute, join, parse as parsePath } from "node:path";
import { parseArgs } from "node:util";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { InvoiceRefused, loadInvoice } from "../commands/load-invoice.ts";
import { readBillingStartDay } from "../db/settings.ts";
import { billingStartNote } from "../pricing/reconcile/billing-start-note.ts";
import type { ExportText } from "../pricing/reconcile/read-invoices.ts";
import { type BillingStartDay, billingPeriodName, billingPeriodsOf } from "../time/billing-period.ts";
import { addDays, dayOf, parseLocalDay, UTC } from "../time/zone.ts";
import { billingClient, readBill, readReservationsOfAzure } from "../wiring/read-billing.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";

/** `npm run reconcile`: compares the estimate of the ledger with what Azure billed, and names every difference. */
export const reconcileCommand: Command = {
  name: "reconcile",
  usage: [
    "npm run reconcile -- sync    reads the bill and the reservations of Azure, as the server does each night",
    "npm run reconcile -- load FILE… [--basis actual|amortized] [--json]",
    "  FILE is a Cost Management export: actual, amortised or FOCUS CSV. All files of one call have one basis.",
    "  Prints the invoice, the billing periods (UTC) that it reaches into, the estimate, the named differences, the residual and",
    "  the prices that the invoice implies as JSON,",
    "  and keeps them with each day's coverage and drift for the Reconcile page.",
  ].join("\n"),
  onMissingFolder: "empty",
  run: async ([action, ...args], io) => {
    if (action === "sync" && args.length === 0) return sync(io);
    if (action !== "load") throw new UsageError("Say sync, or load and name the files.");
    const { files, basis } = parsed(args);
    const exports = await Promise.all(files.map((file) => exportText(file, io)));
    const runtime = await io.runtime();
    const book = await runtime.priceBook();
    try {
      const context = { state: runtime.state, now: runtime.now(), ledger: runtime.ledger, book };
      const { id, document, days } = await loadInvoice(LOCAL_ADMINISTRATOR, context, exports, basis);
      const startDay = await readBillingStartDay(runtime.state.db);
      const billingPeriods = periodsOf(days, startDay);
      await io.out(`${JSON.stringify({ id, billingPeriods, ...document, days }, null, 2)}\n`);
      const note = billingStartNote(document.billingStarts, startDay);
      if (note !== null) io.err(`${note}\n`);
      return document.light === "red" ? 1 : 0;
    } catch (error) {
      if (!(error instanceof InvoiceRefused)) throw error;
      for (const { file, row, reason } of error.rows) io.err(`${file}, line ${row}: ${reason}\n`);
      io.err(`${error.rows.length === 0 ? error.message : "Nothing was compared."}\n`);
      return 1;
    }
  },
};

/** The billing periods (UTC) that an invoice reaches into, each with its first and last day. */
function periodsOf(days: readonly { readonly day: string }[], startDay: BillingStartDay) {
  const [first, last] = [parseLocalDay(days[0]?.day ?? ""), parseLocalDay(days.at(-1)?.day ?? "")];
  if (!first || !last) return [];
  return billingPeriodsOf(first, last, startDay).map((period) => ({
    period: billingPeriodName(period),
    firstDay: dayOf(period.start, UTC),
    lastDay: addDays(dayOf(period.end, UTC), -1),
  }));
}

/** Exit code 1 where Azure did not tell everything; what it told is kept all the same. */
async function sync(io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  if (runtime.mode !== "connected") {
    io.err(
      "This data folder is not connected to Azure: set LOG_ANALYTICS_WORKSPACE_ID, or load an export with load FILE.\n",
    );
    return 1;
  }
  const arm = billingClient(runtime);
  const costs = await readBill(runtime, arm, io.signal);
  const reservations = await readReservationsOfAzure(runtime, arm, io.signal);
  await io.out(`${JSON.stringify({ costs: costs.read, months: costs.months, reservations }, null, 2)}\n`);
  const isDone = costs.read.state === "ok" && reservations.state === "ok";
  return isDone && costs.months.every(({ light }) => light !== "red") ? 0 : 1;
}

function parsed(args: readonly string[]): { files: string[]; basis: "actual" | "amortized" | undefined } {
  const { values, positionals } = parseOrRefuse(args);
  if (positionals.length === 0) throw new UsageError("Name at least one file.");
  if (values.basis !== undefined && values.basis !== "actual" && values.basis !== "amortized") {
    throw new UsageError(`The basis "${values.basis}" is neither actual nor amortized.`);
  }
  return { files: positionals, basis: values.basis };
}

function parseOrRefuse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { basis: { type: "string" }, json: { type: "boolean" } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function exportText(file: string, io: CommandIo): Promise<ExportText> {
  const text = await readFile(isAbsolute(file) ? file : join(io.cwd, file), "utf8");
  return { name: parsePath(file).base, text };
}
