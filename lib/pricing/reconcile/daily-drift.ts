import { divideRounded, type Money, money, toDecimal } from "../../money/money.ts";
import type { EstimateLine } from "./estimate-line.ts";
import type { InvoiceLine } from "./invoice-lines.ts";
import type { DifferenceKind } from "./name-difference.ts";
import type { Reconciliation } from "./reconcile.ts";

/** How one UTC day of an invoice was met. The ratios have six decimals and are null where nothing can be said. */
export type DayDrift = {
  readonly day: string;
  readonly invoice: Money;
  readonly estimate: Money;
  /** The share of the invoice that the logs know of at all; null also on a day that the ledger has not read to its end. */
  readonly coverage: string | null;
  /** Estimate ÷ invoice − 1. */
  readonly drift: string | null;
};

const UNKNOWN_TO_LOGS: ReadonlySet<DifferenceKind> = new Set(["missing_in_logs", "hosting", "router"]);

/** Coverage and drift of every day that the invoice or the estimate has, in order. */
export function dailyDrift(
  estimate: readonly EstimateLine[],
  invoice: readonly InvoiceLine[],
  differences: Reconciliation["differences"],
  unreadDays: ReadonlySet<string>,
): DayDrift[] {
  const estimated = sums(estimate, (line) => line.contractedCost);
  const invoiced = sums(invoice, (line) => line.cost);
  const unknown = sums(
    differences.filter(({ kind, amount }) => UNKNOWN_TO_LOGS.has(kind) && amount > 0n),
    ({ amount }) => amount,
  );
  return [...new Set([...estimated.keys(), ...invoiced.keys()])].toSorted().map((day) => {
    const [ours, theirs] = [estimated.get(day) ?? 0n, invoiced.get(day) ?? 0n];
    return {
      day,
      invoice: money(theirs),
      estimate: money(ours),
      coverage: theirs > 0n && !unreadDays.has(day) ? ratio(theirs - (unknown.get(day) ?? 0n), theirs) : null,
      drift: theirs > 0n ? ratio(ours - theirs, theirs) : null,
    };
  });
}

function sums<Line extends { readonly day: string }>(
  lines: readonly Line[],
  amountOf: (line: Line) => bigint,
): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const line of lines) totals.set(line.day, (totals.get(line.day) ?? 0n) + amountOf(line));
  return totals;
}

function ratio(part: bigint, whole: bigint): string {
  return toDecimal(money(divideRounded(part * 1_000_000n, whole) * 1_000_000n));
}
