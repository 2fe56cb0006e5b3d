import type { Money } from "../../money/money.ts";

/** What our estimate says about one account, deployment, meter and UTC day. */
export type EstimateLine = {
  readonly day: string;
  readonly account: string;
  readonly deployment: string;
  /** Empty for usage that has no price. */
  readonly meterName: string;
  readonly meterId: string | null;
  /** Millionths of a token, or of an hour. */
  readonly microUnits: bigint;
  readonly listCost: Money;
  readonly contractedCost: Money;
};

/** Meter names are the same whatever their case and spaces. */
export function meterKey(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, " ");
}
