import { kql } from "../kql/kql.ts";

/**
 * The histogram bucket of `durationMs`, round(ln(max(ms, 1)) / ln(1.02 / 0.98)), or -1 without a latency. The half of the
 * rounding is away from zero, as everywhere in the product.
 */
export const LATENCY_BUCKET = kql`| extend bucket = iff(isnull(durationMs), long(-1), tolong(round(log(iff(durationMs < 1, 1.0, todouble(durationMs))) / log(1.02 / 0.98))))`;
