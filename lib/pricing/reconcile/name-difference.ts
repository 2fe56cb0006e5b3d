import { type Money, money } from "../../money/money.ts";
import { classifyMeter, type MeterClass, type TokenMeter } from "../meter/classify-meter.ts";
import { meterKey } from "./estimate-line.ts";
import { costAt, gapOf, type LinePair, type Place, placeOf } from "./pair-lines.ts";

/** Why an estimate and an invoice differ. Each has its evidence in the lines; README of the room, "The bill is the judge". */
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
  "other_meter",
  "reservation",
  "adjustment",
  "unpriced",
  "rounding",
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One named difference: invoice minus estimate, for one account, deployment (empty: the whole account), meter and day. */
export type Difference = Place & {
  readonly kind: DifferenceKind;
  readonly amount: Money;
  readonly microUnits: bigint;
};

/** Why nothing in the lines explains a difference. */
export type UnexplainedReason = "unknown_meter" | "no_units" | "lone_price" | "unread_day";

/** A difference that nothing in the lines explains: it belongs to the residual. */
export type Unexplained = Place & {
  readonly reason: UnexplainedReason;
  readonly amount: Money;
  readonly microUnits: bigint;
};

/** Costs of one line of an invoice are rounded by Azure; differences of price below this are rounding. */
const ROUNDING = 1_000_000n;

type Named = { readonly differences: readonly Difference[]; readonly unexplained: readonly Unexplained[] };

/**
 * Names the differences of a pair, with all pairs of the invoice as evidence:
 * a *quantity* where the unit price is ours, so only the units differ; a *price* where another line of that meter has the
 * same unit price, or where the units agree and no line of the meter says otherwise; *missing in the logs* where the meter
 * is one that logs would tell. A price that stands on one line alone, a cost without units and a meter that cannot be read
 * prove nothing and stay unexplained, as does what differs on a day that the ledger has not read to its end.
 */
export function differenceNamer(
  pairs: readonly LinePair[],
  unreadDays: ReadonlySet<string>,
): (pair: LinePair, isShareUnknown: boolean) => Named {
  const byMeter = Map.groupBy(
    pairs.filter(({ invoiced }) => (invoiced?.microUnits ?? 0n) > 0n),
    ({ meterName }) => meterKey(meterName),
  );
  return (pair, isShareUnknown) => {
    const { estimated, invoiced } = pair;
    if (unreadDays.has(pair.day) && gapOf(pair) > 0n) {
      return unexplained(pair, "unread_day", (invoiced?.cost ?? 0n) - (estimated?.cost ?? 0n), gapOf(pair));
    }
    const special = isShareUnknown ? "cached_share" : specialKind(pair);
    if (estimated && !invoiced) {
      if (pair.meterName === "") return named(pair, "unpriced", 0n, -estimated.microUnits);
      return named(pair, special ?? "missing_on_invoice", -estimated.cost, -estimated.microUnits);
    }
    if (!estimated && invoiced) return invoicedOnly(pair, invoiced, special);
    if (!estimated || !invoiced) return { differences: [], unexplained: [] };
    return both(pair, estimated, invoiced, special, byMeter.get(meterKey(pair.meterName)) ?? []);
  };
}

/** What a token meter's name says; undefined for a meter of anything else, or one that cannot be read. */
export function tokenMeterOf(meterName: string): TokenMeter | undefined {
  const read = readMeter(meterName);
  return read.status === "classified" && read.category === "token" ? read : undefined;
}

function invoicedOnly(
  pair: LinePair,
  invoiced: NonNullable<LinePair["invoiced"]>,
  special: DifferenceKind | undefined,
): Named {
  if (special) return named(pair, special, invoiced.cost, invoiced.microUnits);
  if (invoiced.microUnits === 0n && invoiced.cost !== 0n) return unexplained(pair, "no_units", invoiced.cost, 0n);
  const read = readMeter(pair.meterName);
  if (read.status === "ambiguous") return unexplained(pair, "unknown_meter", invoiced.cost, invoiced.microUnits);
  const kind = read.category === "token" ? "missing_in_logs" : "other_meter";
  return named(pair, kind, invoiced.cost, invoiced.microUnits);
}

function both(
  pair: LinePair,
  estimated: NonNullable<LinePair["estimated"]>,
  invoiced: NonNullable<LinePair["invoiced"]>,
  special: DifferenceKind | undefined,
  sameMeter: readonly LinePair[],
): Named {
  const whole = invoiced.cost - estimated.cost;
  const atInvoicePrice = costAt(pair, estimated.microUnits);
  if (atInvoicePrice === undefined) {
    if (special === "reservation") return named(pair, special, whole, gapOf(pair));
    return whole === 0n
      ? named(pair, special ?? "quantity", 0n, gapOf(pair))
      : unexplained(pair, "no_units", whole, gapOf(pair));
  }
  const [price, quantity] = [atInvoicePrice - estimated.cost, invoiced.cost - atInvoicePrice];
  const isOurPrice = price <= ROUNDING && price >= -ROUNDING;
  const priceKind = isOurPrice ? "rounding" : special === "reservation" ? special : "price";
  if (priceKind === "price" && !isShownPrice(pair, sameMeter)) {
    return unexplained(pair, "lone_price", whole, gapOf(pair));
  }
  return {
    differences: [
      ...(price === 0n ? [] : named(pair, priceKind, price, 0n).differences),
      ...(quantity === 0n && gapOf(pair) === 0n
        ? []
        : named(pair, special ?? "quantity", quantity, gapOf(pair)).differences),
    ],
    unexplained: [],
  };
}

/** Whether the invoice's unit price of a line is more than the line's own word. */
function isShownPrice(pair: LinePair, sameMeter: readonly LinePair[]): boolean {
  const others = sameMeter.filter((other) => other !== pair);
  if (others.some((other) => isSamePrice(pair, other))) return true;
  return others.length === 0 && gapOf(pair) === 0n;
}

/** Whether the price of either line meets the cost of the other within what invoices round. */
function isSamePrice(a: LinePair, b: LinePair): boolean {
  if (!a.invoiced || !b.invoiced) return false;
  const [larger, smaller] = a.invoiced.microUnits >= b.invoiced.microUnits ? [a, b] : [b, a];
  const expected = costAt(larger, smaller.invoiced?.microUnits ?? 0n);
  if (expected === undefined) return false;
  const off = expected - (smaller.invoiced?.cost ?? 0n);
  return off <= ROUNDING && off >= -ROUNDING;
}

function named(pair: LinePair, kind: DifferenceKind, amount: bigint, microUnits: bigint): Named {
  return { differences: [{ ...placeOf(pair), kind, amount: money(amount), microUnits }], unexplained: [] };
}

function unexplained(pair: LinePair, reason: UnexplainedReason, amount: bigint, microUnits: bigint): Named {
  return { differences: [], unexplained: [{ ...placeOf(pair), reason, amount: money(amount), microUnits }] };
}

function specialKind({ account, meterName, invoiced }: LinePair): DifferenceKind | undefined {
  const read = readMeter(meterName);
  if (read.status === "ambiguous") return undefined;
  if (read.category === "ptu") return invoiced?.isReserved || account === "" ? "reservation" : "ptu";
  if (read.category === "finetune_hosting") return "hosting";
  return read.model === "model-router" ? "router" : undefined;
}

/** An export does not tell the product family of a meter, so the first family that the name can be read in counts. */
const FAMILIES = [
  "Azure OpenAI",
  "Azure OpenAI GPT5",
  "Azure OpenAI Reasoning",
  "Azure OpenAI Embedding",
  "Azure OpenAI Media",
];

function readMeter(meterName: string): MeterClass {
  const known = METERS.get(meterName);
  if (known) return known;
  const unitOfMeasure = /unit|hosting/i.test(meterName) ? "1 Hour" : "1K";
  const reads = FAMILIES.map((productName) => classifyMeter({ productName, meterName, unitOfMeasure }));
  const read = reads.find(({ status }) => status === "classified") ?? reads[0];
  if (!read) throw new RangeError("A meter is read in at least one family.");
  if (METERS.size < 10_000) METERS.set(meterName, read);
  return read;
}

const METERS = new Map<string, MeterClass>();
