import type { DuckDBConnection } from "@duckdb/node-api";
import type { EmbeddedDatabase } from "../../duckdb/database.ts";
import { type DemoState, readDemoState } from "../demo-state.ts";
import { demoTenant } from "../tenant.ts";
import { settledUntil } from "../truth/store-truth.ts";
import { type BilledLine, billMonth, CONTRACT_BASIS_POINTS, costOfLine, monthOf } from "./bill-month.ts";
import { type PlantedKind, plantDifferences } from "./plant-differences.ts";
import { decimal, type InvoiceFormat, writeInvoice } from "./write-invoice.ts";

/** What an invoice of the demo was made from: the answers that a reconciliation of it must find. Amounts are dollars. */
export type InvoiceTruth = {
  readonly month: string;
  /** The first and the last day that it bills. */
  readonly from: string;
  readonly to: string;
  readonly contractDiscountPercent: string;
  readonly lines: number;
  readonly total: string;
  /** What the same usage costs at list prices, without any planted difference. */
  readonly listTotal: string;
  readonly planted: readonly {
    readonly kind: PlantedKind;
    readonly account: string;
    readonly deployment: string;
    readonly meterName: string;
    readonly from: string;
    readonly to: string;
    /** Tokens or hours; for `timing` those that moved. */
    readonly quantity: string;
    readonly amount: string;
    readonly story: string;
  }[];
};

/** The invoice of a UTC month of the demo as CSV, line by line; undefined when the workspace holds no demo or the month no usage. */
export async function readDemoInvoice(
  database: EmbeddedDatabase,
  month: string,
  format: InvoiceFormat,
): Promise<Iterable<string> | undefined> {
  monthOf(month);
  return database.withConnection(async (connection) => {
    const state = await readDemoState(connection);
    if (state === undefined) return undefined;
    const { lines } = plantDifferences(billMonth(demoTenant(state), month, state.until));
    return lines.length === 0 ? undefined : writeInvoice(lines, format, month);
  });
}

/**
 * The truth about the demo's newest whole month, or of an unfinished one when it has no other. Counted once and then kept
 * beside the rest of the truth.
 */
export async function invoiceTruth(connection: DuckDBConnection, state: DemoState): Promise<InvoiceTruth | undefined> {
  const month = newestMonth(state);
  await connection.run("CREATE TABLE IF NOT EXISTS internal.demo_invoice (month VARCHAR PRIMARY KEY, truth VARCHAR)");
  const reader = await connection.runAndReadAll("SELECT truth FROM internal.demo_invoice WHERE month = $month", {
    month,
  });
  const stored = reader.getRows()[0]?.[0];
  // Only this function writes the table.
  if (typeof stored === "string") return JSON.parse(stored) as InvoiceTruth;
  const counted = countInvoice(state, month);
  if (counted !== undefined && monthOf(month).end <= settledUntil(state)) {
    await connection.run("INSERT OR REPLACE INTO internal.demo_invoice VALUES ($month, $truth)", {
      month,
      truth: JSON.stringify(counted),
    });
  }
  return counted;
}

function countInvoice(state: DemoState, month: string): InvoiceTruth | undefined {
  const honest = billMonth(demoTenant(state), month, state.until);
  const { lines, planted } = plantDifferences(honest);
  const days = lines.map(({ day }) => day).sort();
  if (days.length === 0) return undefined;
  return {
    month,
    from: days[0] ?? "",
    to: days.at(-1) ?? "",
    contractDiscountPercent: decimal(CONTRACT_BASIS_POINTS, 2),
    lines: lines.length,
    total: dollars(total(lines, "billed")),
    listTotal: dollars(total(honest, "list")),
    planted: planted.map(({ amount, quantity, ...rest }) => ({
      ...rest,
      quantity: /unit$/i.test(rest.meterName) ? decimal((quantity * 10n ** 10n) / 60n, 10) : String(quantity),
      amount: dollars(amount),
    })),
  };
}

function newestMonth(state: DemoState): string {
  const settled = new Date(settledUntil(state));
  const before = new Date(Date.UTC(settled.getUTCFullYear(), settled.getUTCMonth() - 1));
  const isThere = Date.UTC(settled.getUTCFullYear(), settled.getUTCMonth()) > demoTenant(state).start;
  return (isThere ? before : settled).toISOString().slice(0, 7);
}

function total(lines: readonly BilledLine[], price: "billed" | "list"): bigint {
  return lines.reduce((sum, line) => sum + costOfLine(line, price), 0n);
}

function dollars(picodollars: bigint): string {
  return decimal(picodollars, 12);
}
