import { divideRounded } from "../../money/money.ts";
import { type EstimateLine, meterKey } from "./estimate-line.ts";
import type { InvoiceLine } from "./invoice-lines.ts";

/** One account, deployment, meter and day on both sides. */
export type LinePair = {
  readonly day: string;
  readonly account: string;
  readonly deployment: string;
  readonly meterName: string;
  readonly estimated: { readonly microUnits: bigint; readonly cost: bigint; readonly listCost: bigint } | undefined;
  readonly invoiced: InvoicedSide | undefined;
};

type InvoicedSide = { readonly microUnits: bigint; readonly cost: bigint; readonly isReserved: boolean };

/** Where a difference stands; an empty deployment is the whole account. */
export type Place = Pick<LinePair, "day" | "account" | "deployment" | "meterName">;

/** Joins on day, account, meter and, where every invoice line of that account and meter carries the tag, deployment. */
export function pairLines(estimate: readonly EstimateLine[], invoice: readonly InvoiceLine[]): LinePair[] {
  const names = new Map<string, string>();
  for (const line of estimate) if (line.meterId) names.set(line.meterId, meterKey(line.meterName));
  const meterOf = (line: EstimateLine | InvoiceLine) =>
    (line.meterId ? names.get(line.meterId) : undefined) ?? meterKey(line.meterName);
  const untagged = new Set(
    invoice.filter(({ deployment }) => deployment === "").map((line) => `${line.account}|${meterOf(line)}`),
  );
  const pairs = new Map<string, { -readonly [Name in keyof LinePair]: LinePair[Name] }>();
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
    const isReserved = line.isReserved || pair.invoiced?.isReserved === true;
    pair.invoiced = { ...added(pair.invoiced, line.microUnits, line.cost), isReserved };
  }
  return [...pairs.values()].toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

type Side = { readonly microUnits: bigint; readonly cost: bigint };

function added(side: Side | undefined, microUnits: bigint, cost: bigint): Side {
  return { microUnits: (side?.microUnits ?? 0n) + microUnits, cost: (side?.cost ?? 0n) + cost };
}

/** Millionths of a unit that the invoice has more than the estimate. */
export function gapOf({ estimated, invoiced }: LinePair): bigint {
  return (invoiced?.microUnits ?? 0n) - (estimated?.microUnits ?? 0n);
}

/** Whether `b` is the next day of the same place and meter. */
export function isNextDay(a: LinePair, b: LinePair): boolean {
  const isSame =
    a.account === b.account && a.deployment === b.deployment && meterKey(a.meterName) === meterKey(b.meterName);
  return isSame && Date.parse(b.day) - Date.parse(a.day) === 86_400_000;
}

/** What units would have cost at the invoice's own price of that line; undefined when the invoice has no units. */
export function costAt({ invoiced }: Pick<LinePair, "invoiced">, microUnits: bigint): bigint | undefined {
  if (!invoiced || invoiced.microUnits <= 0n) return undefined;
  return divideRounded(invoiced.cost * microUnits, invoiced.microUnits);
}

/** The place of a pair. */
export function placeOf({ day, account, deployment, meterName }: Place): Place {
  return { day, account, deployment, meterName };
}

function textOf(pair: LinePair): string {
  return `${pair.account}|${pair.deployment}|${meterKey(pair.meterName)}|${pair.day}`;
}
