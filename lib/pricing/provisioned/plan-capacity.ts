import type { Money } from "../../money/money.ts";
import type { UnitPrice } from "../../money/unit-price.ts";
import type { Instant } from "../../time/instant.ts";
import type { PriceBook } from "../price-book.ts";
import { resolveHourPrice } from "../resolve-price.ts";
import { HOURS_PER_MONTH, HOURS_PER_YEAR, perHourOfTerm } from "./break-even.ts";
import { allowedSizes, type CurvePoint, cheapest, costCurve, type PricedRequest, type PtuTerm } from "./cost-curve.ts";
import { reservationPrice } from "./reservations.ts";
import { sizeFor, type Throughput } from "./throughput.ts";

/** Bucket depths to try, in seconds of full capacity: nobody publishes it, so the answer is a range. */
export const BUCKET_SECONDS = [10, 60] as const;

/** Traffic of one model to be planned for, and where it would be deployed. */
export type CapacityPlanQuestion = {
  readonly requests: readonly PricedRequest[];
  readonly throughput: Throughput;
  readonly scope: "Global" | "DataZone" | "Regional";
  readonly region: string;
  readonly at: Instant;
  readonly reservedPtu: bigint;
  /** A size to try besides those that the steps lead to: what is deployed today. */
  readonly deployedPtu?: bigint;
};

/** What one bucket depth says: the curve, and the sizes that refuse at most one per cent, and nothing. */
export type DepthAnswer = {
  readonly bucketSeconds: number;
  readonly curve: readonly CurvePoint[];
  readonly onePercent: bigint | null;
  readonly none: bigint | null;
  readonly cheapest: { readonly ptu: bigint; readonly term: PtuTerm["name"]; readonly cost: Money } | null;
};

/** Sizes by the load of a minute, and the answers per bucket depth. `hours` is how long the traffic lasted, rounded up. */
export type CapacityPlan = {
  readonly hours: bigint;
  readonly payAsYouGo: Money;
  readonly perMinute: { readonly mean: number; readonly p95: number; readonly p99: number };
  readonly sizes: { readonly mean: bigint; readonly p95: bigint; readonly p99: bigint };
  readonly terms: readonly PtuTerm[];
  readonly depths: readonly DepthAnswer[];
};

/** Plans capacity for real traffic: sizing by quantiles of a minute, replay through every size, and the cost of each. */
export function planCapacity(question: CapacityPlanQuestion, book: PriceBook): CapacityPlan {
  const { requests, throughput, reservedPtu, deployedPtu = 0n } = question;
  const perMinute = minuteLoads(requests);
  const sizes = {
    mean: sizeFor(BigInt(Math.ceil(perMinute.mean)), throughput),
    p95: sizeFor(BigInt(perMinute.p95), throughput),
    p99: sizeFor(BigInt(perMinute.p99), throughput),
  };
  const hours = hoursOf(requests);
  const terms = termsOf(question, book);
  const steps = allowedSizes(throughput, sizes.p99 + throughput.step * 4n);
  const tried =
    deployedPtu === 0n || steps.includes(deployedPtu)
      ? steps
      : [...steps, deployedPtu].toSorted((a, b) => Number(a - b));
  const depths = BUCKET_SECONDS.map((bucketSeconds): DepthAnswer => {
    const curve = costCurve({ requests, hours, sizes: tried, terms, throughput, bucketSeconds, reservedPtu });
    const first = (share: number) =>
      curve.find(({ ptu, refusedShare }) => ptu > 0n && refusedShare <= share)?.ptu ?? null;
    const best = cheapest(curve);
    return {
      bucketSeconds,
      curve,
      onePercent: first(0.01),
      none: first(0),
      cheapest: best ? { ptu: best.point.ptu, term: best.term, cost: best.cost } : null,
    };
  });
  const payAsYouGo = requests.reduce((total, request) => (total + request.payAsYouGo) as Money, 0n as Money);
  return { hours, payAsYouGo, perMinute, sizes, terms, depths };
}

/** Nearest-rank quantiles of equivalent tokens over full minutes; the first and the last minute may be cut and are left out. */
function minuteLoads(requests: readonly PricedRequest[]): CapacityPlan["perMinute"] {
  const byMinute = new Map<number, number>();
  for (const { atMs, tokens } of requests) {
    const minute = Math.floor(atMs / 60_000);
    byMinute.set(minute, (byMinute.get(minute) ?? 0) + tokens);
  }
  const [first, last] = [Math.min(...byMinute.keys()), Math.max(...byMinute.keys())];
  const loads: number[] = [];
  for (let minute = first + 1; minute < last; minute += 1) loads.push(byMinute.get(minute) ?? 0);
  if (loads.length === 0) loads.push(...byMinute.values());
  const sorted = loads.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { mean: loads.reduce((a, b) => a + b, 0) / Math.max(loads.length, 1), p95: rank(0.95), p99: rank(0.99) };
}

function hoursOf(requests: readonly PricedRequest[]): bigint {
  const [first, last] = [requests[0]?.atMs ?? 0, requests.at(-1)?.atMs ?? 0];
  return BigInt(Math.max(1, Math.ceil((last - first) / 3_600_000)));
}

/** The price of a PTU-hour by the hour and by reservation; a term without a known price is left out. */
function termsOf({ scope, region, at }: CapacityPlanQuestion, book: PriceBook): PtuTerm[] {
  const hour = resolveHourPrice({ measure: "ptu_hour", model: "", version: "", scope, region }, at, book);
  const hourly: PtuTerm[] = hour.kind === "one" ? [{ name: "hourly", ptuHour: hour.line.contractedUnitPrice }] : [];
  const reserved = (name: "month" | "year", hours: bigint): PtuTerm[] => {
    const price: UnitPrice | undefined = reservationPrice(scope, name, at)?.price;
    return price ? [{ name, ptuHour: perHourOfTerm(price, hours) }] : [];
  };
  return [...hourly, ...reserved("month", HOURS_PER_MONTH), ...reserved("year", HOURS_PER_YEAR)];
}
