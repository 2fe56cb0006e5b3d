import type { CallContext, Expr } from "./expression-types.ts";

/** The percentages that an argument of a percentile writes out, as SQL shares of one: a number, or an array of them. */
export function literalShares(rank: Expr, { refuse }: Pick<CallContext, "refuse">): string[] {
  const { literal } = rank;
  if (literal?.kind === "dynamic") {
    const numbers: unknown = JSON.parse(literal.json);
    if (!Array.isArray(numbers)) return refuse("takes numbers, or one array of them");
    return numbers.map((number) => shareOf(Number(number), refuse));
  }
  if (literal?.kind === "integer") return [shareOf(Number(literal.value), refuse)];
  if (literal?.kind === "number") return [shareOf(literal.value, refuse)];
  return refuse("needs its percentage written out as a number");
}

function shareOf(percentage: number, refuse: CallContext["refuse"]): string {
  if (!(percentage >= 0 && percentage <= 100)) return refuse("takes a percentage between 0 and 100");
  // Twelve digits keep 99.9 exact.
  return (percentage / 100).toPrecision(12);
}
