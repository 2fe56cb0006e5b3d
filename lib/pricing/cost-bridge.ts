import { divideRounded, type Money, money } from "../money/money.ts";

/** One meter's quantity and cost in two periods; units of all meters of one bridge are alike (tokens, or PTU-hours). */
export type BridgeMeter = {
  readonly quantity0: bigint;
  readonly cost0: Money;
  readonly quantity1: bigint;
  readonly cost1: Money;
  /** What the new quantity would have cost at the list price of the start date, for a meter without a first period. */
  readonly listCost1: Money | null;
};

/** Why cost changed: more or less in all, a dearer or cheaper mix, other prices. The parts sum to the change exactly. */
export type CostBridge = {
  readonly before: Money;
  readonly after: Money;
  readonly volume: Money;
  readonly mix: Money;
  readonly price: Money;
};

/**
 * Month-over-month bridge (finops reference, section 3): volume = (Q1 − Q0) × P0, mix = Σ p0·q1 − P0·Q1, price = Σ (p1 − p0)·q1.
 * Without a period-0 price a meter takes its list price of the start date, else its own price, so that its price effect is 0.
 */
export function costBridge(meters: readonly BridgeMeter[]): CostBridge {
  const total = (of: (meter: BridgeMeter) => bigint) => meters.reduce((sum, meter) => sum + of(meter), 0n);
  const [quantity0, quantity1] = [total(({ quantity0 }) => quantity0), total(({ quantity1 }) => quantity1)];
  const [before, after] = [total(({ cost0 }) => cost0), total(({ cost1 }) => cost1)];
  const atOldPrices = total(({ quantity0: q0, cost0, quantity1: q1, cost1, listCost1 }) =>
    q0 > 0n ? divideRounded(cost0 * q1, q0) : (listCost1 ?? cost1),
  );
  const oldAverage = quantity0 > 0n ? divideRounded(before * quantity1, quantity0) : atOldPrices;
  return {
    before: money(before),
    after: money(after),
    volume: money(oldAverage - before),
    mix: money(atOldPrices - oldAverage),
    price: money(after - atOldPrices),
  };
}
