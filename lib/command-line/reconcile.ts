import { readFile } from "node:fs/promises";
import { isAbsolute, join, parse as parsePath } from "node:path";
import { parseArgs } from "node:util";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { saveReconciliation } from "../db/reconciliations.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import { money, toDecimal } from "../money/money.ts";
import { priceDecimal } from "../money/unit-price.ts";
import { dailyDrift } from "../pricing/reconcile/daily-drift.ts";
import type { EstimateLine } from "../pricing/reconcile/estimate-line.ts";
import type { ImpliedContract } from "../pricing/reconcile/implied-prices.ts";
import { type InvoiceFile, type InvoiceLine, readInvoice } from "../pricing/reconcile/invoice-lines.ts";
import { type Difference, type Reconciliation, reconcile } from "../pricing/reconcile/reconcile.ts";
import { toInstant } from "../time/instant.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { addDays, parseLocalDay, periodOfDays, UTC } from "../time/zone.ts";
import { type Command, type CommandIo, UsageError } from "./command.ts";

/** `npm run reconcile`: compares the estimate of the ledger with what Azure billed, and names every difference. */
export const reconcileCommand: Command = {
  name: "reconcile",
  usage: [
    "npm run reconcile -- load FILE… [--basis actual|amortized] [--json]",
    "  FILE is a Cost Management export: actual, amortised or FOCUS CSV. All files of one call have one basis.",
    "  Prints the invoice, the estimate, the named differences, the residual and the prices that the invoice implies as JSON,",
    "  and keeps them with each day's coverage and drift for the Reconcile page.",
  ].join("\n"),
  onMissingFolder: "empty",
  run: async ([action, ...args], io) => {
    if (action !== "load") throw new UsageError("Say load and name the files.");
    const { files, basis } = parsed(args);
    const invoices = await Promise.all(
      files.map(async (file) => ({ file, invoice: await readFileOf(file, basis, io) })),
    );
    const bases = new Set(invoices.map(({ invoice }) => invoice.basis));
    if (bases.size > 1) {
      io.err(`The files have different bases (${[...bases].join(", ")}): load those of one basis together.\n`);
      return 1;
    }
    const refused = invoices.flatMap(({ file, invoice }) => invoice.refused.map((row) => ({ file, ...row })));
    for (const { file, row, reason } of refused) io.err(`${file}, line ${row}: ${reason}\n`);
    if (refused.length > 0) {
      io.err(`${refused.length} lines cannot be read, so nothing was compared.\n`);
      return 1;
    }
    const lines = invoices.flatMap(({ invoice }) => invoice.lines);
    if (lines.length === 0) {
      io.err("The files hold no line of Azure OpenAI.\n");
      return 1;
    }
    const runtime = await io.runtime();
    const currency = (await runtime.priceBook()).currency;
    const estimate = await estimateOf(lines, runtime.ledger);
    const result = reconcile(estimate, lines, currency);
    const kept = [...bases][0] ?? "actual";
    const days = dailyDrift(estimate, lines, result.differences).map((day) => ({
      ...day,
      invoice: toDecimal(day.invoice),
      estimate: toDecimal(day.estimate),
    }));
    const otherLines = invoices.reduce((total, { invoice }) => total + invoice.otherLines, 0);
    const document = { basis: kept, otherLines, ...report(result) };
    const now = runtime.now();
    const id = uuidV7(toInstant(Date.now()));
    await runtime.state.transaction((tx) =>
      saveReconciliation(tx, {
        id,
        loadedAt: now,
        basis: kept,
        files: files.map((file) => parsePath(file).base),
        document,
        days,
      }),
    );
    await io.out(`${JSON.stringify({ id, ...document, days }, null, 2)}\n`);
    return result.light === "red" ? 1 : 0;
  },
};

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

async function readFileOf(
  file: string,
  basis: "actual" | "amortized" | undefined,
  io: CommandIo,
): Promise<InvoiceFile> {
  const path = isAbsolute(file) ? file : join(io.cwd, file);
  return readInvoice(await readFile(path, "utf8"), basis);
}

/** The ledger's charges of the days that the invoice covers, by account, deployment, meter and UTC day. */
export async function estimateOf(lines: readonly InvoiceLine[], ledger: LedgerReads): Promise<EstimateLine[]> {
  const days = lines.map(({ day }) => day).toSorted();
  const [first, last] = [parseLocalDay(days[0] ?? ""), parseLocalDay(days.at(-1) ?? "")];
  if (!first || !last) throw new RangeError("The invoice has a day that is none.");
  const sums = await ledger.sumCharges({
    sees: LOCAL_ADMINISTRATOR.sees,
    period: periodOfDays(first, addDays(last, 1), UTC),
    zone: UTC,
    grain: "day",
    groupBy: ["account", "deployment", "meter"],
    filter: {},
  });
  // Usage that provisioned capacity includes has no meter and no price; it is not unpriced.
  return sums.filter(({ keys, unpricedTokens }) => keys.meter !== "" || unpricedTokens > 0n).map(estimateLine);
}

/** A sum of the ledger as an estimate line; capacity counts unit-minutes, an invoice hours. */
export function estimateLine(sum: ChargeSum): EstimateLine {
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

function report(result: Reconciliation): Readonly<Record<string, unknown>> {
  const { currency, invoice, estimate, byKind, residual, light, contract, differences } = result;
  return {
    currency,
    invoice: toDecimal(invoice),
    estimate: toDecimal(estimate),
    differences: Object.entries(byKind).map(([kind, amount]) => ({ kind, amount: toDecimal(amount) })),
    residual: toDecimal(residual),
    light,
    contract: contractReport(contract),
    rows: differences
      // Both stand on almost every line, and their sums say all of it.
      .filter(({ kind }) => kind !== "contract" && kind !== "rounding")
      .toSorted((a, b) => Number(magnitude(b) - magnitude(a)))
      .map(({ amount, microUnits, ...place }) => ({
        ...place,
        amount: toDecimal(amount),
        units: unitsText(microUnits),
      })),
  };
}

/** The contract as overrides that can be entered, each with the lines that show it. */
function contractReport({ discountPercent, prices }: ImpliedContract): Readonly<Record<string, unknown>> {
  return {
    discountPercent,
    override: discountPercent === null ? null : { about: {}, terms: { kind: "discount", percent: discountPercent } },
    meters: prices.map((price) => {
      // Capacity and hosting are priced by the hour, tokens by the million.
      const perUnits = /\bunit$/i.test(price.meterName) ? 1n : 1_000_000n;
      return {
        meterName: price.meterName,
        meterId: price.meterId,
        discountPercent: price.discountPercent,
        listPrice: price.listUnitPrice && priceDecimal(price.listUnitPrice, perUnits),
        impliedPrice: priceDecimal(price.contractedUnitPrice, perUnits),
        perUnits: String(perUnits),
        invoiceLines: price.lines,
      };
    }),
  };
}

function magnitude({ amount }: Difference): bigint {
  return amount < 0n ? -amount : amount;
}

function unitsText(microUnits: bigint): string {
  return toDecimal(money(microUnits * 1_000_000n));
}
