import { divideRounded } from "../../money/money.ts";
import type { UnitPrice } from "../../money/unit-price.ts";
import { type EstimateLine, meterKey } from "./estimate-line.ts";
import type { InvoiceLine } from "./invoice-lines.ts";

/** What an invoice says the customer pays for one meter: cost ÷ units, and the discount from the list price that fits every line. */
export type ImpliedPrice = {
  readonly meterName: string;
  readonly meterId: string | null;
  readonly contractedUnitPrice: UnitPrice;
  readonly listUnitPrice: UnitPrice | null;
  /** A decimal text with at most two decimals, such as `8.63`; null when no such discount fits every line. */
  readonly discountPercent: string | null;
  readonly lines: number;
};

/** The prices that an invoice implies, and the one discount that most of them share, if there is one. */
export type ImpliedContract = { readonly prices: readonly ImpliedPrice[]; readonly discountPercent: string | null };

/** Invoices round the cost of a line; a discount fits a line when it meets its cost within this many picodollars. */
const TOLERANCE = 1_000_000n;

/** Reads the contracted price per meter out of the usage lines of an invoice, beside the list price of the estimate. */
export function impliedPrices(estimate: readonly EstimateLine[], invoice: readonly InvoiceLine[]): ImpliedContract {
  const list = listPrices(estimate);
  const byMeter = Map.groupBy(
    invoice.filter((line) => line.chargeType === "usage" && !line.isReserved && line.microUnits > 0n),
    (line) => meterKey(line.meterName),
  );
  const prices = [...byMeter].flatMap(([meter, lines]): ImpliedPrice[] => {
    const first = lines[0];
    if (!first) return [];
    const microUnits = lines.reduce((total, line) => total + line.microUnits, 0n);
    const cost = lines.reduce((total, line) => total + line.cost, 0n);
    const listUnitPrice = list.get(meter) ?? null;
    return [
      {
        meterName: first.meterName,
        meterId: first.meterId,
        contractedUnitPrice: { numerator: (cost < 0n ? 0n : cost) * 1_000_000n, denominator: microUnits },
        listUnitPrice,
        discountPercent: listUnitPrice && discountThatFits(lines, listUnitPrice),
        lines: lines.length,
      },
    ];
  });
  return { prices, discountPercent: sharedDiscount(prices) };
}

/** The discount of more than half of the meters that can be compared with a list price; null when there is none. */
function sharedDiscount(prices: readonly ImpliedPrice[]): string | null {
  const listed = prices.filter(({ listUnitPrice }) => listUnitPrice !== null);
  const groups = Map.groupBy(listed, ({ discountPercent }) => discountPercent);
  const most = [...groups].find(([percent, group]) => percent !== null && 2 * group.length > listed.length);
  return most?.[0] ?? null;
}

/** The list price per unit of each meter of the estimate; a meter whose list price changed in the period has none. */
function listPrices(estimate: readonly EstimateLine[]): ReadonlyMap<string, UnitPrice> {
  const prices = new Map<string, UnitPrice | null>();
  for (const line of estimate) {
    if (line.microUnits <= 0n || line.listCost <= 0n) continue;
    const meter = meterKey(line.meterName);
    const price = { numerator: line.listCost * 1_000_000n, denominator: line.microUnits };
    const known = prices.get(meter);
    if (known === undefined) prices.set(meter, price);
    else if (known && known.numerator * price.denominator !== price.numerator * known.denominator)
      prices.set(meter, null);
  }
  return new Map([...prices].flatMap(([meter, price]) => (price ? [[meter, price] as const] : [])));
}

/** The discount of at most two decimals that the largest line implies, when it fits every line of the meter. */
function discountThatFits(lines: readonly InvoiceLine[], list: UnitPrice): string | null {
  const largest = lines.reduce((a, b) => (b.cost > a.cost ? b : a));
  const listCost = costAtList(largest, list);
  if (listCost <= 0n) return null;
  const basisPoints = divideRounded((listCost - largest.cost) * 10_000n, listCost);
  if (basisPoints < 0n || basisPoints > 10_000n) return null;
  const fits = lines.every((line) => {
    const expected = divideRounded(
      line.microUnits * list.numerator * (10_000n - basisPoints),
      1_000_000n * list.denominator * 10_000n,
    );
    const off = line.cost - expected;
    return off <= TOLERANCE && off >= -TOLERANCE;
  });
  if (!fits) return null;
  const fraction = (basisPoints % 100n).toString().padStart(2, "0").replace(/0+$/, "");
  return fraction === "" ? `${basisPoints / 100n}` : `${basisPoints / 100n}.${fraction}`;
}

function costAtList(line: InvoiceLine, list: UnitPrice): bigint {
  return divideRounded(line.microUnits * list.numerator, 1_000_000n * list.denominator);
}
