import { divideRounded, type Money, money } from "../../money/money.ts";
import type { EstimateLine } from "./estimate-line.ts";
import { readDecimal } from "./exact-decimal.ts";
import { type ImpliedContract, impliedPrices } from "./implied-prices.ts";
import { type InvoiceLine, invoiceTotal } from "./invoice-lines.ts";
import {
  type Difference,
  type DifferenceKind,
  differenceNamer,
  tokenMeterOf,
  type Unexplained,
} from "./name-difference.ts";
import { costAt, gapOf, isNextDay, type LinePair, pairLines, placeOf } from "./pair-lines.ts";

/**
 * Estimate beside invoice. `estimate + differences + residual = invoice`, to the picodollar. A difference has a name only
 * where the lines are evidence for it; what has none is `unexplained`, and its sum is the residual.
 */
export type Reconciliation = {
  readonly currency: string;
  readonly invoice: Money;
  readonly estimate: Money;
  readonly differences: readonly Difference[];
  readonly byKind: Readonly<Partial<Record<DifferenceKind, Money>>>;
  readonly unexplained: readonly Unexplained[];
  readonly residual: Money;
  /** The unexplained amounts without their signs, so that one too high and one too low do not cancel. */
  readonly unexplainedSize: Money;
  /** `unexplainedSize` as a share of the invoice: green to 0.2 %, amber to 1 %, else red (finops reference, section 9). */
  readonly light: "green" | "amber" | "red";
  readonly contract: ImpliedContract;
};

/**
 * Compares an estimate with an invoice of one currency. On `unreadDays` the ledger has not read everything, so what it
 * lacks there has no name. Throws a RangeError when the invoice has another currency.
 */
export function reconcile(
  estimate: readonly EstimateLine[],
  invoice: readonly InvoiceLine[],
  currency: string,
  unreadDays: ReadonlySet<string> = new Set(),
): Reconciliation {
  const foreign = invoice.find((line) => line.currency !== "" && line.currency !== currency);
  if (foreign) {
    throw new RangeError(
      `Line ${foreign.line} of the invoice is in ${foreign.currency}, the estimate in ${currency}: two currencies never meet.`,
    );
  }
  const pairs = pairLines(estimate, invoice.filter(isCompared));
  const contract = impliedPrices(estimate, invoice);
  const agreed = applyContract(pairs, contract);
  const timed = moveTiming(agreed.pairs);
  const shareless = pairsWithoutShare(timed.pairs);
  const nameOf = differenceNamer(timed.pairs, unreadDays);
  const named = timed.pairs.map((pair) => nameOf(pair, shareless.has(pair)));
  const differences = [
    ...agreed.differences,
    ...timed.differences,
    ...named.flatMap((one) => one.differences),
    ...invoice.filter((line) => !isCompared(line)).map(otherThanUsage),
  ].filter(({ amount, microUnits }) => amount !== 0n || microUnits !== 0n);
  const unexplained = named.flatMap((one) => one.unexplained);
  const invoiced = invoiceTotal(invoice);
  const estimated = money(estimate.reduce((total, line) => total + line.contractedCost, 0n));
  const explained = differences.reduce((total, { amount }) => total + amount, 0n);
  const residual = money(invoiced - estimated - explained);
  const unexplainedSize = money(
    unexplained.reduce((total, { amount }) => total + (amount < 0n ? -amount : amount), 0n),
  );
  return {
    currency,
    invoice: invoiced,
    estimate: estimated,
    differences,
    byKind: sumByKind(differences),
    unexplained,
    residual,
    unexplainedSize,
    light: lightOf(unexplainedSize, invoiced),
    contract,
  };
}

/**
 * A discount that most of the invoice's meters share is the contract: what it takes off the list price of the estimate is
 * one difference, so that a price of its own is told apart from it. One meter alone is no contract, and usage that an
 * agreement of the price book already priced is left as it is.
 */
function applyContract(
  pairs: readonly LinePair[],
  { discountPercent, prices }: ImpliedContract,
): { readonly pairs: readonly LinePair[]; readonly differences: readonly Difference[] } {
  const sharing = prices.filter((price) => price.discountPercent === discountPercent);
  const percent = discountPercent === null ? undefined : readDecimal(discountPercent);
  if (!percent || sharing.length < 2) return { pairs, differences: [] };
  const whole = 100n * percent.denominator;
  const differences: Difference[] = [];
  const agreed = pairs.map((pair) => {
    const { estimated } = pair;
    if (!estimated || estimated.cost !== estimated.listCost || estimated.cost === 0n) return pair;
    const cost = divideRounded(estimated.listCost * (whole - percent.numerator), whole);
    differences.push({ ...placeOf(pair), kind: "contract", amount: money(cost - estimated.cost), microUnits: 0n });
    return { ...pair, estimated: { ...estimated, cost } };
  });
  return { pairs: agreed, differences };
}

/**
 * LinePairs whose units differ only because the logs did not tell which part of the prompt was cached: what one prompt meter of
 * a model lacks on a day, its other prompt meters have too much.
 */
function pairsWithoutShare(pairs: readonly LinePair[]): ReadonlySet<LinePair> {
  const prompts = Map.groupBy(pairs, (pair) => {
    const model = promptModel(pair.meterName);
    return model === undefined ? "" : JSON.stringify([pair.day, pair.account, pair.deployment, model]);
  });
  prompts.delete("");
  const shareless = [...prompts.values()].filter(
    (group) =>
      group.length > 1 &&
      group.some((pair) => gapOf(pair) !== 0n) &&
      group.reduce((total, pair) => total + gapOf(pair), 0n) === 0n,
  );
  return new Set(shareless.flat());
}

/** The model, place and mode of a meter of prompt tokens; undefined for any other meter. */
function promptModel(meterName: string): string | undefined {
  const read = tokenMeterOf(meterName);
  if (!read || read.kind === "output") return undefined;
  return [read.model, read.version, read.scope, read.mode, read.modality].join("|");
}

/**
 * Units that the invoice books on the next day, or the day before, are timing: exactly what one day lacks, the neighbour
 * has too much. They are taken out of both days at each day's own invoice price, before the rest is named.
 */
function moveTiming(pairs: readonly LinePair[]): {
  readonly pairs: readonly LinePair[];
  readonly differences: readonly Difference[];
} {
  const moved = new Map<LinePair, LinePair>();
  const differences: Difference[] = [];
  for (const [index, pair] of pairs.entries()) {
    const next = pairs[index + 1];
    if (!next || moved.has(pair) || !isNextDay(pair, next)) continue;
    const [gap, nextGap] = [gapOf(pair), gapOf(next)];
    if (gap === 0n || gap !== -nextGap) continue;
    for (const day of [pair, next]) {
      const units = gapOf(day);
      const cost = day.estimated?.cost ?? 0n;
      const rest = costAt(day, day.estimated?.microUnits ?? 0n) ?? cost;
      const amount = (day.invoiced?.cost ?? 0n) - rest;
      differences.push({ ...placeOf(day), kind: "timing", amount: money(amount), microUnits: units });
      moved.set(day, {
        ...day,
        invoiced: { microUnits: day.estimated?.microUnits ?? 0n, cost: rest, isReserved: false },
      });
    }
  }
  return { pairs: pairs.map((pair) => moved.get(pair) ?? pair), differences };
}

/** Usage and unused reservations are compared with the estimate; everything else stands on the invoice alone. */
function isCompared({ chargeType }: InvoiceLine): boolean {
  return chargeType === "usage" || chargeType === "unused_reservation";
}

function otherThanUsage(line: InvoiceLine): Difference {
  const kind = line.chargeType === "adjustment" ? "adjustment" : "reservation";
  const { day, account, deployment, meterName, microUnits } = line;
  return { kind, amount: line.cost, day, account, deployment, meterName, microUnits };
}

function sumByKind(differences: readonly Difference[]): Partial<Record<DifferenceKind, Money>> {
  const sums: Partial<Record<DifferenceKind, Money>> = {};
  for (const { kind, amount } of differences) sums[kind] = money((sums[kind] ?? 0n) + amount);
  return sums;
}

function lightOf(unexplained: bigint, invoice: bigint): Reconciliation["light"] {
  const whole = invoice < 0n ? -invoice : invoice;
  if (unexplained * 1_000n <= whole * 2n) return "green";
  return unexplained * 100n <= whole ? "amber" : "red";
}
