import { divideRounded, type Money, money } from "../../money/money.ts";
import { classifyMeter, type MeterClass } from "../meter/classify-meter.ts";
import { type EstimateLine, meterKey } from "./estimate-line.ts";
import { readDecimal } from "./exact-decimal.ts";
import { type ImpliedContract, impliedPrices } from "./implied-prices.ts";
import { type InvoiceLine, invoiceTotal } from "./invoice-lines.ts";

/** Why an estimate and an invoice differ. */
export const DIFFERENCE_KINDS = [
  "missing_in_logs",
  "missing_on_invoice",
  "contract",
  "price",
  "quantity",
  "cached_share",
  "timing",
  "ptu",
  "hosting",
  "router",
  "reservation",
  "adjustment",
  "unpriced",
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
  const contract = impliedPrices(estimate, invoice);
  const agreed = applyContract(pairs, contract);
  const timed = moveTiming(agreed.pairs);
  const shareless = pairsWithoutShare(timed.pairs);
  const differences = [
    ...agreed.differences,
    ...timed.differences,
    ...timed.pairs.flatMap((pair) => differencesOf(pair, shareless.has(pair))),
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
    contract,
  };
}

/** One account, deployment, meter and day on both sides. */
type Pair = {
  readonly day: string;
  readonly account: string;
  readonly deployment: string;
  readonly meterName: string;
  readonly estimated: { readonly microUnits: bigint; readonly cost: bigint; readonly listCost: bigint } | undefined;
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
    const listCost = (pair.estimated?.listCost ?? 0n) + line.listCost;
    pair.estimated = { ...added(pair.estimated, line.microUnits, line.contractedCost), listCost };
  }
  for (const line of invoice) {
    const pair = pairOf(line);
    pair.invoiced = added(pair.invoiced, line.microUnits, line.cost);
  }
  return [...pairs.values()].toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

function added(side: Pair["invoiced"], microUnits: bigint, cost: bigint): NonNullable<Pair["invoiced"]> {
  return { microUnits: (side?.microUnits ?? 0n) + microUnits, cost: (side?.cost ?? 0n) + cost };
}

/**
 * A discount that most of the invoice's meters share is the contract: what it takes off the list price of the estimate is
 * one difference, so that a price of its own is told apart from it. One meter alone is no contract, and usage that an
 * agreement of the price book already priced is left as it is.
 */
function applyContract(
  pairs: readonly Pair[],
  { discountPercent, prices }: ImpliedContract,
): { readonly pairs: readonly Pair[]; readonly differences: readonly Difference[] } {
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
 * Pairs whose units differ only because the logs did not tell which part of the prompt was cached: what one prompt meter of
 * a model lacks on a day, its other prompt meters have too much.
 */
function pairsWithoutShare(pairs: readonly Pair[]): ReadonlySet<Pair> {
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
  const read = readMeter(meterName);
  if (read.status === "ambiguous" || read.category !== "token" || read.kind === "output") return undefined;
  return [read.model, read.version, read.scope, read.mode, read.modality].join("|");
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

function differencesOf(pair: Pair, isShareUnknown: boolean): Difference[] {
  const place = placeOf(pair);
  const named = (kind: DifferenceKind, amount: bigint, microUnits: bigint): Difference => ({
    ...place,
    kind,
    amount: money(amount),
    microUnits,
  });
  const { estimated, invoiced } = pair;
  const special = isShareUnknown ? "cached_share" : specialKind(pair.meterName);
  if (estimated && !invoiced && pair.meterName === "") return [named("unpriced", 0n, -estimated.microUnits)];
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
  const read = readMeter(meterName);
  if (read.status === "ambiguous") return undefined;
  if (read.category === "ptu") return "ptu";
  if (read.category === "finetune_hosting") return "hosting";
  return read.model === "model-router" ? "router" : undefined;
}

function readMeter(meterName: string): MeterClass {
  const known = METERS.get(meterName);
  if (known) return known;
  const unitOfMeasure = /unit|hosting/i.test(meterName) ? "1 Hour" : "1K";
  const read = classifyMeter({ productName: "Azure OpenAI", meterName, unitOfMeasure });
  if (METERS.size < 10_000) METERS.set(meterName, read);
  return read;
}

const METERS = new Map<string, MeterClass>();

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
