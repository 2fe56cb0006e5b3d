import { divideRounded, type Money, money } from "../../money/money.ts";
import { classifyMeter } from "../meter/classify-meter.ts";
import { type EstimateLine, meterKey } from "./estimate-line.ts";
import { type ImpliedContract, impliedPrices } from "./implied-prices.ts";
import { type InvoiceLine, invoiceTotal } from "./invoice-lines.ts";

/** Why an estimate and an invoice differ. */
export const DIFFERENCE_KINDS = [
  "missing_in_logs",
  "missing_on_invoice",
  "price",
  "quantity",
  "timing",
  "ptu",
  "hosting",
  "router",
  "reservation",
  "adjustment",
  "rounding",
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One named difference: invoice minus estimate, for one account, deployment (empty: the whole account), meter and day. */
export type Difference = {
  readonly kind: DifferenceKind;
  readonly amount: Money;
  readonly day: string;
  readonly account: string;
  readonly deployment: string;
  readonly meterName: string;
  readonly microUnits: bigint;
};

/** Estimate beside invoice. `estimate + differences + residual = invoice`, to the picodollar. */
export type Reconciliation = {
  readonly currency: string;
  readonly invoice: Money;
  readonly estimate: Money;
  readonly differences: readonly Difference[];
  readonly byKind: Readonly<Partial<Record<DifferenceKind, Money>>>;
  readonly residual: Money;
  /** Unexplained share of the invoice: green to 0.2 %, amber to 1 %, else red (finops reference, section 9). */
  readonly light: "green" | "amber" | "red";
  readonly contract: ImpliedContract;
};

/** Costs of one line of an invoice are rounded by Azure; differences of price below this are rounding. */
const ROUNDING = 1_000_000n;

/** Compares an estimate with an invoice of one currency. Throws a RangeError when the invoice has more than one. */
export function reconcile(
  estimate: readonly EstimateLine[],
  invoice: readonly InvoiceLine[],
  currency: string,
): Reconciliation {
  const foreign = invoice.find((line) => line.currency !== "" && line.currency !== currency);
  if (foreign) {
    throw new RangeError(
      `Line ${foreign.line} of the invoice is in ${foreign.currency}, the estimate in ${currency}: two currencies never meet.`,
    );
  }
  const pairs = join(
    estimate,
    invoice.filter((line) => line.chargeType === "usage"),
  );
  const timed = moveTiming(pairs);
  const differences = [
    ...timed.differences,
    ...timed.pairs.flatMap(differencesOf),
    ...invoice.flatMap(otherThanUsage),
  ].filter(({ amount, microUnits }) => amount !== 0n || microUnits !== 0n);
  const invoiced = invoiceTotal(invoice);
  const estimated = money(estimate.reduce((total, line) => total + line.contractedCost, 0n));
  const explained = differences.reduce((total, { amount }) => total + amount, 0n);
  const residual = money(invoiced - estimated - explained);
  return {
    currency,
    invoice: invoiced,
    estimate: estimated,
    differences,
    byKind: sumByKind(differences),
    residual,
    light: lightOf(residual, invoiced),
    contract: impliedPrices(estimate, invoice),
  };
}

/** One account, deployment, meter and day on both sides. */
type Pair = {
  readonly day: string;
  readonly account: string;
  readonly deployment: string;
  readonly meterName: string;
  readonly estimated: { readonly microUnits: bigint; readonly cost: bigint } | undefined;
  readonly invoiced: { readonly microUnits: bigint; readonly cost: bigint } | undefined;
};

/** Joins on day, account, meter and, where every invoice line of that account and meter carries the tag, deployment. */
function join(estimate: readonly EstimateLine[], invoice: readonly InvoiceLine[]): Pair[] {
  const names = new Map<string, string>();
  for (const line of estimate) if (line.meterId) names.set(line.meterId, meterKey(line.meterName));
  const meterOf = (line: EstimateLine | InvoiceLine) =>
    (line.meterId ? names.get(line.meterId) : undefined) ?? meterKey(line.meterName);
  const untagged = new Set(
    invoice.filter(({ deployment }) => deployment === "").map((line) => `${line.account}|${meterOf(line)}`),
  );
  const pairs = new Map<string, { -readonly [Name in keyof Pair]: Pair[Name] }>();
  const pairOf = (line: EstimateLine | InvoiceLine) => {
    const account = line.account.toLowerCase();
    const meter = meterOf(line);
    const deployment = untagged.has(`${account}|${meter}`) ? "" : line.deployment.toLowerCase();
    const id = JSON.stringify([line.day, account, deployment, meter]);
    const pair = pairs.get(id) ?? {
      day: line.day,
      account,
      deployment,
      meterName: line.meterName,
      estimated: undefined,
      invoiced: undefined,
    };
    pairs.set(id, pair);
    return pair;
  };
  for (const line of estimate) {
    const pair = pairOf(line);
    pair.estimated = added(pair.estimated, line.microUnits, line.contractedCost);
  }
  for (const line of invoice) {
    const pair = pairOf(line);
    pair.invoiced = added(pair.invoiced, line.microUnits, line.cost);
  }
  return [...pairs.values()].toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

function added(side: Pair["estimated"], microUnits: bigint, cost: bigint): NonNullable<Pair["estimated"]> {
  return { microUnits: (side?.microUnits ?? 0n) + microUnits, cost: (side?.cost ?? 0n) + cost };
}

/**
 * Units that the invoice books on the next day, or the day before, are timing: exactly what one day lacks, the neighbour
 * has too much. They are taken out of both days at each day's own invoice price, before the rest is named.
 */
function moveTiming(pairs: readonly Pair[]): {
  readonly pairs: readonly Pair[];
  readonly differences: readonly Difference[];
} {
  const moved = new Map<Pair, Pair>();
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
      moved.set(day, { ...day, invoiced: { microUnits: day.estimated?.microUnits ?? 0n, cost: rest } });
    }
  }
  return { pairs: pairs.map((pair) => moved.get(pair) ?? pair), differences };
}

function isNextDay(a: Pair, b: Pair): boolean {
  const isSame =
    a.account === b.account && a.deployment === b.deployment && meterKey(a.meterName) === meterKey(b.meterName);
  return isSame && Date.parse(b.day) - Date.parse(a.day) === 86_400_000;
}

function gapOf({ estimated, invoiced }: Pair): bigint {
  return (invoiced?.microUnits ?? 0n) - (estimated?.microUnits ?? 0n);
}

/** What units would have cost at the invoice's own price of that line; undefined when the invoice has no units. */
function costAt({ invoiced }: Pair, microUnits: bigint): bigint | undefined {
  if (!invoiced || invoiced.microUnits <= 0n) return undefined;
  return divideRounded(invoiced.cost * microUnits, invoiced.microUnits);
}

function differencesOf(pair: Pair): Difference[] {
  const place = placeOf(pair);
  const named = (kind: DifferenceKind, amount: bigint, microUnits: bigint): Difference => ({
    ...place,
    kind,
    amount: money(amount),
    microUnits,
  });
  const { estimated, invoiced } = pair;
  const special = specialKind(pair.meterName);
  if (!estimated && invoiced) return [named(special ?? "missing_in_logs", invoiced.cost, invoiced.microUnits)];
  if (estimated && !invoiced) return [named(special ?? "missing_on_invoice", -estimated.cost, -estimated.microUnits)];
  if (!estimated || !invoiced) return [];
  const atInvoicePrice = costAt(pair, estimated.microUnits);
  if (atInvoicePrice === undefined) return [named("adjustment", invoiced.cost - estimated.cost, -estimated.microUnits)];
  const [price, quantity] = [atInvoicePrice - estimated.cost, invoiced.cost - atInvoicePrice];
  const isRounding = price <= ROUNDING && price >= -ROUNDING;
  return [
    ...(price === 0n ? [] : [named(isRounding ? "rounding" : "price", price, 0n)]),
    ...(quantity === 0n && gapOf(pair) === 0n ? [] : [named(special ?? "quantity", quantity, gapOf(pair))]),
  ];
}

function specialKind(meterName: string): "ptu" | "hosting" | "router" | undefined {
  const unitOfMeasure = /unit|hosting/i.test(meterName) ? "1 Hour" : "1K";
  const read = classifyMeter({ productName: "Azure OpenAI", meterName, unitOfMeasure });
  if (read.status === "ambiguous") return undefined;
  if (read.category === "ptu") return "ptu";
  if (read.category === "finetune_hosting") return "hosting";
  return read.model === "model-router" ? "router" : undefined;
}

function otherThanUsage(line: InvoiceLine): Difference[] {
  if (line.chargeType === "usage") return [];
  const kind = line.chargeType === "adjustment" ? "adjustment" : "reservation";
  const { day, account, deployment, meterName, microUnits } = line;
  return [{ kind, amount: line.cost, day, account, deployment, meterName, microUnits }];
}

function placeOf({
  day,
  account,
  deployment,
  meterName,
}: Pair): Pick<Difference, "day" | "account" | "deployment" | "meterName"> {
  return { day, account, deployment, meterName };
}

function textOf(pair: Pair): string {
  return `${pair.account}|${pair.deployment}|${meterKey(pair.meterName)}|${pair.day}`;
}

function sumByKind(differences: readonly Difference[]): Partial<Record<DifferenceKind, Money>> {
  const sums: Partial<Record<DifferenceKind, Money>> = {};
  for (const { kind, amount } of differences) sums[kind] = money((sums[kind] ?? 0n) + amount);
  return sums;
}

function lightOf(residual: bigint, invoice: bigint): Reconciliation["light"] {
  const [size, whole] = [residual < 0n ? -residual : residual, invoice < 0n ? -invoice : invoice];
  if (size * 1_000n <= whole * 2n) return "green";
  return size * 100n <= whole ? "amber" : "red";
}
