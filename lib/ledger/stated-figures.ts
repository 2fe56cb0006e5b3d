import type { DatedRate, RatePair } from "../money/exchange-rates.ts";
import type { ChargeQuery } from "./charge-query.ts";
import type { Condition } from "./conditions.ts";
import { bucketPlan, ceilQuarter, floorQuarter } from "./period-buckets.ts";
import { rateStretches } from "./rate-stretches.ts";

/**
 * The figures of every charge stated by the rate of its UTC day, each rounded once, half away from zero, as a table of `label,
 * key, quantity, listCost, …, charges`. Daily sums do not know what was rounded, so quarter hours are read.
 */
export function statedFigures(query: Pick<ChargeQuery, "period" | "zone" | "grain">, pair: RatePair): Condition {
  const cuts = cutsOf(query, pair);
  const [from, to] = [Math.min(...cuts.map((cut) => cut.from)), Math.max(...cuts.map((cut) => cut.to))];
  const rows = cuts.map(({ rate: { numerator, denominator }, ...cut }) => {
    const rate = `${numerator}::HUGEINT, ${denominator}::HUGEINT`;
    const top = wholeNumberTop(numerator, denominator);
    const small = top === 0n ? "0::BIGINT, 1::BIGINT" : `${numerator}::BIGINT, ${denominator}::BIGINT`;
    return `(?::VARCHAR, ${cut.from}, ${cut.to}, ${rate}, ${small}, ${top}::BIGINT)`;
  });
  return {
    sql: `(SELECT b.label, c.key, c.quantity::HUGEINT AS quantity, ${stated("listCost")}, ${stated("contractedCost")},
      ${stated("contractedCostUpper")}, 1 AS charges
      FROM (SELECT * FROM charge WHERE qh >= ${from} AND qh < ${to}) c
      JOIN (SELECT *, unnest(range(lo, hi))::INTEGER AS qh
        FROM (VALUES ${rows.join(", ")}) r(label, lo, hi, num, den, n, d, top)) b ON c.qh = b.qh)`,
    values: cuts.map(({ label }) => label),
  };
}

/** Stretches of quarter hours with their bucket and their rate; one that holds nothing where no rate covers the period. */
type Cut = { readonly label: string | null; readonly rate: DatedRate; readonly from: number; to: number };

function cutsOf({ period, zone, grain }: Pick<ChargeQuery, "period" | "zone" | "grain">, pair: RatePair): Cut[] {
  const { stretches } = bucketPlan(period, zone, grain, false);
  const rated = rateStretches(period, pair).map((stretch) => ({
    rate: stretch.rate,
    from: floorQuarter(stretch.period.start),
    to: ceilQuarter(stretch.period.end),
  }));
  const cuts: Cut[] = [];
  for (const { label, from, to } of stretches) {
    for (const { rate, ...within } of rated) {
      const cut = { label, rate, from: Math.max(from, within.from), to: Math.min(to, within.to) };
      const last = cuts.at(-1);
      if (cut.from >= cut.to) continue;
      if (last && last.to === cut.from && last.label === label && last.rate === rate) last.to = cut.to;
      else cuts.push(cut);
    }
  }
  const [rate] = pair.rates;
  return cuts.length === 0 && rate ? [{ label: null, rate, from: 0, to: 0 }] : cuts;
}

/**
 * A cost at a rate, rounded once. Up to `top` the whole units of the rate and the rest are multiplied apart, in numbers that a
 * processor divides quickly. Beyond it a HUGEINT holds a charge below 2⁶³ times a rate of at most 18 digits, doubled as well.
 */
function stated(cost: string): string {
  const size = `abs(c.${cost})`;
  const quick = `(${size} // b.d) * b.n + ((${size} % b.d) * b.n * 2 + b.d) // (2 * b.d)`;
  const exact = `(2 * abs(c.${cost}::HUGEINT) * b.num + b.den) // (2 * b.den)`;
  return `CASE WHEN c.${cost} BETWEEN 0 AND b.top THEN (${quick})::HUGEINT ELSE sign(c.${cost}) * (${exact}) END AS ${cost}`;
}

const MAX_BIGINT = 2n ** 63n - 1n;

/** The largest cost whose product with a rate stays a BIGINT in every step; 0 for a rate of too many digits. */
function wholeNumberTop(numerator: bigint, denominator: bigint): bigint {
  if (denominator * numerator * 2n + denominator > MAX_BIGINT) return 0n;
  return numerator <= denominator ? MAX_BIGINT - denominator : ((MAX_BIGINT - numerator) / numerator) * denominator;
}
