import { type Money, money, sum } from "../../money/money.ts";
import { costOf, type UnitPrice } from "../../money/unit-price.ts";
import { type ArrivingRequest, replayBucket } from "./leaky-bucket.ts";
import type { Throughput } from "./throughput.ts";

/** A request of the replayed traffic and what it costs at pay-as-you-go, when it is known. */
export type PricedRequest = ArrivingRequest & { readonly payAsYouGo: Money };

/** How one PTU-hour can be paid. */
export type PtuTerm = { readonly name: "hourly" | "month" | "year"; readonly ptuHour: UnitPrice };

/** One size on the curve: capacity plus what spills over, for each term, and how the size would have done. */
export type CurvePoint = {
  readonly ptu: bigint;
  readonly refused: number;
  readonly refusedShare: number;
  readonly utilisation: number;
  readonly spilledCost: Money;
  readonly costs: Readonly<Record<PtuTerm["name"], Money | undefined>>;
};

/** The question: traffic over a number of hours, sizes to try, terms to buy, PTU already reserved (their cost is sunk). */
export type CurveQuestion = {
  readonly requests: readonly PricedRequest[];
  readonly hours: bigint;
  readonly sizes: readonly bigint[];
  readonly terms: readonly PtuTerm[];
  readonly throughput: Throughput;
  /** Seconds of full capacity that the bucket holds; nobody publishes it, so ask with several. */
  readonly bucketSeconds: number;
  readonly reservedPtu: bigint;
};

/** Sizes from the minimum to `most` in the steps that can be bought. */
export function allowedSizes(throughput: Throughput, most: bigint): bigint[] {
  const sizes: bigint[] = [];
  for (let size = throughput.minimum; size <= most; size += throughput.step) sizes.push(size);
  return sizes;
}

/** Replays the traffic through every size; refused requests spill over to pay-as-you-go. The first point is no capacity at all. */
export function costCurve(question: CurveQuestion): CurvePoint[] {
  return [0n, ...question.sizes].map((ptu) => pointOf(ptu, question));
}

/** The cheapest size and term of a curve; equal costs prefer the smaller size and the shorter term. */
export function cheapest(
  curve: readonly CurvePoint[],
): { readonly point: CurvePoint; readonly term: PtuTerm["name"]; readonly cost: Money } | undefined {
  let best: { point: CurvePoint; term: PtuTerm["name"]; cost: Money } | undefined;
  for (const point of curve) {
    for (const term of ["hourly", "month", "year"] as const) {
      const cost = point.costs[term];
      if (cost !== undefined && (!best || cost < best.cost)) best = { point, term, cost };
    }
  }
  return best;
}

function pointOf(ptu: bigint, question: CurveQuestion): CurvePoint {
  const { requests, hours, terms, throughput, bucketSeconds, reservedPtu } = question;
  const tokensPerMinute = Number(ptu * throughput.inputTokensPerMinute);
  const replay =
    ptu === 0n ? undefined : replayBucket(requests, { tokensPerMinute, depth: (tokensPerMinute * bucketSeconds) / 60 });
  const spilledCost = sum(
    requests.filter((_, index) => !(replay?.accepted[index] ?? false)).map(({ payAsYouGo }) => payAsYouGo),
  );
  const refused = replay?.refused ?? requests.length;
  const extra = ptu > reservedPtu ? ptu - reservedPtu : 0n;
  const capacity = (term: PtuTerm["name"]) => {
    const price = terms.find(({ name }) => name === term)?.ptuHour;
    return price && money(costOf(extra * hours, price) + spilledCost);
  };
  return {
    ptu,
    refused,
    refusedShare: requests.length === 0 ? 0 : refused / requests.length,
    utilisation: replay ? replay.servedTokens / (tokensPerMinute * 60 * Number(hours)) : 0,
    spilledCost,
    costs: { hourly: capacity("hourly"), month: capacity("month"), year: capacity("year") },
  };
}
